"""A server link on a raw stream: TCP, or TLS, or TCP that becomes TLS by asnStartTLS."""

from typing import Any

from twisted.internet.interfaces import IDelayedCall, IOpenSSLServerConnectionCreator
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from procall_mobility.protocols.ucserver.rules import StartTls
from procall_mobility.transports.door import Peer
from procall_mobility.transports.link_driver import LinkDriver, LinkServices
from procall_mobility.transports.pressure import Pressure
from procall_mobility.transports.starttls import begin_tls

CLOSE_WITHIN = 10.0
"""Seconds a peer has to take the last octets and the end of TLS before it is cut off."""


class StreamLink(Protocol):
    """The carrier of one link; octets in, octets out."""

    transport: Any

    def __init__(
        self,
        services: LinkServices,
        peer: Peer,
        starttls: StartTls,
        tls: IOpenSSLServerConnectionCreator | None,
    ) -> None:
        self._services = services
        self._reactor = services.household.reactor
        self._peer = peer
        self._starttls = starttls
        self._tls = tls
        self._driver: LinkDriver | None = None
        self._securing = False
        self._cut: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """Start the link."""
        self._driver = driver = LinkDriver(
            self._services, self, self._peer.host, starttls=self._starttls, framed=True
        )
        if self.transport is not None:
            self.transport.registerProducer(Pressure(driver.paused, driver.resumed), True)

    def dataReceived(self, data: bytes) -> None:
        """Pass on what the server says."""
        if self._driver is None:
            return
        if self._securing:
            # The first octets that come through TLS prove that its handshake is done.
            self._securing = False
            self._driver.secured()
        self._driver.hears(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass on that the connection has gone."""
        if self._cut is not None and self._cut.active():
            self._cut.cancel()
        if self._driver is not None:
            self._driver.lost()

    # The port Carrier ---------------------------------------------------------------------

    def transmit(self, octets: bytes, *, binary: bool) -> None:
        """Send octets."""
        if self.transport is not None:
            self.transport.write(octets)

    def begin_tls(self) -> None:
        """Start TLS behind what was written."""
        if self._tls is None or self.transport is None:
            self.abort()
            return
        self._securing = True
        begin_tls(self.transport, self, self._tls)

    def trust(self) -> None:
        """Do nothing: the machine knows what is too long on a stream."""

    def close(self) -> None:
        """Flush and close; a peer that does not let us is cut off."""
        if self.transport is not None:
            self.transport.unregisterProducer()
            self.transport.loseConnection()
            self._cut = self._reactor.callLater(CLOSE_WITHIN, self.abort)

    def abort(self) -> None:
        """Cut the connection."""
        if self.transport is not None:
            self.transport.abortConnection()
