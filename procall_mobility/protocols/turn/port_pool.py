"""Which relay ports are free; drawn by chance, so that nobody guesses the next one."""

from array import array
from collections.abc import Callable

Choose = Callable[[int], int]
"""Returns a number from 0 to below its argument that cannot be predicted."""


class PortPool:
    """The relay ports of one address."""

    def __init__(self, first: int, last: int, choose: Choose) -> None:
        """Own the ports from `first` to `last`, both included."""
        self._free = array("H", range(first, last + 1))
        self._first = first
        self._last = last
        self._choose = choose

    def __len__(self) -> int:
        return len(self._free)

    def take(self) -> int | None:
        """Return a port that is free; None when there is none."""
        return self._pull(self._choose(len(self._free))) if self._free else None

    def take_even(self) -> int | None:
        """Return an even port, or None (RFC 8656 section 7.2, EVEN-PORT)."""
        return self._first_that(lambda port: not port & 1)

    def take_pair(self) -> int | None:
        """Return an even port, the one after it taken as well; None when there is no pair."""
        free = set(self._free)
        port = self._first_that(lambda port: not port & 1 and port + 1 in free)
        if port is not None:
            self._pull(self._free.index(port + 1))
        return port

    def give_back(self, port: int) -> None:
        """Return a port that was taken."""
        if not self._first <= port <= self._last:
            raise ValueError("the port is not of this pool")
        self._free.append(port)

    def _first_that(self, fits: Callable[[int], bool]) -> int | None:
        count = len(self._free)
        begin = self._choose(count) if count else 0
        for step in range(count):
            index = (begin + step) % count
            if fits(self._free[index]):
                return self._pull(index)
        return None

    def _pull(self, index: int) -> int:
        port = self._free[index]
        self._free[index] = self._free[-1]
        self._free.pop()
        return port
