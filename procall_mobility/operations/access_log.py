"""The access book: the port `AccessBook`, written to a sink."""

from collections.abc import Callable
from functools import partial
from typing import Final

from procall_mobility.gateway.access import AccessEntry
from procall_mobility.gateway.refusal_lines import PERIOD, REFUSALS, RefusalLines
from procall_mobility.operations.rendering import Local, Pseudonyms, Stamps, as_json, as_text
from procall_mobility.operations.sinks import INFORMATION, Sink


class AccessLog:
    """Writes one line for each entry, and counts them; of refusals, as many as are bearable."""

    period: Final = PERIOD
    """Seconds after which `end_period` is to be called, again and again."""

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
        self._stamps_of = partial(Stamps, wall_clock, local)
        self._form(json=json)
        self._refusals = RefusalLines()
        self.counters: dict[str, int] = {}
        """How often each event happened; events that end for a reason, by reason too."""
        self.heard: list[Callable[[AccessEntry], None]] = []
        """Who is told every entry, too."""

    def write(self, entry: AccessEntry) -> None:
        """Add one line, unless there were many like it lately."""
        self._count(entry.event.value)
        if entry.reason is not None:
            self._count(f"{entry.event.value}: {entry.reason.value}")
        for hear in self.heard:
            hear(entry)
        if entry.event not in REFUSALS or self._refusals.admits(entry):
            self._write(entry)

    def end_period(self) -> None:
        """Tell how many refusals were left out since this was called last."""
        for entry in self._refusals.end_period():
            self._write(entry)

    def change(self, sink: Sink | None, *, json: bool) -> None:
        """Write to another sink from now on, if there is one, and in this form."""
        if sink is not None:
            self._sink.close()
            self._sink = sink
        self._form(json=json)

    def reopen(self) -> None:
        """Go on in a fresh file."""
        self._sink.reopen()

    def close(self) -> None:
        """Tell what is untold, and let go of the sink."""
        self.end_period()
        self._sink.close()

    def _form(self, *, json: bool) -> None:
        self._stamps = self._stamps_of(fine=json)
        self._render = as_json if json else as_text

    def _write(self, entry: AccessEntry) -> None:
        line = self._render(entry, self._stamps.now(), self.names)
        self._sink.write(line, INFORMATION)

    def _count(self, key: str) -> None:
        # Events and reasons are enumerations of ours: the table cannot grow without bound.
        self.counters[key] = self.counters.get(key, 0) + 1
