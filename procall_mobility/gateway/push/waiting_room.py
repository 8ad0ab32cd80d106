"""What operators see and do about pushes that wait: they may make them due now.

Delayed pushes are gone through a little at a time: a hundred thousand may wait.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from attrs import define, frozen

from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.push.lanes import TURN, Lanes
from procall_mobility.gateway.push.ledger import Ledger
from procall_mobility.gateway.push.trace import Stage
from procall_mobility.gateway.push.waiting import Waiting

AT_ONCE: Final = 1000
"""Pushes made due in one go: some milliseconds, then others have a turn."""


class UnknownTarget(ValueError):
    """There is no such lane or push."""


@frozen(kw_only=True)
class Hurried:
    """What came of it."""

    pushes: int
    """Delayed ones that are due now."""
    lanes: tuple[str, ...]
    """Those that may try their provider again at once, whatever it has refused before."""


@define(eq=False)
class WaitingRoom:
    """All pushes that have not ended."""

    _ledger: Ledger
    _lanes: Lanes
    _alarms: Alarms
    _settle: Callable[[float], None]

    def pushes(self) -> tuple[Waiting, ...]:
        """Return all, as the queues see them."""
        return self._ledger.all()

    def hurry(
        self, now: float, *, lane: str | None = None, customer: str | None = None
    ) -> Hurried:
        """Hurry all that waits, in one lane or of one customer if they are named.

        Raises:
            UnknownTarget: there is no such lane.
        """
        if lane is not None and lane not in self._lanes.all:
            raise UnknownTarget(f"there is no lane {lane}")
        names = {lane} if lane is not None else self._named(customer)
        count = 0
        for name in names:
            delayed = self._lanes.all[name].delayed(customer)
            count += len(delayed)
            self._lanes.touch(name, now).probe(now)
            self._some(name, delayed, now)
        self._settle(now)
        return Hurried(pushes=count, lanes=tuple(sorted(names)))

    def hurry_one(self, push: str, now: float) -> Hurried:
        """Hurry one push.

        Raises:
            UnknownTarget: no such push waits.
        """
        waiting = self._ledger.open.get(push)
        if waiting is None:
            raise UnknownTarget("no such push waits: it has ended, or there never was one")
        name = waiting.lane
        self._lanes.touch(name, now).probe(now)
        is_delayed = waiting.is_queued and not waiting.is_ready
        self._some(name, [waiting], now)
        self._settle(now)
        return Hurried(pushes=int(is_delayed), lanes=(name,))

    def _named(self, customer: str | None) -> set[str]:
        """Return all lanes, or those in which a customer has pushes."""
        if customer is None:
            return set(self._lanes.all)
        return {each.lane for each in self._ledger.all() if each.customer == customer}

    def _some(self, name: str, pushes: Sequence[Waiting], now: float) -> None:
        """Hurry the first, and arrange for the others."""
        # Others have ended meanwhile, or go by another lane; theirs may be no more.
        first = [each for each in pushes[:AT_ONCE] if each.lane == name and self._ledger.has(each)]
        if first:
            self._lanes.touch(name, now).hurry(first, now)
            _trace(first, now)
        if others := pushes[AT_ONCE:]:
            self._alarms.set(now + TURN, lambda later: self._some(name, others, later))


def _trace(pushes: Iterable[Waiting], now: float) -> None:
    for each in pushes:
        if each.trace is not None:
            each.trace.add(Stage.RETRIED, now)
