"""How late the reactor comes to what is due: whoever is late serves nobody meanwhile."""

from bisect import bisect_left
from collections.abc import Callable
from typing import Final

EVERY: Final = 0.5
"""Seconds between looks."""

BOUNDS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""Seconds: what calls do not feel, up to what everybody does."""


class Lateness:
    """Call `look` every so often; it counts how much later than that it is called."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Take the monotonic clock."""
        self._now = now
        self._due: float | None = None
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0
        self.last = 0.0
        """Seconds, of the last look."""

    def look(self) -> None:
        """Count how late this is; looks that were left out meanwhile are a part of it."""
        now = self._now()
        if self._due is not None:
            self.last = max(0.0, now - self._due)
            self.counts[bisect_left(BOUNDS, self.last)] += 1
            self.total += self.last
        self._due = now + EVERY
