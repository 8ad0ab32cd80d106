"""Takes the figures that are plotted, once a second, from what is counted anyway."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from attrs import define, field

from procall_mobility.operations.status_page.history import NOTHING, History, Series

EVERY: Final = 1.0
"""Seconds from one sample to the next."""


class Figures(Protocol):
    """Whoever knows some of the figures."""

    @property
    def series(self) -> Sequence[Series]:
        """What they are."""

    def sample(self, now: float) -> Iterable[float]:
        """Return them, in this order; a fraction of a millisecond is what may be spent."""


@define(eq=False)
class Rate:
    """How fast a count grows: what there was since the last look, by the seconds since."""

    count: Callable[[], float]
    _last: tuple[float, float] | None = field(default=None, init=False)

    def look(self, now: float) -> float:
        """Return how much a second; it is not known at the first look."""
        count, last = self.count(), self._last
        self._last = now, count
        if last is None or now <= last[0]:
            return NOTHING
        return max(0.0, (count - last[1]) / (now - last[0]))


class Sampler:
    """Call `sample` every so often."""

    def __init__(self, sources: Sequence[Figures], now: Callable[[], float]) -> None:
        self.history = History([each for source in sources for each in source.series])
        self._sources = sources
        self._now = now

    def sample(self) -> None:
        """Take a sample."""
        now = self._now()
        self.history.add(now, [each for source in self._sources for each in source.sample(now)])
