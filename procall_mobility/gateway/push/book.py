"""What the access book says of pushes: one line for each when it has ended, or of calls alone.

Of what was not accepted there is one line in a while for each customer and reason: whoever floods
us does not flood the book as well.
"""

import enum
from collections.abc import Callable, Mapping
from typing import Final

from attrs import define, field

from procall_mobility.gateway.access import AccessEntry, Device, Event
from procall_mobility.gateway.allowance import Allowance
from procall_mobility.gateway.ports import AccessBook
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.statistics import CLASSES, PushStatistics
from procall_mobility.gateway.push.waiting import Waiting
from procall_mobility.protocols.push.notification import Urgency

REFUSALS_PER_SECOND, REFUSAL_BURST = 0.1, 5.0
"""Lines about one reason at one customer; each customer has its own share."""

EVENTS: Final[Mapping[State, Event]] = {
    State.SENT: Event.PUSH_SENT,
    State.REJECTED: Event.PUSH_REJECTED,
    State.EXPIRED: Event.PUSH_EXPIRED,
    State.REPLACED: Event.PUSH_REPLACED,
    State.TOKEN_GONE: Event.PUSH_TOKEN_GONE,
}


class Which(enum.StrEnum):
    """Of which pushes there are lines."""

    ALL = "all"
    CALLS = "calls"
    NONE = "none"


@define(eq=False, kw_only=True)
class PushBook:
    """Writes lines, and counts what there is no line of as well."""

    book: AccessBook
    which: Which
    clock: Callable[[], float] = field(repr=False)
    statistics: PushStatistics = field(factory=PushStatistics, init=False)
    _refusals: dict[tuple[str, str | None], Allowance] = field(factory=dict, init=False)
    """By customer and reason, of both of which there is a bounded number."""
    _least: int = field(init=False)
    """The least urgent class there are lines of: one comparison for each push of the others."""

    def __attrs_post_init__(self) -> None:
        self.change(self.which)

    def change(self, which: Which) -> None:
        """Write lines of other pushes from now on."""
        self.which = which
        least = {Which.ALL: max(Urgency), Which.CALLS: Urgency.CALL, Which.NONE: -1}
        self._least = int(least[self.which])

    def ended(self, waiting: Waiting, state: State, reason: str | None) -> None:
        """Write that a push has ended, if it is one of those there are lines of."""
        now = self.clock()
        self.statistics.end(waiting, state, reason, now)
        if waiting.urgency > self._least:
            return
        self.book.write(
            AccessEntry(
                event=EVENTS[state],
                customer=waiting.customer,
                duration=now - waiting.since,
                urgency=CLASSES[waiting.urgency],
                lane=waiting.lane,
                device=Device(waiting.device),
                push=waiting.id,
                why=reason,
            )
        )

    def not_accepted(self, customer: str, reason: str | None) -> None:
        """Write that a push was not accepted, unless the same was written a moment ago."""
        self.statistics.refuse(customer, reason)
        if self.which is Which.NONE:
            return
        now = self.clock()
        allowance = self._refusals.get((customer, reason))
        if allowance is None:
            allowance = Allowance(REFUSALS_PER_SECOND, REFUSAL_BURST, now)
            self._refusals[customer, reason] = allowance
        if allowance.take(now):
            self.book.write(
                AccessEntry(event=Event.PUSH_NOT_ACCEPTED, customer=customer, why=reason)
            )


class _Nothing:
    """A book nobody reads."""

    def write(self, entry: AccessEntry) -> None:
        """Forget the line."""


def silent_book() -> PushBook:
    """Return a book without lines."""
    return PushBook(book=_Nothing(), which=Which.NONE, clock=lambda: 0.0)
