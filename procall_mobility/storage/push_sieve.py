"""Tells quickly of most things that they are not there."""

from collections.abc import Hashable, Iterable
from typing import Final

PLACES: Final = 1 << 24  # A power of two.
"""2 MiB of memory.  With a million things in it, six in a hundred others are mistaken for one."""


class Sieve:
    """A set of texts or octets that says of all that are in it that they may be.

    Where one stands in it, no stranger can know: Python's hashes of them are of this process.
    """

    def __init__(self, things: Iterable[Hashable]) -> None:
        """Begin with some things."""
        self._bits = bytearray(PLACES >> 3)
        self.update(things)

    def update(self, things: Iterable[Hashable]) -> None:
        """Put some in; they never come out."""
        bits = self._bits
        for place in map(hash, things):
            # Of as many places as there are, its own is that of its lowest bits.
            place &= PLACES - 1
            bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, thing: Hashable) -> bool:
        place = hash(thing) & (PLACES - 1)
        return bool(self._bits[place >> 3] >> (place & 7) & 1)
