"""What can be seen of DTLS from outside: records, and how a client begins (RFC 6347 section 4)."""

import struct
from collections.abc import Iterator
from typing import Final

HANDSHAKE: Final = 22
CLIENT_HELLO: Final = 1

RECORD_HEADER: Final = 13
HANDSHAKE_HEADER: Final = 12

LARGEST_RECORD: Final = 2**14
"""Octets in a record (RFC 6347 section 4.1)."""

LARGEST_DATAGRAM: Final = RECORD_HEADER + LARGEST_RECORD
"""Octets OpenSSL reads at once; what it left of a larger one would be the next one's beginning."""

LARGEST_HANDSHAKE_MESSAGE: Final = LARGEST_RECORD
"""Octets: clients show no certificates here, and everything else they have to say is short."""

CIPHER_OVERHEAD: Final = 24
"""Octets AES-GCM adds to a record: nonce and tag (RFC 5288 section 3)."""

_RANDOM = slice(RECORD_HEADER + HANDSHAKE_HEADER + 2, RECORD_HEADER + HANDSHAKE_HEADER + 34)


def is_dtls(datagram: bytes) -> bool:
    """Tell by first octet (RFC 7983 section 7, RFC 9443) and size whether this may be DTLS."""
    return 0 < len(datagram) <= LARGEST_DATAGRAM and 20 <= datagram[0] <= 63


def spans(datagram: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each record begins and ends, as far as they are whole."""
    at = 0
    while at + RECORD_HEADER <= len(datagram):
        (length,) = struct.unpack_from("!H", datagram, at + 11)
        end = at + RECORD_HEADER + length
        if end > len(datagram):
            return
        yield at, end
        at = end


def hello_random(datagram: bytes) -> bytes | None:
    """Return the random of a ClientHello that begins a handshake; None when this is no such thing.

    A client takes the same one when it begins again with a cookie (RFC 6347 section 4.2.1).
    """
    if len(datagram) < _RANDOM.stop:
        return None
    kind, epoch = datagram[0], datagram[3:5]
    fragment_offset = datagram[RECORD_HEADER + 6 : RECORD_HEADER + 9]
    if kind != HANDSHAKE or epoch != b"\0\0" or datagram[RECORD_HEADER] != CLIENT_HELLO:
        return None
    return datagram[_RANDOM] if fragment_offset == b"\0\0\0" else None


def is_credible(datagram: bytes) -> bool:
    """Tell whether all records are such as a client may send.

    OpenSSL makes room for the whole of a handshake message when its first fragment comes, and
    some of its versions take a record too short to be enciphered for a fault of the connection,
    although anybody can send one.
    """
    return all(
        _may_be_enciphered(end - at) if _epoch(datagram, at) else _is_short(datagram, at)
        for at, end in spans(datagram)
    )


def datagrams(flight: bytes, mtu: int) -> Iterator[bytes]:
    """Yield what OpenSSL has written as datagrams of whole records, up to `mtu` octets each."""
    begin = end = 0
    for _, next_end in spans(flight):
        if next_end - begin > mtu and end > begin:
            yield flight[begin:end]
            begin = end
        end = next_end
    if end > begin:
        yield flight[begin:end]


def _epoch(datagram: bytes, at: int) -> int:
    return datagram[at + 3] << 8 | datagram[at + 4]


def _may_be_enciphered(size: int) -> bool:
    return size >= RECORD_HEADER + CIPHER_OVERHEAD


def _is_short(datagram: bytes, at: int) -> bool:
    length = datagram[at + RECORD_HEADER + 1 : at + RECORD_HEADER + 4]
    return datagram[at] != HANDSHAKE or int.from_bytes(length) <= LARGEST_HANDSHAKE_MESSAGE
