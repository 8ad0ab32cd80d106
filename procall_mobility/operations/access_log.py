"""The access book: the port `AccessBook`, written to a sink."""

from collections.abc import Callable

from procall_mobility.gateway.access import AccessEntry
from procall_mobility.operations.rendering import Local, Pseudonyms, Stamps, as_json, as_text
from procall_mobility.operations.sinks import INFORMATION, Sink


class AccessLog:
    """Writes one line for each entry, and counts them."""

    def __init__(
        self,
        sink: Sink,
        names: Pseudonyms,
        wall_clock: Callable[[], float],
        local: Local,
        *,
        json: bool,
    ) -> None:
        self._sink = sink
        self.names = names
        self._stamps = Stamps(wall_clock, local, fine=json)
        self._render = as_json if json else as_text
        self.counters: dict[str, int] = {}
        """How often each event was written; events that end for a reason, by reason too."""

    def write(self, entry: AccessEntry) -> None:
        """Add one line."""
        self._count(entry.event.value)
        if entry.reason is not None:
            self._count(f"{entry.event.value}: {entry.reason.value}")
        line = self._render(entry, self._stamps.now(), self.names)
        self._sink.write(line, INFORMATION)

    def reopen(self) -> None:
        """Go on in a fresh file."""
        self._sink.reopen()

    def close(self) -> None:
        """Let go of the sink."""
        self._sink.close()

    def _count(self, key: str) -> None:
        # Events and reasons are enumerations of ours: the table cannot grow without bound.
        self.counters[key] = self.counters.get(key, 0) + 1
