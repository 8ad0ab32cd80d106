"""Messages on a raw stream: three framings, told apart by the first octet (Wire 4.7)."""

import re

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.form import Form, form_of

LARGEST_FRAMED = 9_999_999
"""What the 7 digits we write can say."""

DEEPEST = 100
"""Nesting of bare JSON; published messages stay below 20."""

BLANKS = b" \t\r\n"

_HEADER = re.compile(rb"J(\d{0,9})")
"""7 digits by the book, 1 to 9 are understood."""
_MARK = re.compile(rb'["{}\[\]]')
_STRING_MARK = re.compile(rb'"|\\.', re.DOTALL)

Span = tuple[int, int]


def frame(payload: bytes, form: Form) -> bytes:
    """Return `payload` as it goes onto a raw stream.

    Raises:
        ValueError: too long for the header of 7 digits.
    """
    if form is not Form.JSON_HEADER:
        return payload
    if len(payload) > LARGEST_FRAMED:
        raise ValueError("a framed message has at most 9,999,999 octets")
    return b"J%07d%b" % (len(payload), payload)


class _Ber:
    """Self-delimiting: tag, definite length, contents."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def span(self, buffer: bytearray, at: int) -> Span | None:
        if not 0xA1 <= buffer[at] <= 0xA4:
            raise PeerError("framing", "no ROSE message begins with this BER tag")
        if len(buffer) < at + 2:
            return None
        length, start = buffer[at + 1], at + 2
        if length == 0x80:
            raise PeerError("framing", "indefinite lengths are not understood")
        if length > 0x80:
            start += length & 0x7F
            if start - at > 6:  # Four octets of length say four gigabytes.
                raise _too_big()
            if len(buffer) < start:
                return None
            length = int.from_bytes(buffer[at + 2 : start], "big")
        if length > self.limit:
            raise _too_big()
        end = start + length
        return (at, end) if len(buffer) >= end else None


class _Headed:
    """`J`, the payload's length in decimal digits, the payload."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def span(self, buffer: bytearray, at: int) -> Span | None:
        match = _HEADER.match(buffer, at)
        if match is None:
            raise PeerError("framing", "a message does not begin with its length")
        length = int(match[1] or 0)
        if length > self.limit:
            raise _too_big()
        start = match.end()
        if start == len(buffer):
            return None
        if not match[1]:
            raise PeerError("framing", "the length of a message has no digits")
        end = start + length
        return (start, end) if len(buffer) >= end else None


class _Bare:
    """JSON by itself: counts brackets outside strings, and looks at every octet once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._looked = 0
        """Octets of the present message that have been looked at."""
        self._depth = 0
        self._in_string = False

    def span(self, buffer: bytearray, at: int) -> Span | None:
        if buffer[at] not in b"{[":
            raise PeerError("framing", "a message begins with neither { nor [")
        here = at + self._looked
        while match := (_STRING_MARK if self._in_string else _MARK).search(buffer, here):
            here = match.end()
            if here - at > self.limit:
                raise _too_big()
            if self._is_end(match[0]):
                self._looked = 0
                return at, here
        # A backslash at the very end is looked at again, together with what it escapes.
        unseen = 1 if self._in_string and buffer.endswith(b"\\") else 0
        self._looked = max(here, len(buffer) - unseen) - at
        if self._looked > self.limit:
            raise _too_big()
        return None

    def _is_end(self, mark: bytes) -> bool:
        if self._in_string:
            self._in_string = mark != b'"'
        elif mark == b'"':
            self._in_string = True
        elif mark in b"{[":
            self._depth += 1
            if self._depth > DEEPEST:
                raise PeerError("framing", "a message is nested too deeply")
        else:
            self._depth -= 1
            return self._depth == 0
        return False


Splitter = _Ber | _Headed | _Bare
_SPLITTERS: dict[Form, type[Splitter]] = {
    Form.BER: _Ber,
    Form.JSON_HEADER: _Headed,
    Form.JSON_BARE: _Bare,
}


class Deframer:
    """Cuts a stream into payloads; holds at most one unfinished message and one read."""

    def __init__(self, max_message: int) -> None:
        """Refuse messages of more than `max_message` octets."""
        self._limit = max_message
        self._buffer = bytearray()
        self._splitter: Splitter | None = None
        self.form: Form | None = None
        """How the peer writes, once its first octet has come."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take octets and return the payloads they complete.

        Raises:
            PeerError: the stream cannot be read any further.
        """
        self._buffer += data
        payloads: list[bytes] = []
        at = self._past_blanks(0)
        while at < len(self._buffer):
            if self._splitter is None:
                self.form = form_of(self._buffer[at])
                self._splitter = _SPLITTERS[self.form](self._limit)
            span = self._splitter.span(self._buffer, at)
            if span is None:
                break
            start, end = span
            payloads.append(bytes(self._buffer[start:end]))
            at = self._past_blanks(end)
        del self._buffer[:at]
        return payloads

    def allow(self, max_message: int) -> None:
        """Refuse messages of more than `max_message` octets from here on."""
        self._limit = max_message
        if self._splitter is not None:
            self._splitter.limit = max_message

    def pending(self) -> bytes:
        """Return the octets of the message that is not complete yet."""
        return bytes(self._buffer)

    def _past_blanks(self, at: int) -> int:
        """Skip what C++ peers put between JSON messages: a newline."""
        if self.form is not Form.BER:
            while at < len(self._buffer) and self._buffer[at] in BLANKS:
                at += 1
        return at


def _too_big() -> PeerError:
    return PeerError("message-too-big", "a message exceeds the limit")
