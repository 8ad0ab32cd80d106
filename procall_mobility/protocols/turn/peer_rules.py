"""Peers an operator allows or denies.

As in `192.0.2.0/24`, `192.0.2.7:5000-6000` and `[2001:db8::/32]:443`.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from attrs import frozen

_BRACKETED = re.compile(r"\[([^\[\]]+)\](?::(.*))?")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


@frozen(kw_only=True)
class PeerRule:
    """A network and a range of ports, both ends included."""

    allow: bool
    network: IPv4Network | IPv6Network
    first_port: int = 0
    last_port: int = 65_535

    @classmethod
    def parse(cls, text: str, *, allow: bool = True) -> "PeerRule":
        """Read a rule.

        Raises:
            ValueError: it is malformed, with a sentence for the operator.
        """
        network, ports = _split(text.strip())
        try:
            parsed = ip_network(network)
        except ValueError as error:
            raise ValueError(f"{network!r} is no IP network: {error}") from error
        first, last = _range(ports) if ports is not None else (0, 65_535)
        return cls(allow=allow, network=parsed, first_port=first, last_port=last)

    def __str__(self) -> str:
        """Return the rule as it is written."""
        network = str(self.network)
        if (self.first_port, self.last_port) == (0, 65_535):
            return network
        ports = str(self.first_port)
        if self.first_port != self.last_port:
            ports += f"-{self.last_port}"
        return f"[{network}]:{ports}" if self.network.version == 6 else f"{network}:{ports}"

    def matches(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        """Tell whether a peer is meant; addresses are compared as numbers."""
        return (
            address.version == self.network.version
            and self.first_port <= port <= self.last_port
            and int(self.network.network_address)
            <= int(address)
            <= int(self.network.broadcast_address)
        )


def _split(text: str) -> tuple[str, str | None]:
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed is not None:
        return bracketed[1], bracketed[2]
    if text.count(":") == 1:
        network, _, ports = text.partition(":")
        return network, ports
    return text, None


def _range(ports: str) -> tuple[int, int]:
    found = _PORTS.fullmatch(ports)
    if found is None:
        raise ValueError(f"{ports!r} is no port and no range of ports like 5000-6000")
    first = int(found[1])
    last = int(found[2]) if found[2] is not None else first
    if not 0 < first <= last <= 65_535:
        raise ValueError(f"{ports!r}: ports go from 1 to 65535, the smaller one first")
    return first, last
