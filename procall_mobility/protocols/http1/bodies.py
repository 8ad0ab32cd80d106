"""How the body of an answer ends: after a length, in chunks, or with the connection."""

import re
from typing import Protocol

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push.exchange import LONGEST_ANSWER

LONGEST_LINE = 1024
"""Octets of the line before a chunk, and of a field after the last one."""

MOST_LINES = 64
"""Fields after the last chunk; nobody sends any."""

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?", re.DOTALL)


class Malformed(PeerError):
    """What came is no HTTP/1.1."""

    def __init__(self, text: str) -> None:
        """Take what is wrong with it."""
        super().__init__("malformed", text)


class Body(Protocol):
    """Takes octets of a body from the beginning of what has come, and says when it is whole."""

    content: bytearray
    """The first octets of it, `LONGEST_ANSWER` at most."""

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come."""

    @property
    def ends_with_connection(self) -> bool:
        """Whether that alone makes it whole."""

    def take(self, octets: bytearray) -> None:
        """Take what belongs to the body out of `octets`.

        Raises:
            Malformed: it is none.
        """


class Counted:
    """A body of a length that is known (RFC 9112 section 6.2)."""

    ends_with_connection = False

    def __init__(self, length: int) -> None:
        self.content = bytearray()
        self._left = length

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come."""
        return self._left == 0

    def take(self, octets: bytearray) -> None:
        """Take so many octets."""
        self._left -= _keep(self.content, octets, self._left)


class Endless:
    """A body that ends with the connection (RFC 9112 section 6.3)."""

    ends_with_connection = True
    is_whole = False

    def __init__(self) -> None:
        self.content = bytearray()

    def take(self, octets: bytearray) -> None:
        """Take everything."""
        _keep(self.content, octets, len(octets))


class Chunked:
    """A body in chunks (RFC 9112 section 7.1)."""

    ends_with_connection = False

    def __init__(self) -> None:
        self.content = bytearray()
        self.is_whole = False
        self._left = 0
        """Octets of the present chunk that are still to come."""
        self._is_between = False
        """Whether the end of a chunk's line is what comes next."""
        self._trailers: int | None = None
        """Fields after the last chunk, once that has come."""

    def take(self, octets: bytearray) -> None:
        """Take chunk by chunk."""
        while not self.is_whole:
            if self._left:
                self._left -= _keep(self.content, octets, self._left)
                if self._left:
                    return
                self._is_between = True
            line = line_of(octets, LONGEST_LINE)
            if line is None:
                return
            self._next(line)

    def _next(self, line: bytes) -> None:
        if self._trailers is not None:
            self._trailers += 1
            if self._trailers > MOST_LINES:
                raise Malformed("there is no end of fields after a body")
            self.is_whole = not line
        elif self._is_between:
            if line:
                raise Malformed("a chunk is longer than it says")
            self._is_between = False
        else:
            size = _SIZE.fullmatch(line)
            if size is None:
                raise Malformed("a chunk has no size")
            self._left = int(size[1], 16)
            if not self._left:
                self._trailers = 0


def line_of(octets: bytearray, longest: int) -> bytes | None:
    """Take the first line out of `octets`, without its end; None while it is not whole.

    Raises:
        Malformed: it is too long, or its end is not one of HTTP.
    """
    end = octets.find(b"\n", 0, longest + 2)
    if end < 0:
        if len(octets) > longest + 1:
            raise Malformed("a line is too long")
        return None
    line = bytes(octets[:end])
    del octets[: end + 1]
    if not line.endswith(b"\r"):
        raise Malformed("a line does not end as lines of HTTP do")
    return line[:-1]


def _keep(content: bytearray, octets: bytearray, most: int) -> int:
    """Move octets, of which only the first are kept; return how many were moved."""
    count = min(most, len(octets))
    content += octets[: min(count, LONGEST_ANSWER - len(content))]
    del octets[:count]
    return count
