"""Clients over TCP and TLS: STUN and ChannelData, or the raw octets of one peer (RFC 6062)."""

from collections.abc import Callable
from typing import Any, Final
from typing import Protocol as TypingProtocol

from attrs import frozen
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.addresses import TransportAddress, address_of
from procall_mobility.protocols.stun.stream import Unframer
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.ports import Transport
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.transports.callers import Peer
from procall_mobility.transports.pressure import Pressure
from procall_mobility.transports.pump import Household
from procall_mobility.transports.turn.runs import relay_frames

MOST_MALFORMED: Final = 8
"""Messages that are none, after which a connection is closed."""

MOST_BEHIND: Final = 65_536
"""Octets of answers kept for a client that reads nothing; data is dropped at once."""


class Raw(TypingProtocol):
    """The other end of a connection that carries a peer's octets."""

    def hears(self, data: bytes) -> None:
        """Take octets of the client."""

    def client_lost(self) -> None:
        """The client's connection is gone."""


@frozen(kw_only=True)
class StreamServices:
    """What a stream needs from the house."""

    server: TurnServer
    household: Household
    refused: Callable[[Peer, Reason, str], None]
    idle: float = 30.0
    """Seconds a connection may be without an allocation."""


class TurnStream(Protocol):
    """One connection, which is its own path to the client."""

    _log = Logger()
    transport: Any

    sendto: Final = None
    """There is no short cut on a stream."""

    def __init__(self, services: StreamServices, peer: Peer) -> None:
        self._services = services
        self._server = services.server
        self._peer = peer
        rules = services.server.allocations.rules
        self._unframer = Unframer(old_channels=rules.old_channels)
        self._allocation: Allocation | None = None
        self._joined: Raw | None = None
        self._malformed = 0
        self._is_paused = False
        self._behind = 0
        self._deadline: IDelayedCall | None = None
        self._closed = False
        self._write: Callable[[bytes], None]
        self.kind = Transport.TLS if peer.secure else Transport.TCP
        self.client: TransportAddress = address_of(peer.host, peer.port)
        self.server: TransportAddress = ("0.0.0.0", 0)  # noqa: S104  # Until it is connected.

    # The connection -----------------------------------------------------------------------

    def connectionMade(self) -> None:
        """Wait for an allocation, but not forever."""
        ours = self.transport.getHost()
        self.server = address_of(ours.host, ours.port)
        # Of a plain connection one call, of TLS one record: the reactor is not asked before.
        self._write = getattr(self.transport, "send", self.transport.write)
        self.transport.registerProducer(Pressure(self._paused, self._resumed), True)
        self._expect_allocation()

    def dataReceived(self, data: bytes) -> None:
        """Take messages out of the stream."""
        if self._joined is not None:
            self._joined.hears(data)
            return
        if self._closed:
            return
        self._unframer.hears(data)
        try:
            while not self._closed:
                if frames := self._unframer.take_frames():
                    now = self._services.household.now()
                    relay_frames(frames, self, self._server, now)
                message = self._unframer.take()
                if message is None:
                    return
                self._hear(message)
                joined = self._joined_to()
                if joined is not None:
                    if rest := self._unframer.rest():
                        joined.hears(rest)
                    return
        except PeerError as error:
            self._refuse(error.text)
        except Exception:  # noqa: BLE001  # Our bug, whatever it is: this connection ends.
            self._log.failure("a client over a stream was cut off")
            self.close()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell whoever was reached through it."""
        self._closed = True
        self._stop_waiting()
        joined, self._joined = self._joined, None
        if joined is not None:
            joined.client_lost()
        self._server.lost(self, self._services.household.now())

    # The port ClientPath ------------------------------------------------------------------

    def send(self, message: bytes) -> None:
        """Send a message; while the client reads too slowly, data is dropped."""
        if self._closed:
            return
        if self._is_paused:
            self._behind += len(message)
            if message[0] >= 0x40 or self._behind > MOST_BEHIND:
                self._server.allocations.counters["slow-client"] += 1
                return
        self.transport.write(message)

    def send_frames(self, frames: bytes, count: int) -> None:
        """Send ChannelData that came together by one call, which is made now if it can be."""
        if self._closed:
            return
        if self._is_paused:
            self._server.allocations.counters["slow-client"] += count
            return
        self._write(frames)

    def find(self) -> Allocation | None:
        """Return the client's allocation."""
        return self._allocation

    def bind(self, allocation: Allocation) -> None:
        """Give the client an allocation."""
        self._stop_waiting()
        self._allocation = allocation

    def unbind(self) -> None:
        """Take the client's allocation; without a new one the connection does not stay."""
        self._allocation = None
        if not self._closed:
            self._expect_allocation()

    def close(self) -> None:
        """Close the connection."""
        self._closed = True
        self.transport.abortConnection()

    # RFC 6062 -----------------------------------------------------------------------------

    def become_raw(self, other: Raw) -> None:
        """Be a pipe to a peer from now on."""
        self._stop_waiting()
        self._joined = other
        self.transport.unregisterProducer()

    # Inside -------------------------------------------------------------------------------

    def _hear(self, message: bytes) -> None:
        if not self._server.hears(message, self, self._services.household.now()):
            self._malformed += 1
            if self._malformed >= MOST_MALFORMED:
                self._refuse("too many messages that are none")

    def _joined_to(self) -> Raw | None:
        return self._joined

    def _refuse(self, text: str) -> None:
        if self._allocation is None:
            self._services.refused(self._peer, Reason.PROTOCOL_ERROR, text)
        self.close()

    def _expect_allocation(self) -> None:
        self._stop_waiting()
        reactor = self._services.household.reactor
        self._deadline = reactor.callLater(self._services.idle, self._too_late)

    def _stop_waiting(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        self.close()

    def _paused(self) -> None:
        self._is_paused = True
        self._behind = 0

    def _resumed(self) -> None:
        self._is_paused = False
