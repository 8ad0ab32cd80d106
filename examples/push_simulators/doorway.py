"""From an accepted TCP connection through TLS to the HTTP version that was agreed on."""

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IHandshakeListener, IProtocol, IReactorTime
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from examples.push_simulators.conduct import Reception
from examples.push_simulators.http1_connection import Http1Factory
from examples.push_simulators.http2_connection import Http2Connection
from examples.push_simulators.simulator import Simulator
from examples.push_simulators.tls import ServerTls, application
from procall_mobility.transports.tls import TlsLayer, layers

HANDSHAKE_FAILURE = bytes.fromhex("15 0303 0002 0228")
"""A record with a fatal alert (RFC 8446 sections 5.1, 6); in clear, as before any key."""


@implementer(IHandshakeListener)
class Doorway(Protocol):
    """Waits for the handshake's end, then hands the connection over."""

    transport: Any

    def __init__(self, choose: "Callable[[Any], IProtocol | None]") -> None:
        self._choose = choose
        self._inner: IProtocol | None = None

    def handshakeCompleted(self) -> None:
        """Begin to speak what was agreed on."""
        self._inner = self._choose(self.transport)
        if self._inner is None:
            self.transport.abortConnection()
        else:
            self._inner.makeConnection(self.transport)

    def dataReceived(self, data: bytes) -> None:
        """Pass on."""
        if self._inner is not None:
            self._inner.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass on."""
        if self._inner is not None:
            self._inner.connectionLost(reason)


class _Unwelcome(Protocol):
    """A connection nobody speaks to."""

    transport: Any

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    def connectionMade(self) -> None:
        """Cut it, where that is wanted."""
        if self._reception is Reception.DROP:
            self.transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        """Let the handshake fail, or say nothing."""
        if self._reception is Reception.ALERT:
            self.transport.write(HANDSHAKE_FAILURE)
            self.transport.loseConnection()


class DoorwayFactory(Factory):
    """Receives the connections of one simulator."""

    noisy = False

    def __init__(
        self, simulator: Simulator, tls: ServerTls, demanding: ServerTls, clock: IReactorTime
    ) -> None:
        """Prepare.

        Args:
            simulator: whose connections they are.
            tls: for those that are welcome.
            demanding: the same, for those that shall fail late.
            clock: for latencies.
        """
        self._simulator = simulator
        self._layers = layers(tls)
        self._demanding = layers(demanding)
        self._clock = clock
        self._http1 = Http1Factory(simulator, clock)

    def buildProtocol(self, addr: Any) -> Any:
        """Receive a connection as the simulator's conduct wants it."""
        match self._simulator.conduct.reception:
            case Reception.WELCOME:
                return self._welcome(self._layers)
            case Reception.LATE_ALERT:
                return self._welcome(self._demanding)
            case reception:
                return _Unwelcome(reception)

    def _welcome(self, factory: TLSMemoryBIOFactory) -> TlsLayer:
        return TlsLayer(factory, Doorway(self._choose), _nothing, None)

    def _choose(self, transport: Any) -> IProtocol | None:
        visit = self._simulator.welcome(application(transport))
        if transport.negotiatedProtocol == b"h2":
            return Http2Connection(self._simulator, visit, self._clock)
        if b"http/1.1" in self._simulator.protocols:
            return self._http1.connection(visit)
        return None


def _nothing() -> None:
    """Keep no account of places."""
