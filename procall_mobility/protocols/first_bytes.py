"""Which language a connection speaks, and where its first message ends (Wire 5.1)."""

import enum

from procall_mobility.protocols.errors import PeerError

MOST_NEEDED = 8
"""No connection needs more octets than this to be known: `OPTIONS `, or STUN's magic cookie."""

LARGEST_FIRST = 2**14
"""Octets of the largest first message that is waited for: the content of a TLS record."""

MAGIC_COOKIE = b"\x21\x12\xa4\x42"
"""RFC 8489 section 5."""

_METHODS = (
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"OPTIONS ",
    b"PUT ",
    b"DELETE ",
    b"CONNECT ",
    b"PATCH ",
)
_HTTP_2 = b"PRI "
"""RFC 9113 section 3.4: how a client begins that speaks HTTP/2 without asking."""


class Language(enum.Enum):
    """What a connection speaks."""

    TLS = "TLS"
    HTTP = "HTTP"
    ROSE = "ROSE"
    STUN = "STUN"
    """STUN and TURN: channel data never comes first, an allocation goes before it."""


def recognise(data: bytes) -> Language | None:
    """Tell the language of a connection that begins with `data`.

    Returns:
        None when more octets are needed; never with `MOST_NEEDED` octets or more.

    Raises:
        PeerError: no language spoken here begins like that.
    """
    if not data:
        return None
    first = data[0]
    if first == 0x16:  # TLS handshake record (RFC 8446 section 5.1), version 3.x.
        return _by_prefix(data, b"\x16\x03", Language.TLS)
    if 0xA1 <= first <= 0xA4 or first in b"J{[":  # Wire 4.7.
        return Language.ROSE
    if first <= 0x03:  # STUN's share of the first octet (RFC 7983 section 7).
        return _stun(data)
    return _http(data)


def is_whole(data: bytes, language: Language) -> bool:
    """Tell whether the first message of a connection is all there, where a length says so.

    Until then a connection is worth nothing but its octets: TLS alone would cost 50 KiB.
    """
    match language:
        case Language.TLS:  # RFC 8446 section 5.1: type, version, length.
            at, head = 3, 5
        case Language.STUN:  # RFC 8489 section 5: type, length, and 16 octets more.
            at, head = 2, 20
        case _:
            return True
    length = int.from_bytes(data[at : at + 2]) if len(data) >= at + 2 else LARGEST_FIRST
    return length > LARGEST_FIRST or len(data) >= head + length


def _by_prefix(data: bytes, prefix: bytes, language: Language) -> Language | None:
    if data.startswith(prefix):
        return language
    if prefix.startswith(data):
        return None
    raise _unknown()


def _stun(data: bytes) -> Language | None:
    """RFC 8489 section 5: type, length in fours, magic cookie."""
    if len(data) >= 4 and data[3] & 0x03:
        raise _unknown()
    return _by_prefix(data[4:], MAGIC_COOKIE, Language.STUN)


def _http(data: bytes) -> Language | None:
    if data.startswith(_HTTP_2):
        raise PeerError("framing", "HTTP/2 is not spoken here; HTTP/1.1 is")
    if data.startswith(_METHODS):
        return Language.HTTP
    if any(word.startswith(data) for word in (*_METHODS, _HTTP_2)):
        return None
    raise _unknown()


def _unknown() -> PeerError:
    return PeerError("framing", "the first octets begin none of the languages spoken here")
