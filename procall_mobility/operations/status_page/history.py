"""The past of some figures, in rings: fine for minutes, coarse for a day, and never more.

Nothing of it is kept anywhere but in memory, and the memory is taken at once.
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

NOTHING: Final = math.nan
"""A figure nobody knows."""


@frozen
class Series:
    """One figure over time."""

    name: str
    unit: str
    """What one of it is: `sessions`, `bits per second` ..."""
    text: str
    """What it says, in a few words."""
    keeps_peaks: bool = False
    """Whether a coarser step keeps the highest of its figures, instead of their mean."""


@frozen
class Span:
    """How far a ring reaches back."""

    name: str
    period: int
    """Seconds from one step to the next."""
    steps: int


SPANS: Final = (Span("5min", 1, 300), Span("1h", 10, 360), Span("24h", 60, 1440))
"""Each period is a multiple of the one before: one step is made of several finer ones."""


SPARE: Final = 8
"""Places of a ring beyond its steps: what is being told is not overwritten by what comes."""


class Ring:
    """The last steps of all series."""

    def __init__(self, span: Span, width: int) -> None:
        self.span = span
        self._width = width
        self._places = span.steps + SPARE
        self._times = array("d", bytes(8 * self._places))
        self._figures = array("d", bytes(8 * self._places * width))
        self._count = 0

    def add(self, at: float, figures: Sequence[float]) -> None:
        """Take a step in; it takes the place of the oldest."""
        place = self._count % self._places
        self._times[place] = at
        self._figures[place * self._width : (place + 1) * self._width] = array("d", figures)
        self._count += 1

    def last(self, most: int) -> range:
        """Return the numbers of the last steps, the oldest first; they only grow."""
        held = min(most, self.span.steps, self._count)
        return range(self._count - held, self._count)

    def times(self, steps: Iterable[int]) -> list[float]:
        """Return when these steps were."""
        return [self._times[step % self._places] for step in steps]

    def figures(self, series: int, steps: Iterable[int]) -> list[float]:
        """Return one series of these steps."""
        column = self._figures[series :: self._width]
        return [column[step % self._places] for step in steps]


class Coarser:
    """Makes one step of several finer ones."""

    def __init__(self, ring: Ring, series: Sequence[Series]) -> None:
        self.ring = ring
        self._series = series
        self._step: int | None = None
        self._held: list[Sequence[float]] = []

    def add(self, at: float, figures: Sequence[float]) -> None:
        """Take a finer step in; the first of the next step ends the one before."""
        step = math.floor(at / self.ring.span.period)
        if self._held and step != self._step:
            period = self.ring.span.period
            self.ring.add(((self._step or 0) + 1) * period, self._summed_up())
            self._held = []
        self._step = step
        self._held.append(figures)

    def _summed_up(self) -> list[float]:
        return [
            _one(column, keeps_peaks=series.keeps_peaks)
            for series, column in zip(self._series, zip(*self._held, strict=True), strict=True)
        ]


class History:
    """All rings; times are those of a clock that is never set, and goes on while we sleep."""

    def __init__(self, series: Sequence[Series], spans: Sequence[Span] = SPANS) -> None:
        self.series = tuple(series)
        finest, *others = (Ring(span, len(self.series)) for span in spans)
        self.finest = finest
        self._coarser = [Coarser(ring, self.series) for ring in others]

    @property
    def rings(self) -> tuple[Ring, ...]:
        """Return them, the finest first."""
        return self.finest, *(each.ring for each in self._coarser)

    def add(self, at: float, figures: Sequence[float]) -> None:
        """Take a step of the finest ring in, one figure for each series."""
        self.finest.add(at, figures)
        for each in self._coarser:
            each.add(at, figures)


def _one(figures: Sequence[float], *, keeps_peaks: bool) -> float:
    known = [each for each in figures if not math.isnan(each)]
    if not known:
        return NOTHING
    return max(known) if keeps_peaks else math.fsum(known) / len(known)
