"""The service book: what the daemon itself has to say, from `twisted.logger` to a sink."""

import json
from collections.abc import Callable, Mapping
from functools import partial

from twisted.logger import ILogObserver, LogEvent, LogLevel
from zope.interface import implementer

from procall_mobility.operations.rendering import Local, Stamps, plain
from procall_mobility.operations.sinks import Sink

SHOWN = frozenset(
    {"address", "certificate", "customer", "error", "errors", "failure_type", "file", "link",
     "name", "reason", "seconds", "signal", "text", "until", "version", "where", "count"}
)  # fmt: skip
"""Fields that may appear; any other one is dropped, whoever put it there."""

PRIORITIES = {
    LogLevel.debug: 7,
    LogLevel.info: 6,
    LogLevel.warn: 4,
    LogLevel.error: 3,
    LogLevel.critical: 2,
}

OURS = "procall_mobility"
WEBSOCKETS = "autobahn"
"""It warns of every frame a peer has broken, and calls a peer's TLS an error: strangers could fill
the book.  What it lets through from us is told by ourselves."""


Heard = Callable[[str, str, Mapping[str, str]], None]
"""Takes the level, what happened, and the details that may appear."""


@implementer(ILogObserver)
class ServiceLog:
    """Observes the log; of other packages only warnings and worse are of interest."""

    def __init__(
        self,
        sink: Sink,
        wall_clock: Callable[[], float],
        local: Local,
        *,
        least: str,
        json: bool,
    ) -> None:
        self._sink = sink
        self._stamps_of = partial(Stamps, wall_clock, local)
        self._form(least, json=json)
        self.lines = dict.fromkeys((level.name for level in PRIORITIES), 0)
        """How many were written, by level."""
        self.bugs = 0
        """Failures of our own making that were caught at the guard."""
        self.heard: Heard = lambda level, what, details: None
        """Is told what is written, too."""

    def __call__(self, event: LogEvent) -> None:
        """Write one event."""
        level = event.get("log_level", LogLevel.info)
        namespace = str(event.get("log_namespace", ""))
        is_ours = namespace.startswith(OURS)
        others = LogLevel.critical if namespace.startswith(WEBSOCKETS) else LogLevel.warn
        least = self._least if is_ours else max(self._least, others)
        if level < least:
            return
        if level >= LogLevel.critical:
            self.bugs += 1
        self.lines[level.name] += 1
        what, details = _told(event, is_ours=is_ours)
        self._sink.write(self._rendered(level.name, what, details), PRIORITIES[level])
        self.heard(level.name, what, details)

    def change(self, sink: Sink | None, *, least: str, json: bool) -> None:
        """Write to another sink from now on, if there is one, from this level on, in this form."""
        if sink is not None:
            self._sink.close()
            self._sink = sink
        self._form(least, json=json)

    def reopen(self) -> None:
        """Go on in a fresh file."""
        self._sink.reopen()

    def close(self) -> None:
        """Let go of the sink."""
        self._sink.close()

    def _form(self, least: str, *, json: bool) -> None:
        self._least = LogLevel.levelWithName(least)
        self._json = json
        self._stamps = self._stamps_of(fine=json)

    def _rendered(self, level: str, what: str, details: Mapping[str, str]) -> str:
        time = self._stamps.now()
        if self._json:
            return json.dumps({"time": time, "level": level, "event": what, **details})
        words = [f"{key}={plain(value)}" for key, value in details.items()]
        return " ".join([time, level, what, *words])


def _told(event: LogEvent, *, is_ours: bool) -> tuple[str, dict[str, str]]:
    """Return what happened and the details that may appear."""
    # Sentences of other packages may quote anything; of theirs only the kind is shown.
    said = str(event.get("log_format") or "") if is_ours else ""
    shown = sorted(SHOWN & event.keys()) if is_ours else []
    details = {key: str(event[key]) for key in shown}
    failure = event.get("log_failure")
    if failure is not None:
        details["failure"] = _where(failure)
    return said or _kind(event), details


def _kind(event: LogEvent) -> str:
    namespace = str(event.get("log_namespace", "?"))
    failure = event.get("log_failure")
    return f"fault in {namespace}" if failure is not None else f"warning of {namespace}"


def _where(failure: object) -> str:
    """Return type and place of a failure: its text and variables may hold what peers sent."""
    kind = getattr(getattr(failure, "type", None), "__name__", "?")
    frames = getattr(failure, "frames", [])
    places = [f"{frame[1].rpartition('/')[2]}:{frame[2]} {frame[0]}" for frame in frames[-6:]]
    return f"{kind} at " + " < ".join(reversed(places))
