"""BER elements: tag, definite length, contents (Wire 4.4; ITU-T X.690 section 8.1)."""

from collections.abc import Iterator

from attrs import define, field

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.integers import HIGHEST, LOWEST

BOOLEAN = 0x01
INTEGER = 0x02
OCTETS = 0x04
NULL = 0x05
REAL = 0x09
ENUMERATED = 0x0A
UTF8 = 0x0C
SEQUENCE = 0x30

CONSTRUCTED = 0x20
_HIGH = 0x1F
"""The number that says: the number follows."""

LONGEST_NUMBER = 4
"""Octets of a high tag number; the extension marker takes 3, the schema's highest number 1."""

EXTENSION_MARKER = bytes.fromhex("1f80801500")
"""What the C++ compiler appends to every extensible sequence (Wire 4.4): universal 21, empty."""


@define(eq=False)
class Element:
    """One element: a stretch of `data`, which nested elements share.

    Made by the hundred thousand, so it is not frozen, which would treble the time that takes.
    `tag` is the identifier octet; numbers above 30 stand in front of it, `number << 8 | octet`.
    """

    tag: int
    data: bytes = field(repr=False)
    start: int
    """Where the tag is."""
    at: int
    """Where the contents begin."""
    end: int

    @property
    def contents(self) -> bytes:
        """Return what is inside."""
        return self.data[self.at : self.end]

    @property
    def whole(self) -> bytes:
        """Return tag, length and contents."""
        return self.data[self.start : self.end]

    def inside(self) -> Iterator["Element"]:
        """Read the elements of a constructed one, one at a time.

        Raises:
            PeerError: the next one is broken.
        """
        at = self.at
        while at < self.end:
            element, at = element_at(self.data, at, self.end)
            yield element

    def only(self) -> "Element":
        """Read the one element inside.

        Raises:
            PeerError: there is none, or more follows.
        """
        element, end = element_at(self.data, self.at, self.end)
        if end != self.end:
            raise _broken()
        return element


def element_at(data: bytes, at: int, end: int) -> tuple[Element, int]:
    """Read the element at `at`; return it and the index behind it, at most `end`.

    Raises:
        PeerError: it is cut off, or its length is indefinite.
    """
    start = at
    try:
        tag = data[at]
        at += 1
        if tag & _HIGH == _HIGH:
            tag, at = _high_tag(data, at)
        length = data[at]
        at += 1
    except IndexError as error:
        raise _broken() from error
    if length == 0x80:
        raise PeerError("protocol-error", "indefinite lengths are not understood")
    if length > 0x80:
        octets = data[at : at + (length & 0x7F)]
        if len(octets) != length & 0x7F or len(octets) > 4:
            raise _broken()
        at += len(octets)
        length = int.from_bytes(octets, "big")
    if at + length > end:
        raise _broken()
    return Element(tag, data, start, at, at + length), at + length


def _high_tag(data: bytes, at: int) -> tuple[int, int]:
    """Read a tag number of 7 bits an octet, also a non-minimal one as in the extension marker."""
    lead, first, number = data[at - 1] & ~_HIGH, at, 0
    while at - first < LONGEST_NUMBER:
        octet = data[at]
        number = number << 7 | octet & 0x7F
        at += 1
        if not octet & 0x80:
            return (lead | number if number < _HIGH else number << 8 | lead | _HIGH), at
    raise _broken()


def context(number: int, *, constructed: bool = False) -> int:
    """Return the tag `[number]` as elements have it."""
    lead = 0xA0 if constructed else 0x80
    return lead | number if number < _HIGH else number << 8 | lead | _HIGH


def single(data: bytes) -> Element:
    """Read the one element `data` consists of.

    Raises:
        PeerError: there is none, or more follows.
    """
    return Element(0, data, 0, 0, len(data)).only()


def retagged(written: bytes, number: int) -> bytes:
    """Tag a written element, of a tag of one octet, with `[number]` implicitly."""
    constructed = bool(written[0] & CONSTRUCTED)
    return _identifier(context(number, constructed=constructed)) + written[1:]


def _identifier(tag: int) -> bytes:
    if tag < 0x100:
        return bytes((tag,))
    number = tag >> 8
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes((tag & 0xFF, *reversed(octets)))


def element(tag: int, contents: bytes) -> bytes:
    """Write an element with a length of the shortest form."""
    length = len(contents)
    if length < 0x80:
        return _identifier(tag) + bytes((length,)) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return _identifier(tag) + bytes((0x80 | len(octets),)) + octets + contents


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Write an integer, minimal two's complement."""
    size = (value + (value < 0)).bit_length() // 8 + 1
    return element(tag, value.to_bytes(size, "big", signed=True))


def text(value: str, tag: int = UTF8) -> bytes:
    """Write a text.

    Raises:
        PeerError: it holds lone surrogates, which JSON admits and UTF-8 does not.
    """
    try:
        return element(tag, value.encode())
    except UnicodeEncodeError as error:
        raise PeerError("protocol-error", "a text is not Unicode") from error


def read_integer(contents: bytes) -> int:
    """Read the contents of an integer of at most 64 bits, signed or not.

    Raises:
        PeerError: it is empty or larger.
    """
    if 1 <= len(contents) <= 9:
        value = int.from_bytes(contents, "big", signed=True)
        if LOWEST <= value <= HIGHEST:
            return value
    raise _broken()


def read_text(contents: bytes) -> str:
    """Read the contents of a text.

    Raises:
        PeerError: it is not UTF-8.
    """
    try:
        return contents.decode()
    except UnicodeDecodeError as error:
        raise PeerError("protocol-error", "a text is not UTF-8") from error


def _broken() -> PeerError:
    return PeerError("protocol-error", "a BER element is broken")
