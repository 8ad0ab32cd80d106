"""TCP between a relayed address and its peers (RFC 6062)."""

# mypy: allow-untyped-calls
# Twisted's connectors are typed in part only.

import socket
from collections.abc import Callable
from typing import Any, cast

from twisted.internet import tcp
from twisted.internet.interfaces import IAddress, IListeningPort, IPushProducer
from twisted.internet.protocol import ClientFactory, Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.stun.addresses import TransportAddress, address_of
from procall_mobility.protocols.turn.allocation import Allocation, Relay
from procall_mobility.protocols.turn.ports import Settled
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.transports.pump import Household
from procall_mobility.transports.turn.stream import TurnStream

HELD_BACK = 0.05
"""Seconds nothing is read from whoever has used up what its customer may relay."""

BACKLOG = 16
"""Peers' connections the kernel keeps; an allocation may have hardly more."""


@implementer(IPushProducer)
class Valve:
    """Whether a transport is read: not while anything holds it back."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._held: set[str] = set()

    def hold(self, why: str) -> None:
        """Read nothing until `release` with the same reason, and every other one."""
        if not self._held:
            self._transport.pauseProducing()
        self._held.add(why)

    def release(self, why: str) -> None:
        """Read again, unless there is another reason not to."""
        if self._held:
            self._held.discard(why)
            if not self._held:
                self._transport.resumeProducing()

    def pauseProducing(self) -> None:
        """The other end's buffer is full."""
        self.hold("slow")

    def resumeProducing(self) -> None:
        """The other end's buffer has drained."""
        self.release("slow")

    def stopProducing(self) -> None:
        """Do nothing: the loss of the connection is told by `connectionLost`."""


class PeerSide(Protocol):
    """A connection to a peer; the kernel keeps what it sends until a client is joined to it."""

    transport: Any

    def __init__(self, household: Household, lost: Callable[[], None]) -> None:
        self._household = household
        self._lost = lost
        self._client: TurnStream | None = None
        self._allocation: Allocation | None = None
        self._valve: Valve | None = None
        self._client_valve: Valve | None = None

    def connectionMade(self) -> None:
        """Read nothing yet."""
        self.transport.setTcpNoDelay(True)
        self._valve = Valve(self.transport)
        self._valve.hold("unbound")

    def dataReceived(self, data: bytes) -> None:
        """Pass on what the peer says."""
        if self._client is None or self._allocation is None:
            return
        allocation = self._allocation
        allocation.received_octets += len(data)
        allocation.received_packets += 1
        self._client.transport.write(data)
        if allocation.received_octets > allocation.received_allowed:
            self._hold_back(self._valve, allocation.draw_received)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End the client's side, when it has taken everything."""
        client, self._client = self._client, None
        if client is not None:
            client.transport.unregisterProducer()
            client.transport.loseConnection()
        self._lost()

    # The port PeerStream ------------------------------------------------------------------

    def join(self, path: Any, allocation: Allocation) -> None:
        """Pass octets both ways, each as fast as the other end takes them."""
        client = self._client = cast(TurnStream, path)
        self._allocation = allocation
        client.become_raw(self)
        valve, client_valve = self._valve, Valve(client.transport)
        self._client_valve = client_valve
        client.transport.registerProducer(valve, True)
        self.transport.registerProducer(client_valve, True)
        if valve is not None:
            valve.release("unbound")

    def close(self) -> None:
        """Close both sides."""
        self.transport.loseConnection()

    # The port Raw -------------------------------------------------------------------------

    def hears(self, data: bytes) -> None:
        """Pass on what the client says."""
        allocation = self._allocation
        if allocation is None or self._client is None:
            return
        allocation.sent_octets += len(data)
        allocation.sent_packets += 1
        self.transport.write(data)
        if allocation.sent_octets > allocation.sent_allowed:
            self._hold_back(self._client_valve, allocation.draw_sent)

    def client_lost(self) -> None:
        """End the peer's side, when it has taken everything."""
        self._client = None
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def _hold_back(self, valve: Valve | None, draw: Callable[[float], bool]) -> None:
        """Read nothing from whoever has used up what its customer may relay."""
        if valve is None or draw(self._household.now()):
            return
        valve.hold("rate")

        def again() -> None:
            if self._client is None:
                return
            if draw(self._household.now()):
                valve.release("rate")
            else:
                self._household.reactor.callLater(HELD_BACK, again)

        self._household.reactor.callLater(HELD_BACK, again)


class TcpRelay:
    """The listening socket of a relayed transport address of TCP."""

    def __init__(
        self, sock: socket.socket, reactor: Any, household: Household, server: TurnServer
    ) -> None:
        """Listen on a bound socket; it is a copy that stays with us."""
        self._reactor = reactor
        self._household = household
        self._server = server
        self._relay: Relay | None = None
        self._bound: tuple[str, int] = sock.getsockname()[:2]
        with sock:
            self._port: IListeningPort = reactor.adoptStreamPort(
                sock.fileno(), sock.family, _Inbound(self._accept)
            )

    def serve(self, relay: Relay) -> None:
        """Hand peers' connections to a relay from now on."""
        self._relay = relay

    def connect(
        self, peer: TransportAddress, timeout: float, settled: Settled, lost: Callable[[], None]
    ) -> None:
        """Open a connection from this address to a peer."""
        factory = _Outbound(self._household, settled, lost)
        _Connector(
            peer[0], peer[1], factory, timeout, self._bound, reactor=self._reactor
        ).connect()

    def close(self) -> None:
        """Listen no more."""
        self._relay = None
        self._port.stopListening()

    def _accept(self, address: Any) -> Protocol | None:
        if self._relay is None:
            return None
        lost: list[Callable[[], None]] = []
        stream = _InboundPeer(self._household, lambda: lost[0]() if lost else None)
        peer = address_of(address.host, address.port)
        relay = self._relay

        def announce() -> None:
            wanted = self._server.tcp_relaying.accept(relay, stream, peer, self._household.now())
            if wanted is None:
                stream.transport.abortConnection()
            else:
                lost.append(wanted)

        stream.announce = announce
        return stream


class _InboundPeer(PeerSide):
    announce: Callable[[], None]

    def connectionMade(self) -> None:
        super().connectionMade()
        self.announce()


class _Inbound(ServerFactory):
    noisy = False

    def __init__(self, accept: Callable[[Any], Protocol | None]) -> None:
        self._accept = accept

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        return self._accept(addr)


class _Outbound(ClientFactory):
    noisy = False

    def __init__(self, household: Household, settled: Settled, lost: Callable[[], None]) -> None:
        self._household = household
        self._settled = settled
        self._lost = lost

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        return _OutboundPeer(self._household, self._lost, self._settled)

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        self._settled(None, self._household.now())


class _OutboundPeer(PeerSide):
    def __init__(self, household: Household, lost: Callable[[], None], settled: Settled) -> None:
        super().__init__(household, lost)
        self._settled = settled

    def connectionMade(self) -> None:
        super().connectionMade()
        self._settled(self, self._household.now())


class _Client(tcp.Client):
    """A connection from an address on which we listen as well."""

    def createInternetSocket(self) -> socket.socket:
        sock: socket.socket = super().createInternetSocket()
        share(sock)
        return sock


class _Connector(tcp.Connector):
    def _makeTransport(self) -> _Client:
        return _Client(self.host, self.port, self.bindAddress, self, self.reactor)


def open_tcp(host: str, port: int) -> socket.socket:
    """Return a listening socket from whose address connections can be made as well.

    Raises:
        OSError: the port is taken.
    """
    is_ipv6 = ":" in host
    sock = socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET)
    try:
        if is_ipv6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
        # Not before: another daemon of ours that hands over and listens there would share as well.
        share(sock)
    except OSError:
        sock.close()
        raise
    return sock


def share(sock: socket.socket) -> None:
    """Let several sockets have the same address: one listens, the others are connected."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
