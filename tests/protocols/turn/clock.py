"""Time that passes when it is told to."""

import heapq
import itertools
from collections.abc import Callable, Iterator

from attrs import define, field


@define(eq=False)
class Clock:
    """A clock, and what is due by it."""

    now: float = 1_000_000.0
    _due: list[tuple[float, int, Callable[[], None]]] = field(factory=list)
    _numbers: Iterator[int] = field(factory=itertools.count)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now + seconds, next(self._numbers), call))

    def next(self) -> float | None:
        return self._due[0][0] if self._due else None

    def run(self) -> None:
        """Do what is due now."""
        while self._due and self._due[0][0] <= self.now:
            heapq.heappop(self._due)[2]()
