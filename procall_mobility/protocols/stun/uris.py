"""What clients are told servers by: STUN and TURN URIs (RFC 7064, RFC 7065)."""

import enum
import re

from attrs import frozen

_URI = re.compile(
    r"(?P<scheme>stuns?|turns?):"
    r"(?:\[(?P<literal>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s\[\]:?/@]+))"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?:\?transport=(?P<transport>udp|tcp))?",
    re.IGNORECASE,
)
_PORT, _SECURE_PORT = 3478, 5349


class Carrier(enum.StrEnum):
    """What carries the messages between client and server."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    DTLS = "dtls"


@frozen
class Uri:
    """A server's address as it is told."""

    host: str
    """A name or an address, without brackets."""
    port: int
    carrier: Carrier
    is_turn: bool
    """Whether there is a relay, not only an answer that tells the client its address."""


def parse_uri(text: str) -> Uri:
    """Read a URI.

    Raises:
        ValueError: it is none.
    """
    found = _URI.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no STUN or TURN address")
    scheme = found["scheme"].lower()
    is_secure, is_turn = scheme.endswith("s"), scheme.startswith("turn")
    if found["transport"] and not is_turn:
        raise ValueError(f"{text!r}: only TURN addresses name a transport")
    # RFC 7065 section 3.1 and RFC 7064 section 3.1: TLS where nothing else is said.
    transport = (found["transport"] or ("tcp" if is_secure else "udp")).lower()
    port = int(found["port"] or (_SECURE_PORT if is_secure else _PORT))
    if not 0 < port < 65_536:
        raise ValueError(f"{text!r}: a port is a number from 1 to 65535")
    carrier = Carrier(transport)
    if is_secure:
        carrier = Carrier.TLS if carrier is Carrier.TCP else Carrier.DTLS
    return Uri(found["literal"] or found["host"], port, carrier, is_turn)
