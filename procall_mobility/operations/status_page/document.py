"""The two kinds of documents behind the page, in JSON: what is now, and what was."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isnan
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred

from procall_mobility.operations.status_page import expiry_facts, incidents
from procall_mobility.operations.status_page.connection_facts import ConnectionFacts
from procall_mobility.operations.status_page.expiry_facts import Ending
from procall_mobility.operations.status_page.history import History, Ring
from procall_mobility.operations.status_page.incidents import Incidents
from procall_mobility.operations.status_page.making import Piece
from procall_mobility.operations.status_page.push_facts import PushFacts
from procall_mobility.operations.status_page.relay_facts import RelayFacts

LATEST: Final = 10
"""Samples told with what is now: whoever asks every few seconds misses none."""

DIGITS: Final = "%.6g"
"""Six significant ones of a figure are more than a plot shows."""


@define(eq=False, kw_only=True)
class StatusDocument:
    """What is now."""

    about: Callable[[], Mapping[str, Any]]
    """Version, name, uptime, where it listens: what is the daemon's own."""
    readiness: "Callable[[], Deferred[Mapping[str, Any]]]"
    connections: ConnectionFacts
    relay: RelayFacts | None
    push: PushFacts | None
    endings: Callable[[], Iterable[Ending]]
    incidents: Incidents
    history: History
    now: Callable[[], float] = field(repr=False)
    wall_clock: Callable[[], float] = field(repr=False)
    offset: Callable[[], float] = field(repr=False)
    """What makes Unix seconds of the history's times."""

    def pieces(self) -> Iterator[Piece]:
        """Yield it; what is switched off is null."""
        yield b'{"now": %s' % _json(self._now())
        yield self.readiness().addCallback(lambda told: _member("readiness", told))
        yield from self.connections.count()
        yield _member("links", self.connections.links(self.now()))
        yield _member("sessions", self.connections.sessions())
        if self.relay is not None:
            yield from self.relay.count(self.now())
        yield _member("relay", None if self.relay is None else self.relay.told())
        yield _member("push", None if self.push is None else self.push.told())
        yield _member("expiries", expiry_facts.facts(self.endings(), self.wall_clock()))
        yield _member("incidents", incidents.facts(self.incidents.latest()))
        yield b', "samples": %s}\n' % _latest(self.history, self.offset())

    def _now(self) -> dict[str, Any]:
        return {"time": round(self.wall_clock(), 3), **self.about()}


@define(eq=False, kw_only=True)
class HistoryDocument:
    """What was, as far back as one ring reaches."""

    history: History
    ring: Ring
    offset: Callable[[], float] = field(repr=False)

    def pieces(self) -> Iterator[Piece]:
        """Yield it, a series at a time: a day of one takes a millisecond."""
        span = self.ring.span
        steps = self.ring.last(span.steps)
        times = _times(self.ring, self.offset(), steps)
        yield b'{"span": %s, "period": %d, "times": [%s], "series": {' % (
            _json(span.name),
            span.period,
            times,
        )
        for number, series in enumerate(self.history.series):
            yield b'%s%s: {"unit": %s, "text": %s, "values": [%s]}' % (
                b", " if number else b"",
                _json(series.name),
                _json(series.unit),
                _json(series.text),
                _figures(self.ring, number, steps),
            )
        yield b"}}\n"


def _latest(history: History, offset: float) -> bytes:
    ring = history.finest
    steps = ring.last(LATEST)
    series = b", ".join(
        b"%s: [%s]" % (_json(each.name), _figures(ring, number, steps))
        for number, each in enumerate(history.series)
    )
    times = _times(ring, offset, steps)
    return b'{"period": %d, "times": [%s], "series": {%s}}' % (ring.span.period, times, series)


def _times(ring: Ring, offset: float, steps: Iterable[int]) -> bytes:
    return ",".join(["%.1f" % (at + offset) for at in ring.times(steps)]).encode()


def _figures(ring: Ring, series: int, steps: Iterable[int]) -> bytes:
    """Return the members of an array; written by hand, as there may be a day of them."""
    figures = ring.figures(series, steps)
    return ",".join(["null" if isnan(each) else DIGITS % each for each in figures]).encode()


def _member(name: str, value: Any) -> bytes:
    return b', "%s": %s' % (name.encode(), _json(value))


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
