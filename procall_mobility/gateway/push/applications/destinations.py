"""Whom a lane's connections go to, and how."""

import enum

from attrs import frozen

from procall_mobility.protocols.push.apple_certificates import AppleCertificate
from procall_mobility.protocols.push.endpoints import EndpointPolicy


class Wire(enum.Enum):
    """What is spoken, over TLS: the names that are offered, the best one first (RFC 7301)."""

    HTTP2 = ("h2",)
    HTTP1 = ("http/1.1",)
    EITHER = ("h2", "http/1.1")


@frozen(kw_only=True)
class Destination:
    """What connections are made for; those for another one are other connections."""

    host: str
    """A name or an address, with the port where it is not 443."""
    wire: Wire = Wire.HTTP2
    policy: EndpointPolicy | None = None
    """Which addresses it may have, where strangers name the host."""
    certificate: AppleCertificate | None = None
    """Ours, where the provider wants to see one."""
    credential: str = ""
    """What tells credentials apart where that matters; no secret.  Apple takes one alone on a
    connection, and where tokens are made here, nothing else tells of another credential."""
