"""What a relay is played with: the ports of `protocols/turn` in memory, on a virtual clock."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from attrs import define, field

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.stun.message import userhash
from procall_mobility.protocols.turn.allocation import Allocation, Relay
from procall_mobility.protocols.turn.ports import Account, ClientPath, Settled, Transport
from procall_mobility.protocols.turn.tenants import Tenant
from tests.protocols.turn.clock import Clock

# Clients ----------------------------------------------------------------------------------


@define(eq=False)
class Listener:
    """A UDP port of ours: it knows clients by their addresses, and gives each a mailbox."""

    address: TransportAddress
    flows: dict[TransportAddress, Allocation] = field(factory=dict)
    mail: dict[TransportAddress, list[bytes]] = field(factory=lambda: defaultdict(list))


@define(frozen=True)
class DatagramPath:
    """A five-tuple of UDP; as with real datagrams, each brings its own equal one."""

    listener: Listener = field(eq=id)
    client: TransportAddress
    kind = Transport.UDP

    @property
    def server(self) -> TransportAddress:
        return self.listener.address

    def send(self, message: bytes) -> None:
        self.listener.mail[self.client].append(message)

    def find(self) -> Allocation | None:
        return self.listener.flows.get(self.client)

    def bind(self, allocation: Allocation) -> None:
        self.listener.flows[self.client] = allocation

    def unbind(self) -> None:
        self.listener.flows.pop(self.client, None)

    def close(self) -> None:
        """There is nothing to close."""


@define(eq=False)
class StreamPath:
    """A client's connection over TCP or TLS."""

    kind: Transport
    client: TransportAddress
    server: TransportAddress
    mail: list[bytes] = field(factory=list)
    allocation: Allocation | None = None
    is_slow: bool = False
    """Whether its client reads nothing; data for it is dropped, as the port says."""
    is_closed: bool = False
    peer: "Stream | None" = None
    """What it is joined to (RFC 6062)."""
    octets: bytes = b""
    """What has come from there."""

    def send(self, message: bytes) -> None:
        if not self.is_closed and not (self.is_slow and message[0] >= 0x40):
            self.mail.append(message)

    def find(self) -> Allocation | None:
        return self.allocation

    def bind(self, allocation: Allocation) -> None:
        self.allocation = allocation

    def unbind(self) -> None:
        self.allocation = None

    def close(self) -> None:
        self.is_closed = True


# Relays -----------------------------------------------------------------------------------

Sent = tuple[tuple[str, int], bytes, bool]
"""From where a datagram went, its data, and whether it may not be fragmented."""


@define(eq=False)
class Wire:
    """A UDP relay socket."""

    sockets: "Sockets"
    at: tuple[str, int]
    relay: Relay | None = None

    @property
    def address(self) -> TransportAddress:
        return self.at

    def sendto(self, data: bytes | memoryview, peer: TransportAddress) -> None:
        self.send(bytes(data), peer, dont_fragment=False)

    def send_run(self, run: list[memoryview], peer: TransportAddress) -> None:
        self.sockets.runs.append([bytes(each) for each in run])
        for data in run:
            self.sendto(data, peer)

    def send(self, data: bytes, peer: TransportAddress, *, dont_fragment: bool) -> None:
        assert self.sockets.open_ones.get(self.at) is self, "sent on a socket that is closed"
        self.sockets.mail[peer].append((self.at, data, dont_fragment))

    def serve(self, relay: Relay) -> None:
        self.relay = relay

    def close(self) -> None:
        self.sockets.closed(self)


@define(eq=False)
class Stream:
    """A TCP connection to a peer, with the peer's end of it; what it says waits to be read."""

    lost: Callable[[], None] = lambda: None
    path: Any = None
    allocation: Allocation | None = None
    waiting: bytes = b""
    heard: bytes = b""
    is_closed: bool = False

    def join(self, path: ClientPath, allocation: Allocation) -> None:
        assert self.path is None
        assert not self.is_closed
        self.path, self.allocation = path, allocation
        self.path.peer = self
        self.says(b"")

    def close(self) -> None:
        self.is_closed = True
        if self.path is not None:
            self.path.close()

    def says(self, data: bytes) -> None:
        """The peer says something; nothing is read before there is a client."""
        self.waiting += data
        if self.path is not None:
            self.path.octets += self.waiting
            self.waiting = b""

    def hangs_up(self) -> None:
        self.is_closed = True
        self.lost()


@define(eq=False)
class Attempt:
    """A connection that is being opened; the peer decides what becomes of it."""

    clock: Clock
    peer: TransportAddress
    timeout: float
    _settled: Settled
    _lost: Callable[[], None]
    is_open: bool = True

    def succeeds(self) -> Stream:
        stream = Stream(self._lost)
        self._settle(stream)
        return stream

    def fails(self) -> None:
        if self.is_open:
            self._settle(None)

    def _settle(self, stream: Stream | None) -> None:
        assert self.is_open
        self.is_open = False
        self._settled(stream, self.clock.now)


@define(eq=False)
class TcpWire:
    """A TCP relay socket."""

    sockets: "Sockets"
    at: tuple[str, int]
    relay: Relay | None = None

    def connect(
        self, peer: TransportAddress, timeout: float, settled: Settled, lost: Callable[[], None]
    ) -> None:
        attempt = Attempt(self.sockets.clock, peer, timeout, settled, lost)
        self.sockets.attempts.append(attempt)
        self.sockets.clock.later(timeout, attempt.fails)

    def serve(self, relay: Relay) -> None:
        self.relay = relay

    def close(self) -> None:
        self.sockets.closed(self)


AnyWire = TypeVar("AnyWire", Wire, TcpWire)


@define(eq=False)
class Sockets:
    """Opens relay sockets; whoever closes one twice or opens one twice is found out."""

    clock: Clock
    taken: set[tuple[str, int]] = field(factory=set)
    """What other programs have."""
    open_ones: dict[tuple[str, int], Wire | TcpWire] = field(factory=dict)
    attempts: list[Attempt] = field(factory=list)
    mail: dict[TransportAddress, list[Sent]] = field(factory=lambda: defaultdict(list))
    """What has left for each peer."""
    runs: list[list[bytes]] = field(factory=list)
    """What of it has left together."""

    def open(self, host: str, port: int) -> Wire | None:
        return None if (host, port) in self.taken else self._keep(Wire(self, (host, port)))

    def open_tcp(self, host: str, port: int) -> TcpWire | None:
        return None if (host, port) in self.taken else self._keep(TcpWire(self, (host, port)))

    def closed(self, wire: Wire | TcpWire) -> None:
        assert self.open_ones.pop(wire.at, None) is wire, "closed twice"

    def _keep(self, wire: AnyWire) -> AnyWire:
        assert wire.at not in self.open_ones, "opened twice"
        self.open_ones[wire.at] = wire
        return wire


# Users and records ------------------------------------------------------------------------


@define(eq=False)
class Users:
    """The port `Authority`: who is known."""

    realm: str
    accounts: dict[bytes, Account] = field(factory=dict)

    def add(self, username: str, account: Account) -> None:
        self.accounts[username.encode()] = account

    def find(self, username: bytes, now: float) -> Account | None:
        account = self.accounts.get(username)
        expired = account is not None and account.until is not None and account.until <= now
        return None if expired else account

    def name_of(self, hashed: bytes) -> bytes | None:
        realm = self.realm.encode()
        return next((each for each in self.accounts if userhash(each, realm) == hashed), None)


@define(eq=False)
class Records:
    """The port `Book`: lines of what has happened."""

    lines: list[tuple[str, ...]] = field(factory=list)

    def opened(self, allocation: Allocation, now: float) -> None:
        self.lines.append(("opened", allocation.id))

    def goes_on(self, allocation: Allocation, now: float) -> None:
        self.lines.append(("goes-on", allocation.id))

    def ended(self, allocation: Allocation, why: str, now: float) -> None:
        self.lines.append(("ended", allocation.id, why))

    def wrong_password(self, tenant: Tenant, host: str, now: float) -> None:
        self.lines.append(("wrong-password", tenant.name, host))

    def scanning(self, allocation: Allocation, now: float) -> None:
        self.lines.append(("scanning", allocation.id))
