"""A host of relays with real TCP sockets on loopback; nothing runs by itself."""

import select
import socket
from typing import Any

from attrs import define, field
from twisted.internet import tcp
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import ServerFactory
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from procall_mobility.transports.turn.peer_stream import PeerSide, TcpRelay
from procall_mobility.transports.turn.relay_sockets import HostSockets
from tests.transports.turn.stream_stage import StreamStage


class SteppedReactor(MemoryReactorClock):
    """Moves real sockets, one step at a time and when it is told to."""

    def adoptStreamPort(
        self, fileno: int, addressFamily: int, factory: ServerFactory
    ) -> IListeningPort:
        port = tcp.Port._fromListeningDescriptor(self, fileno, addressFamily, factory)
        port.startListening()
        return port

    def steps(self) -> None:
        """Do what is due, and what sockets are ready for; at least one of them will be."""
        self.advance(0)
        if self.readers or self.writers:
            readable, writable, _ = select.select(self.readers, self.writers, [], 5)
            for each in readable:
                self._goes_on(each, each.doRead())
            for each in writable:
                self._goes_on(each, each.doWrite())
        self.advance(0)

    def _goes_on(self, descriptor: Any, why: Exception | None) -> None:
        if why is not None:
            descriptor.connectionLost(Failure(why))


@define(eq=False)
class Sides:
    """What became of attempts to connect."""

    settled: list[PeerSide | None] = field(factory=list)
    lost: int = 0

    def are_told(self, side: PeerSide | None, now: float) -> None:
        self.settled.append(side)

    def is_lost(self) -> None:
        self.lost += 1


@define(eq=False)
class Host:
    """A host of relays, whose TCP sockets are real."""

    address: str
    stage: StreamStage
    reactor: SteppedReactor
    sockets: HostSockets
    relays: list[TcpRelay] = field(factory=list)

    def listens(self) -> tuple[TcpRelay, int]:
        """Open a TCP relay; returns it and its port."""
        relay = self.sockets.open_tcp(self.address, 0)
        assert relay is not None
        self.relays.append(relay)
        return relay, relay._bound[1]

    def peer(self, to: int) -> socket.socket:
        """Let a peer connect to a port here."""
        return socket.create_connection((self.address, to), 5)

    def ends(self) -> None:
        for each in self.relays:
            each.close()
        self.reactor.advance(0)
        for each in self.reactor.readers | self.reactor.writers:
            each.connectionLost(Failure(ConnectionAbortedError()))
