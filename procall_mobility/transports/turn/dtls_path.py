"""One client over DTLS: STUN and ChannelData, a message in each record (RFC 7350)."""

# mypy: allow-untyped-calls
# pyOpenSSL is typed in part only.

import contextlib
from collections.abc import Callable
from typing import Final

from attrs import frozen
from OpenSSL import SSL
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.ports import Transport
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.transports.connections import Admission
from procall_mobility.transports.turn.dtls_context import MTU, take_flight
from procall_mobility.transports.turn.dtls_records import LARGEST_RECORD, datagrams


@frozen(kw_only=True, eq=False)
class DtlsServices:
    """What a client's connection needs from its listener."""

    server: TurnServer
    reactor: IReactorTime
    now: Callable[[], float]
    address: TransportAddress
    """Where we listen."""
    send: Callable[[bytes, TransportAddress], None]
    left: Callable[["DtlsPath"], None]
    """Told once, when it is over."""
    handshake: float
    """Seconds a handshake may take."""
    idle: float
    """Seconds a connection may be without an allocation."""


class DtlsPath:
    """A client whose hello is in `connection` already."""

    kind = Transport.DTLS
    sendto: Final = None
    """There is no short cut: data is enciphered first."""

    def __init__(
        self,
        services: DtlsServices,
        connection: SSL.Connection,
        client: TransportAddress,
        random: bytes,
        admission: Admission,
    ) -> None:
        self._services = services
        self._server = services.server
        self._connection = connection
        self._admission = admission
        self._allocation: Allocation | None = None
        self._deadline: IDelayedCall | None = None
        self._retransmission: IDelayedCall | None = None
        self._is_open = self._closed = False
        self.client = client
        self.random = random
        """What its hello is known by, when that comes again."""

    @property
    def server(self) -> TransportAddress:
        """The address the client sent to."""
        return self._services.address

    # The connection -----------------------------------------------------------------------

    def begin(self) -> None:
        """Answer the hello."""
        self._wait(self._services.handshake)
        self._proceed()

    def hears(self, datagram: bytes) -> None:
        """Take a datagram."""
        self._connection.bio_write(datagram)
        self._proceed()

    def abandon(self) -> None:
        """End it without a word, for the client begins anew or nobody knows what is wrong."""
        if self._closed:
            return
        self._closed = True
        self._wait(None)
        self._forget_retransmission()
        self._admission.leave()
        self._services.left(self)
        self._server.lost(self, self._services.now())

    # The port ClientPath ------------------------------------------------------------------

    def send(self, message: bytes) -> None:
        """Send a message; one that fits in no record is lost, as datagrams are."""
        if self._closed:
            return
        if len(message) > LARGEST_RECORD:
            self._server.allocations.counters["too-large"] += 1
            return
        self._connection.send(message)
        self._flush()

    def find(self) -> Allocation | None:
        """Return the client's allocation."""
        return self._allocation

    def bind(self, allocation: Allocation) -> None:
        """Give the client an allocation."""
        self._wait(None)
        self._allocation = allocation

    def unbind(self) -> None:
        """Take the client's allocation; without a new one the connection does not stay."""
        self._allocation = None
        if not self._closed:
            self._wait(self._services.idle)

    def close(self) -> None:
        """Tell the client that it is over."""
        if self._closed:
            return
        with contextlib.suppress(SSL.Error):  # There is nothing to close in a handshake.
            self._connection.shutdown()
        self._flush()
        self.abandon()

    # Inside -------------------------------------------------------------------------------

    def _proceed(self) -> None:
        """Go on with what has come; a record that is not genuine is as if it had not."""
        try:
            if not self._is_open:
                self._connection.do_handshake()
                self._is_open = True
                self._wait(self._services.idle)
            while not self._closed:
                self._hear(self._connection.recv(LARGEST_RECORD))
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.close()
        except SSL.Error:
            self._server.allocations.counters["dtls-failed"] += 1
            self._flush()  # The alert that says why.
            self.abandon()
        if not self._closed:
            self._flush()
            self._arrange_retransmission()

    def _hear(self, message: bytes) -> None:
        now = self._services.now()
        if message[0] <= 0x03:
            self._server.hears(message, self, now)
        elif 0x40 <= message[0] <= 0x7F:
            self._server.hears_channel_data(message, self, now)
        else:
            self._server.allocations.counters["not-stun"] += 1

    def _flush(self) -> None:
        for datagram in datagrams(take_flight(self._connection), MTU):
            self._services.send(datagram, self.client)

    def _wait(self, seconds: float | None) -> None:
        """Close the connection after a time, instead of what was waited for until now."""
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = (
            None if seconds is None else self._services.reactor.callLater(seconds, self.close)
        )

    # RFC 6347 section 4.2.4; once a handshake is done its last flight goes again when asked for.

    def _arrange_retransmission(self) -> None:
        self._forget_retransmission()
        seconds = None if self._is_open else self._connection.DTLSv1_get_timeout()
        if seconds is not None:
            reactor = self._services.reactor
            self._retransmission = reactor.callLater(seconds, self._retransmit)

    def _forget_retransmission(self) -> None:
        if self._retransmission is not None and self._retransmission.active():
            self._retransmission.cancel()
        self._retransmission = None

    def _retransmit(self) -> None:
        self._connection.DTLSv1_handle_timeout()
        self._flush()
        self._arrange_retransmission()
