"""Which peers a client may reach: public ones, and those the operator has allowed.

An IPv6 address may carry an IPv4 one that a translator or tunnel on the way unwraps; all that an
address may mean is tested, and one forbidden meaning forbids it.
"""

import enum
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv6Network, ip_address

from attrs import frozen

from procall_mobility.protocols.public_addresses import (
    WELL_KNOWN_NAT64,
    Address,
    forms,
    is_public,
)
from procall_mobility.protocols.turn.peer_rules import PeerRule

PRIVILEGED = 1024
PRIVILEGED_PORTS_OF_TCP = frozenset((80, 443))
"""What a TCP relay may reach below 1024 (SSH, mail, files and databases it may not)."""

DNS_PORTS = frozenset((53, 853))
"""Of DNS in the clear and of DNS over TLS, QUIC and DTLS (RFC 1035, 7858, 9250, 8094)."""


MOST_JUDGED = 4096
"""Peers whose verdict one policy remembers; clients choose whom it is asked about."""


class Verdict(enum.Enum):
    """What is to be done about a peer."""

    ALLOWED = "allowed"
    INSIDE = "inside"
    """The peer is an address we relay on: data stays within the daemon."""
    NOT_PUBLIC = "not-public"
    DENIED = "denied"
    OWN_SERVICE = "own-service"
    PORT = "port"

    @property
    def is_good(self) -> bool:
        """Whether a client may turn to the peer."""
        return self in (Verdict.ALLOWED, Verdict.INSIDE)


@frozen(kw_only=True)
class Surroundings:
    """Where we ourselves are."""

    relay_hosts: frozenset[str] = frozenset()
    """Relayed addresses as peers see them."""
    own_hosts: frozenset[str] = frozenset()
    """All addresses of this machine."""
    services: frozenset[int] = frozenset()
    """Ports of this machine's own services; no rule opens them."""
    resolvers: frozenset[str] = frozenset()
    """Whom this machine asks for names, elsewhere or here; no rule opens their DNS ports."""
    nat64: tuple[IPv6Network, ...] = (WELL_KNOWN_NAT64,)


class PeerPolicy:
    """The policy for one customer."""

    def __init__(self, rules: Iterable[PeerRule], surroundings: Surroundings) -> None:
        """Take the operator's rules for everybody and for this customer together."""
        rules = tuple(rules)
        self._allow = tuple(rule for rule in rules if rule.allow)
        self._deny = tuple(rule for rule in rules if not rule.allow)
        self._around = surroundings
        self._judged: dict[tuple[str, int | None, bool], Verdict] = {}

    def judge(self, host: str, port: int | None = None, *, tcp: bool = False) -> Verdict:
        """Judge a peer.

        Args:
            host: in canonical text.
            port: None for a permission, which is for all of a host's ports.
            tcp: whether a connection is wanted (RFC 6062); it never stays inside.
        """
        asked = (host, port, tcp)
        verdict = self._judged.get(asked)
        if verdict is None:
            if len(self._judged) >= MOST_JUDGED:
                self._judged.clear()
            self._judged[asked] = verdict = self._judge(host, port, tcp=tcp)
        return verdict

    def _judge(self, host: str, port: int | None, *, tcp: bool) -> Verdict:
        address = _address(host)
        meanings = forms(address, self._around.nat64)
        around = self._around
        if port is not None and self._is_service(meanings, port):
            return Verdict.OWN_SERVICE
        if any(_matches(rule, each, port) for rule in self._deny for each in meanings):
            return Verdict.DENIED
        # A rule is meant for the address it names, not for another that may come out of it.
        allowed = {
            each for each in meanings if any(_matches(rule, each, port) for rule in self._allow)
        }
        if address in allowed and all(each in allowed or is_public(each) for each in meanings):
            return Verdict.ALLOWED
        if host in around.relay_hosts and not tcp:
            return Verdict.INSIDE
        if not all(map(is_public, meanings)):
            return Verdict.NOT_PUBLIC
        if self._is_own(meanings):
            return Verdict.OWN_SERVICE
        if tcp and port is not None and port < PRIVILEGED and port not in PRIVILEGED_PORTS_OF_TCP:
            return Verdict.PORT
        return Verdict.ALLOWED

    def is_inside(self, host: str) -> bool:
        """Tell whether we relay on this address ourselves."""
        return host in self._around.relay_hosts

    def _is_service(self, meanings: tuple[Address, ...], port: int) -> bool:
        if port in self._around.services and self._is_own(meanings):
            return True
        return port in DNS_PORTS and any(str(each) in self._around.resolvers for each in meanings)

    def _is_own(self, meanings: tuple[Address, ...]) -> bool:
        # Whatever is sent to the unspecified address stays on this machine as well.
        return any(
            str(each) in self._around.own_hosts or each.is_loopback or each.is_unspecified
            for each in meanings
        )


# Bounded: clients choose what is looked up here.
@lru_cache(4096)
def _address(host: str) -> Address:
    return ip_address(host)


def _matches(rule: PeerRule, address: Address, port: int | None) -> bool:
    if port is None:
        # A rule for some ports of a host opens the host; it denies only where it says so.
        if not rule.allow and not (rule.first_port <= 1 and rule.last_port == 65_535):
            return False
        port = max(1, rule.first_port)
    return rule.matches(address, port)
