"""Tells quickly of most things that they are not there."""

from collections.abc import Hashable, Iterable
from typing import Final

PLACES: Final = 1 << 24
"""2 MiB of memory.  With a million things in it, six in a hundred others are mistaken for one."""


class Sieve:
    """A set of texts or octets that says of all that are in it that they may be.

    Where one stands in it, no stranger can know: Python's hashes of them are of this process.
    """

    def __init__(self, things: Iterable[Hashable]) -> None:
        """Begin with some things."""
        self._bits = bytearray(PLACES >> 3)
        for each in things:
            self.add(each)

    def add(self, thing: Hashable) -> None:
        """Put one in; it never comes out."""
        place = hash(thing) % PLACES
        self._bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, thing: Hashable) -> bool:
        place = hash(thing) % PLACES
        return bool(self._bits[place >> 3] >> (place & 7) & 1)
