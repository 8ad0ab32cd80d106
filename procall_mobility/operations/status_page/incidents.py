"""What went wrong lately, and what came well again: a bounded number of lines in memory.

What happens again and again is one line with a count, so that one customer's bad line, or a
stranger who tries passwords, does not push everything else out.
"""

import enum
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attrs import define, field

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.push.applications.ways import AT
from procall_mobility.gateway.push.lane.breaker import State
from procall_mobility.gateway.push.lane.lane import Lane
from procall_mobility.gateway.reasons import Reason
from procall_mobility.operations.rendering import escaped, lasted

MOST: Final = 200
"""Lines: more than anybody reads; the access book and the service log have all of it."""


class Level(enum.StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    NEWS = "news"
    """Nothing is wrong, or not any more."""


@define
class Incident:
    """One line."""

    level: Level
    what: str
    details: str
    customer: str | None
    first: float
    """Unix seconds."""
    last: float
    count: int = 1


OF_LINKS: Final = {
    Event.LINK_OPENED: Level.NEWS,
    Event.LINK_LOST: Level.ERROR,
    Event.LINK_REFUSED: Level.WARNING,
}

NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")

WANTED: Final = frozenset({Reason.SHUTTING_DOWN, Reason.REPLACED, Reason.REDIRECTED})
"""Reasons for which a link ends and nothing is wrong."""

OF_LOG: Final = {"warn": Level.WARNING, "error": Level.ERROR, "critical": Level.ERROR}

SEEN: Final = {"push lane well again": Level.NEWS, "certificate loaded": Level.NEWS,
    "reloaded": Level.NEWS, "started": Level.NEWS, "stopping": Level.NEWS}  # fmt: skip
"""Lines of the service log that are no warning, and belong to the story all the same."""


@define(eq=False, kw_only=True)
class Incidents:
    """The last of them; tell it all that the books are told."""

    wall_clock: Callable[[], float] = field(repr=False)
    _held: OrderedDict[tuple[str, ...], Incident] = field(factory=OrderedDict, init=False)

    def latest(self) -> list[Incident]:
        """Return them, the latest first."""
        return list(reversed(self._held.values()))

    def note(
        self,
        level: Level,
        what: str,
        details: str = "",
        customer: str | None = None,
        *,
        kind: str | None = None,
    ) -> None:
        """Take one in; one like it is counted, and is the latest again.

        Args:
            level: how bad it is.
            what: in a few words.
            details: what else there is to say.
            customer: whom it is about.
            kind: what those that are alike have in common, where it is not all of the details.
        """
        now = self.wall_clock()
        key = (level.value, what, customer or "", details if kind is None else kind)
        known = self._held.pop(key, None)
        if known is None:
            known = Incident(level, what, details, customer, now, now, 0)
        known.details, known.last = details, now
        known.count += 1
        self._held[key] = known
        while len(self._held) > MOST:
            self._held.popitem(last=False)

    def logged(self, level: str, what: str, details: Mapping[str, str]) -> None:
        """Take in what the service log says; it has left out what nobody is to see."""
        kind = OF_LOG.get(level) or SEEN.get(what)
        if kind is not None:
            told = {name: value for name, value in details.items() if name != "customer"}
            text = ", ".join(f"{name} {escaped(value)}" for name, value in told.items())
            self.note(kind, what, text, details.get("customer"), kind=_alike(told))

    def entered(self, entry: AccessEntry) -> None:
        """Take in what the access book says of customers' servers; no address is a part of it."""
        level = OF_LINKS.get(entry.event)
        if level is None:
            return
        is_wanted = entry.event is Event.LINK_LOST and entry.reason in WANTED
        said = [
            entry.via,
            entry.reason.text if entry.reason is not None else None,
            f"it was up for {lasted(entry.duration)}" if entry.duration is not None else None,
            entry.note,
        ]
        told = ", ".join(each for each in said if each)
        kind = f"{entry.via} {entry.reason}"
        level = Level.NEWS if is_wanted else level
        self.note(level, entry.event.value, told, entry.customer, kind=kind)


class Breakers:
    """Looks at the breakers of lanes, and notes those that have opened, and closed again.

    Of suspended ones the service log says more.
    """

    def __init__(self, lanes: Callable[[], Mapping[str, Lane]], incidents: Incidents) -> None:
        self._lanes = lanes
        self._incidents = incidents
        self._open: set[str] = set()

    def look(self) -> None:
        """Look; call it every second, which is how long one stays open at least."""
        lanes = self._lanes()
        self._open &= lanes.keys()
        for name, lane in lanes.items():
            state = lane.health.state
            if state is State.OPEN and name not in self._open:
                self._open.add(name)
                self._note(
                    Level.ERROR,
                    "push breaker opened",
                    name,
                    "its provider fails or asks for a pause",
                )
            elif state is State.CLOSED and name in self._open:
                self._open.discard(name)
                self._note(Level.NEWS, "push breaker closed", name, "its provider works again")

    def _note(self, level: Level, what: str, lane: str, why: str) -> None:
        # Strangers name what comes after the sign, and could fill the list.
        self._incidents.note(level, what, f"{lane.partition(AT)[0]}, {why}")


def _alike(details: Mapping[str, str]) -> str:
    """Return what lines that tell of the same have in common.

    Numbers are how often or how long, and what comes after the sign is named by strangers.
    """
    return ", ".join(
        f"{name} {'' if NUMBER.fullmatch(value) else value.partition(AT)[0]}"
        for name, value in details.items()
    )


def facts(incidents: Iterable[Incident]) -> list[dict[str, Any]]:
    """Return them as JSON has them."""
    return [
        {
            "level": each.level.value,
            "what": each.what,
            "details": each.details,
            "customer": each.customer,
            "first": round(each.first, 1),
            "last": round(each.last, 1),
            "count": each.count,
        }
        for each in incidents
    ]
