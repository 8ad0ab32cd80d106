"""Where to dial: the address that is configured, and the ones a redirect names (Wire 5.1)."""

import enum
import re

from attrs import frozen

ADDRESS = re.compile(r"(enetctis?)://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})/?")

MOST_ADDRESSES = 8
"""A company has two nodes; nobody is led on a long walk."""


class Security(enum.Enum):
    """What protects the connection."""

    PLAIN = "plain"
    STARTTLS = "starttls"
    TLS = "tls"


@frozen
class Destination:
    """A daemon's listener."""

    host: str
    port: int
    security: Security


def destination_of(address: str, *, clear: Security) -> Destination | None:
    """Read `enetctis://host:port` (TLS) or `enetcti://host:port` (`clear`); None if it is neither.

    Strictly `enetcti` means StartTLS; a demo on one machine goes without.
    """
    found = ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[3]) < 65536:
        return None
    security = Security.TLS if found[1] == "enetctis" else clear
    return Destination(found[2].strip("[]"), int(found[3]), security)


class Route:
    """Tries redirected addresses in turn, then goes back to the configured one."""

    def __init__(self, configured: Destination) -> None:
        self._configured = configured
        self._redirected: list[Destination] = []

    def redirected(self, addresses: list[str]) -> None:
        """Take the addresses of a redirect."""
        clear = self._configured.security
        read = (destination_of(each, clear=clear) for each in addresses[:MOST_ADDRESSES])
        self._redirected = [each for each in read if each is not None]

    def next(self) -> Destination:
        """Return where to dial now."""
        return self._redirected.pop(0) if self._redirected else self._configured
