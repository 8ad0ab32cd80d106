"""Which refusals have a line of their own in the access book, and which are only counted.

Anybody can be refused as often as there are packets: the book of whoever wrote each of them down
would grow as fast as a stranger likes.  So within a period each source has a few lines for each
reason, and all sources together have a bounded number; what is left out is told as one line with
its number when the period ends.
"""

from typing import Final

from attrs import define, field

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.stun.addresses import vicinity

PERIOD: Final = 60.0
"""Seconds: whoever looks on sees within a minute how many there were."""

LINES_OF_ONE: Final = 5
"""Of one source for one reason: as many as programs that ban addresses wait for."""

LINES_OF_ALL: Final = 60
"""Of all sources for one reason: one a second.  Reasons do not share it, so that a flood of one
kind hides no refusal of another.  So many sources at most are remembered for each, too."""

REFUSALS: Final = frozenset(
    {
        Event.LINK_REFUSED,
        Event.LOGIN_REFUSED,
        Event.REQUEST_REFUSED,
        Event.CONNECTION_REFUSED,
    }
)
"""What happens to strangers.  Refused relays and pushes belong to customers, whose lines are
bounded where they are written."""


@define(eq=False)
class _Source:
    """Refusals of one source for one reason; or of all that are not remembered."""

    lines: int = 0
    left_out: int = 0


@define(eq=False)
class _Kind:
    """Refusals for one reason."""

    lines: int = 0
    sources: dict[str | None, _Source] = field(factory=dict)
    others: _Source = field(factory=_Source)


@define(eq=False)
class RefusalLines:
    """Counts refusals from the end of one period to that of the next."""

    _kinds: dict[tuple[Event, Reason | None], _Kind] = field(factory=dict, init=False)
    """Events and reasons are enumerations of ours: there is a bounded number of kinds."""

    def admits(self, entry: AccessEntry) -> bool:
        """Tell whether a refusal has a line; if not, it is counted as left out."""
        kind = self._kinds.get((entry.event, entry.reason))
        if kind is None:
            kind = self._kinds[entry.event, entry.reason] = _Kind()
        name = None if entry.client is None else vicinity(entry.client)
        source = kind.sources.get(name)
        has_room = kind.lines < LINES_OF_ALL
        if source is None:
            # Only what had a line is remembered by name, which bounds the names too.
            source = kind.sources.setdefault(name, _Source()) if has_room else kind.others
        if not has_room or source.lines >= LINES_OF_ONE:
            source.left_out += 1
            return False
        kind.lines += 1
        source.lines += 1
        return True

    def end_period(self) -> list[AccessEntry]:
        """Return what was left out, one entry for each source and reason, and begin anew."""
        ended, self._kinds = self._kinds, {}
        return [
            AccessEntry(
                event=event, client=client, reason=reason, left_out=source.left_out, note=note
            )
            for (event, reason), kind in ended.items()
            for client, source, note in (
                *((name, each, None) for name, each in kind.sources.items()),
                (None, kind.others, "from other addresses"),
            )
            if source.left_out
        ]
