"""The relayed transport addresses: which are to be had, which are reserved, and whose each is."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from attrs import define, field, frozen

from procall_mobility.protocols.stun.addresses import TransportAddress, address_of, family_of
from procall_mobility.protocols.stun.codes import Family
from procall_mobility.protocols.turn.allocation import Allocation, Relay
from procall_mobility.protocols.turn.port_pool import PortPool
from procall_mobility.protocols.turn.ports import RelaySockets, RelayWire, TcpRelayWire
from procall_mobility.protocols.turn.rules import RESERVATION_LIFETIME

MOST_TRIES = 16
"""Ports or pairs tried before giving up: another program may have some, but not so many."""

MOST_RESERVED = 16
"""Ports reserved for one user at a time: a call of some media has a pair for each."""

TOKEN_SIZE = 8
"""Octets of a RESERVATION-TOKEN (RFC 8656 section 18.9)."""

FoundT = TypeVar("FoundT")

OpenWire = Callable[[str, int], RelayWire | TcpRelayWire | None]


@frozen(kw_only=True, eq=False)
class RelayHost:
    """One address relays are opened on."""

    host: str
    """What sockets are bound to."""
    seen_as: str
    """What peers and clients see; another one behind a 1:1 NAT."""
    ports: PortPool


@frozen(kw_only=True)
class Opened:
    """A relay socket nobody has yet."""

    wire: RelayWire | TcpRelayWire
    at: RelayHost
    port: int


@frozen
class _Reservation:
    opened: Opened
    tenant: str
    subject: str
    until: float


@define(eq=False)
class RelayAddresses:
    """Opens and closes relays."""

    hosts: Sequence[RelayHost]
    sockets: RelaySockets
    dice: Callable[[int], bytes] = field(repr=False)
    choose: Callable[[int], int] = field(repr=False)
    in_use: dict[TransportAddress, Relay] = field(factory=dict, init=False)
    """By the address peers see."""
    _reserved: dict[bytes, _Reservation] = field(factory=dict, init=False)

    def has(self, family: Family) -> bool:
        """Tell whether there are relays of a family."""
        return bool(self._of(family))

    def open(self, family: Family, *, even: bool = False) -> Opened | None:
        """Open a relay socket; None when no port is to be had."""
        return self._open(family, self.sockets.open, even=even)

    def open_tcp(self, family: Family) -> Opened | None:
        """Open a relay socket that listens for TCP; None when no port is to be had."""
        return self._open(family, self.sockets.open_tcp, even=False)

    def open_pair(
        self, family: Family, tenant: str, subject: str, now: float
    ) -> tuple[Opened, bytes] | None:
        """Open a socket on an even port, and keep the port after it for whoever has the token.

        Args:
            family: of the address.
            tenant: whose clients may redeem the token.
            subject: the user of that tenant it is counted for.
            now: the time.
        """
        kept = ((each.tenant, each.subject) for each in self._reserved.values())
        if sum(each == (tenant, subject) for each in kept) >= MOST_RESERVED:
            return None
        for host in self._in_any_order(family):
            pair = _search(host, host.ports.take_pair, partial(self._open_both, host), width=2)
            if pair is not None:
                token = self.dice(TOKEN_SIZE)
                until = now + RESERVATION_LIFETIME
                self._reserved[token] = _Reservation(pair[1], tenant, subject, until)
                return pair[0], token
        return None

    def redeem(self, token: bytes, tenant: str, now: float) -> Opened | None:
        """Return what was reserved; None when the token is another's, or too old."""
        reservation = self._reserved.get(token)
        if reservation is None or reservation.tenant != tenant or reservation.until <= now:
            return None
        del self._reserved[token]
        return reservation.opened

    def use(self, opened: Opened, allocation: Allocation) -> Relay:
        """Make a socket the relay of an allocation."""
        address = address_of(opened.at.seen_as, opened.port)
        relay = Relay(allocation, address, family_of(address), opened.wire)
        self.in_use[address] = relay
        opened.wire.serve(relay)
        return relay

    def inside(self, address: TransportAddress) -> Relay | None:
        """Return the relay of UDP that has an address of ours."""
        relay = self.in_use.get(address)
        return relay if relay is not None and relay.allocation.connections is None else None

    def end(self, relay: Relay) -> None:
        """Close a relay and give its port back."""
        del self.in_use[relay.address]
        relay.by_peer.clear()
        relay.wire.close()
        host, port = relay.address[0], relay.address[1]
        next(each for each in self.hosts if each.seen_as == host).ports.give_back(port)

    def close(self, opened: Opened) -> None:
        """Close a socket that nobody took."""
        opened.wire.close()
        opened.at.ports.give_back(opened.port)

    def forget_reservations(self, now: float) -> float | None:
        """Give back what was reserved for too long; returns when to come again."""
        for token, each in list(self._reserved.items()):
            if each.until <= now:
                del self._reserved[token]
                self.close(each.opened)
        return min((each.until for each in self._reserved.values()), default=None)

    @property
    def reserved(self) -> int:
        """How many ports wait for their token."""
        return len(self._reserved)

    def _of(self, family: Family) -> list[RelayHost]:
        return [each for each in self.hosts if (":" in each.host) is (family is Family.IPV6)]

    def _in_any_order(self, family: Family) -> list[RelayHost]:
        hosts = self._of(family)
        first = self.choose(len(hosts)) if len(hosts) > 1 else 0
        return [*hosts[first:], *hosts[:first]]

    def _open(self, family: Family, open_wire: OpenWire, *, even: bool) -> Opened | None:
        for host in self._in_any_order(family):
            take = host.ports.take_even if even else host.ports.take
            opened = _search(host, take, partial(_open_at, open_wire, host))
            if opened is not None:
                return opened
        return None

    def _open_both(self, host: RelayHost, port: int) -> tuple[Opened, Opened] | None:
        """Open a port and the one after it, or none of them."""
        first = _open_at(self.sockets.open, host, port)
        if first is None:
            return None
        second = _open_at(self.sockets.open, host, port + 1)
        if second is None:
            first.wire.close()
            return None
        return first, second


def _open_at(open_wire: OpenWire, host: RelayHost, port: int) -> Opened | None:
    wire = open_wire(host.host, port)
    return Opened(wire=wire, at=host, port=port) if wire is not None else None


def _search(
    host: RelayHost,
    take: Callable[[], int | None],
    open_at: Callable[[int], FoundT | None],
    width: int = 1,
) -> FoundT | None:
    """Take ports until some can be opened; each take is of so many that follow each other."""
    refused: list[int] = []
    try:
        for _ in range(MOST_TRIES):
            port = take()
            if port is None:
                return None
            found = open_at(port)
            if found is not None:
                return found
            refused += range(port, port + width)
        return None
    finally:
        # Not before: a port that was refused would be drawn again.
        for port in refused:
            host.ports.give_back(port)
