"""Asks a time server how late it is (SNTP, RFC 4330)."""

import socket
import struct
from collections.abc import Callable
from typing import Final

from procall_mobility.diagnosis.facts.waiting import within

PORT: Final = 123
PATIENCE: Final = 2.0
"""Seconds for an answer."""

SINCE_1900: Final = 2_208_988_800
"""Seconds from the beginning of NTP's time to that of Unix."""

_PACKET: Final = struct.Struct("!BBbbII4sQQQQ")
_CLIENT: Final = 4 << 3 | 3
"""Version 4, mode 3."""
_MODE: Final = 7
_SERVER: Final = 4
_NEVER: Final = 3
"""Of the leap indicator: the server does not know the time itself."""


class UnusableAnswer(ValueError):
    """What came is no time."""


def question(now: float) -> bytes:
    """Return what is sent at this time."""
    return _PACKET.pack(_CLIENT, 0, 0, 0, 0, 0, b"", 0, 0, 0, _stamp(now))


def ahead(asked: bytes, answer: bytes, sent: float, received: float) -> float:
    """Return by how many seconds we are ahead of the server (RFC 4330 section 5).

    Args:
        asked: the question.
        answer: what came back.
        sent: our time when it was asked.
        received: our time when it was answered.

    Raises:
        UnusableAnswer: it is no answer to this question, or of one who does not know.
    """
    if len(answer) < _PACKET.size:
        raise UnusableAnswer("too short")
    first, stratum, *_, originated, heard, said = _PACKET.unpack_from(answer)
    is_ours = originated == _PACKET.unpack(asked)[-1]
    if first & _MODE != _SERVER or first >> 6 == _NEVER or not stratum or not said or not is_ours:
        raise UnusableAnswer("no time")
    return ((sent - _unix(heard)) + (received - _unix(said))) / 2


def ask(host: str, port: int, clock: Callable[[], float]) -> float:
    """Return by how many seconds we are ahead of a server.

    Raises:
        OSError: it does not answer, or is not known.
        UnusableAnswer: what it answers is no time.
    """
    places = within(PATIENCE, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM))
    family, kind, protocol, _, place = places[0]
    with socket.socket(family, kind, protocol) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(place)
        sent = clock()
        asked = question(sent)
        connection.send(asked)
        answer = connection.recv(512)
        return ahead(asked, answer, sent, clock())


def _stamp(unix: float) -> int:
    return int((unix + SINCE_1900) * 2**32) & (1 << 64) - 1


def _unix(stamp: int) -> float:
    # Its seconds begin anew in 2036; what looks like the last century is of the next time round.
    whole = stamp + (1 << 64) if stamp < 1 << 63 else stamp
    return whole / 2**32 - SINCE_1900
