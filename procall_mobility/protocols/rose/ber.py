"""BER elements: tag, definite length, contents (Wire 4.4; ITU-T X.690 section 8.1)."""

from collections.abc import Iterator

from attrs import frozen

from procall_mobility.protocols.errors import PeerError

BOOLEAN = 0x01
INTEGER = 0x02
OCTETS = 0x04
NULL = 0x05
REAL = 0x09
ENUMERATED = 0x0A
UTF8 = 0x0C
SEQUENCE = 0x30

EXTENSION_MARKER = bytes.fromhex("1f80801500")
"""What the C++ compiler appends to every extensible sequence (Wire 4.4): universal 21, empty."""


@frozen
class Element:
    """One element; `tag` is the identifier octet, 0x1F & tag == 0x1F for high tag numbers."""

    tag: int
    contents: bytes
    whole: bytes


def element_at(data: bytes, at: int) -> tuple[Element, int]:
    """Read the element at `at`; return it and the index behind it.

    Raises:
        PeerError: it is cut off, or its length is indefinite.
    """
    start = at
    try:
        tag = data[at]
        at += 1
        if tag & 0x1F == 0x1F:
            while data[at] & 0x80:  # Also non-minimal numbers, as in the extension marker.
                at += 1
            at += 1
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
    end = at + length
    if end > len(data):
        raise _broken()
    return Element(tag, data[at:end], data[start:end]), end


def single(data: bytes) -> Element:
    """Read the one element `data` consists of.

    Raises:
        PeerError: there is none, or more follows.
    """
    element, end = element_at(data, 0)
    if end != len(data):
        raise _broken()
    return element


def elements(data: bytes) -> Iterator[Element]:
    """Read all elements of a constructed one.

    Raises:
        PeerError: one of them is broken.
    """
    at = 0
    while at < len(data):
        element, at = element_at(data, at)
        yield element


def element(tag: int, contents: bytes) -> bytes:
    """Write an element with a length of the shortest form."""
    length = len(contents)
    if length < 0x80:
        return bytes((tag, length)) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + contents


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
    """Read the contents of an integer of at most 64 bits, or a sign octet more.

    Raises:
        PeerError: it is empty or longer.
    """
    if not 1 <= len(contents) <= 9:
        raise _broken()
    return int.from_bytes(contents, "big", signed=True)


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
