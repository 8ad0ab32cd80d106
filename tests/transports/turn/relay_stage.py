"""The relay of the plays over sockets of loopback, read when somebody has sent; no reactor runs.

Relays are seen at an address that no socket has, as behind a 1:1 NAT, so that what stays inside
the daemon and what leaves it cannot be mistaken for each other.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address
from typing import Any

from attrs import define, field
from twisted.internet.testing import MemoryReactorClock

from procall_mobility.protocols.stun.codes import Family
from procall_mobility.protocols.turn.port_pool import PortPool
from procall_mobility.protocols.turn.relay_addresses import RelayHost
from procall_mobility.transports.pump import Household
from procall_mobility.transports.turn.hub import DatagramHub
from procall_mobility.transports.turn.relay_sockets import HostSockets
from procall_mobility.transports.turn.udp_listener import UdpListener, UdpPath
from procall_mobility.transports.turn.udp_relay import (
    IP_MTU_DISCOVER,
    IPV6_MTU_DISCOVER,
    UdpRelay,
    open_udp,
)
from tests.interop.turn.stun_codec import IPV6, A, Address
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import SEEN, SEEN6, Play

RELAY_HOST = str(IPv4Address("127.32.0.0") + os.getpid())
"""Of loopback, and of this run alone: another one beside it has the same ports."""

PORTS = (28_000, 28_031)
"""Below those the system chooses from."""


@define(eq=False)
class Socket:
    """Somebody's UDP socket on loopback."""

    stage: "RelayStage"
    socket: socket.socket

    @property
    def address(self) -> Address:
        return self.socket.getsockname()[:2]

    def takes(self) -> list[bytes]:
        """Return what has come."""
        return [data for data, _ in self.takes_from()]

    def takes_from(self) -> list[tuple[bytes, Address]]:
        """Return what has come, and from where."""
        found = []
        while True:
            try:
                data, origin = self.socket.recvfrom(65_536)
            except BlockingIOError:
                return found
            found.append((data, origin[:2]))

    def throws(self, data: bytes, to: Any) -> None:
        """Send octets; nobody reads them yet."""
        self.socket.sendto(data, to)

    def vanishes(self) -> None:
        """Close it: whatever is sent to it from now on is refused."""
        self.socket.close()


@define(eq=False)
class SocketPeer(Socket):
    """A peer."""

    def says(self, data: bytes, to: Client) -> None:
        """Send to the relay of a client, and have it read."""
        self.throws(data, self.stage.wire_of(to)._socket.getsockname())
        self.stage.hub.doRead()


@define(eq=False)
class SocketLine(Socket):
    """The way of a caller of the relay's plays, over a socket."""

    stream: None = None

    @property
    def path(self) -> UdpPath:
        return UdpPath(self.stage.listener, self.client)

    @property
    def client(self) -> Any:
        return self.socket.getsockname()

    def says(self, data: bytes) -> None:
        self.throws(data, self.stage.listener.address)
        self.stage.listener.doRead()


@define(eq=False)
class RelayStage:
    """A listener, a hub with relays, and who talks through them."""

    host: str = "127.0.0.1"
    rules: dict[str, Any] = field(factory=dict)
    reactor: MemoryReactorClock = field(factory=MemoryReactorClock)
    opened: ExitStack = field(factory=ExitStack)
    play: Play = field(init=False)
    hub: DatagramHub = field(init=False)
    sockets: HostSockets = field(init=False)
    listener: UdpListener = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.play = Play(watched=False, **self.rules)
        self.play.tenant(allow=["127.0.0.0/8", "::1/128"])
        self.hub = DatagramHub(self.reactor, self._now)
        self.opened.callback(self.hub.stop)
        self.hub.start()
        household = Household(reactor=self.reactor, now=self._now)
        self.sockets = HostSockets(self.hub, self.reactor, household)
        self.sockets.server = self.play.server
        addresses = self.play.allocations.addresses
        addresses.sockets = self.sockets
        addresses.hosts = [
            RelayHost(host=host, seen_as=seen, ports=PortPool(*PORTS, addresses.choose))
            for host, seen in ((RELAY_HOST, SEEN), ("::1", SEEN6))
        ]
        self.listener = UdpListener(
            open_udp(self.host, 0, 1 << 20), self.play.server, self.reactor, self._now
        )
        self.opened.callback(self.listener.stop)
        self.opened.callback(self.play.revokes)
        self.listener.start()

    @property
    def counters(self) -> Any:
        return self.play.counters

    def line(self) -> SocketLine:
        return SocketLine(self, self.socket())

    def peer(self) -> SocketPeer:
        return SocketPeer(self, self.socket())

    def caller(self, subject: str = "alice", *parts: tuple[int, bytes]) -> Client:
        """Let somebody come who has an allocation of the listener's family."""
        caller = Client(self.line(), self.play.client(subject).talk)
        family = [(A.REQUESTED_ADDRESS_FAMILY, IPV6)] if ":" in self.host else []
        caller.allocates(*family, *parts)
        return caller

    def socket(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        sock = self.opened.enter_context(socket.socket(family, socket.SOCK_DGRAM))
        sock.bind((self.host, 0))
        sock.setblocking(False)
        return sock

    def wire_of(self, client: Client) -> UdpRelay:
        family = Family.IPV6 if ":" in self.host else Family.IPV4
        return client.allocation.relay_of(family).wire

    def _now(self) -> float:
        return self.play.now


@contextmanager
def relay_stage(host: str = "127.0.0.1", **rules: Any) -> Iterator[RelayStage]:
    stage = RelayStage(host, rules)
    with stage.opened:
        yield stage


def counted(client: Client) -> tuple[int, int, int, int]:
    """Return packets and octets sent, then received."""
    of = client.allocation
    return of.sent_packets, of.sent_octets, of.received_packets, of.received_octets


def talking(stage: RelayStage, subject: str = "alice") -> tuple[Client, SocketPeer]:
    """Let a client come who has a channel to a peer."""
    alice, bob = stage.caller(subject), stage.peer()
    assert alice.binds(0x4000, bob).ok
    return alice, bob


def mtu_discovery(sock: socket.socket) -> int:
    """Return what the kernel does about datagrams that are too large."""
    if sock.family == socket.AF_INET6:
        return sock.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER)
    return sock.getsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER)
