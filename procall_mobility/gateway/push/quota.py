"""What each customer may push: how fast, and how much may wait."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from attrs import define, frozen

from procall_mobility.gateway.allowance import Allowance
from procall_mobility.gateway.push.applications.ways import AT
from procall_mobility.gateway.push.waiting import Waiting
from procall_mobility.protocols.push.notification import Urgency

WAITING_AGAIN = 30.0
"""Seconds until a customer whose queue is full is told to try again."""

PART = 2
"""Where tokens name whom to call, all places together have one share, or whoever makes tokens up
would have as many as he likes; and one place has such a part of it: some is left for others."""

CALL: Final = Urgency.CALL

MOST_REMEMBERED: Final = 4096
"""Customers' places in lanes that need not be put together again; few are in use at a time."""

Place = tuple[str, str, bool]
"""A customer, a lane or a family of lanes, and whether it is calls that are counted there."""


@frozen(kw_only=True)
class PushShare:
    """A customer's share.  Calls have one of their own, which no flood of chats uses up."""

    weight: float = 1.0
    """Against other customers in the same lane."""
    rate: float = 500.0
    """Pushes per second on average."""
    burst: float = 10_000.0
    queued: int = 20_000
    """Pushes that may wait in one lane: a lane that is dead takes nothing from the others."""
    octets: int = 50_000_000
    """Their size, likewise."""


@frozen(kw_only=True)
class OverQuota:
    """Why a push is not taken."""

    reason: str
    retry_after: float
    """Seconds."""


@define(eq=False)
class _Queued:
    pushes: int = 0
    octets: int = 0


class Quotas:
    """Of all customers.  What is remembered is bounded by their number and the lanes'."""

    def __init__(self, share_of: Callable[[str], PushShare]) -> None:
        self._share_of = share_of
        self._rates: dict[tuple[str, bool], Allowance] = {}
        self._queued: dict[Place, _Queued] = {}

    def refuses(self, push: Waiting, lane: str, now: float) -> OverQuota | None:
        """Return why a new push is not taken; otherwise it has used up some of its rate."""
        share = self._share_of(push.customer)
        places = _places(push.customer, lane, push.urgency is CALL)
        for place in places:
            part = PART if len(places) > 1 and place is places[0] else 1
            queued = self._queued.get(place)
            if queued is None:
                continue
            if queued.pushes * part >= share.queued:
                return OverQuota(reason="too-many-queued", retry_after=WAITING_AGAIN)
            if (queued.octets + push.octets) * part > share.octets:
                return OverQuota(reason="too-much-queued", retry_after=WAITING_AGAIN)
        key = (push.customer, push.urgency is CALL)
        rate = self._rates.get(key)
        if rate is None:
            rate = self._rates[key] = Allowance(share.rate, share.burst, now)
        if not rate.take(now):
            return OverQuota(reason="too-fast", retry_after=math.ceil(1.0 / share.rate))
        return None

    def take(self, push: Waiting, lane: str) -> None:
        """Count a push that waits; what was accepted counts, whatever the quota."""
        for place in _places(push.customer, lane, push.urgency is CALL):
            queued = self._queued.get(place)
            if queued is None:
                queued = self._queued[place] = _Queued()
            queued.pushes += 1
            queued.octets += push.octets

    def release(self, push: Waiting, lane: str) -> None:
        """Count a push no more."""
        for place in _places(push.customer, lane, push.urgency is CALL):
            queued = self._queued[place]
            queued.pushes -= 1
            queued.octets -= push.octets
            if not queued.pushes:
                del self._queued[place]

    def changed(self, customer: str | None) -> None:
        """Forget the rates of a customer whose share is another one, or none any more.

        None is for all of them, who keep their rates as far as they have used them up.
        """
        if customer is None:
            for (each, _), rate in self._rates.items():
                share = self._share_of(each)
                rate.change(share.rate, share.burst)
            return
        for is_call in (False, True):
            self._rates.pop((customer, is_call), None)


@lru_cache(MOST_REMEMBERED)
def _places(customer: str, lane: str, is_call: bool) -> tuple[Place, ...]:
    """Return where a push counts: in its lane, and in the family of lanes it is of."""
    place = (customer, lane, is_call)
    family, at, _ = lane.partition(AT)
    return (place, (customer, family, is_call)) if at else (place,)
