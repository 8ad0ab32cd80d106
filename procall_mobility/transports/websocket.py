"""WebSocket doors: clients' sockets, and server links that come as WebSockets (Wire 3, 5.1).

autobahn does the opening handshake, frames, masking and closing; what is said goes to a machine.
"""

from typing import Any

from attrs import frozen
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from procall_mobility.gateway.gateway import Gateway
from procall_mobility.protocols.ucclient.client_socket import SocketRules
from procall_mobility.protocols.ucclient.socket_rules import CloseCode, websocket_session_id
from procall_mobility.protocols.ucserver.rules import StartTls
from procall_mobility.protocols.ucserver.speech import LARGEST_OF_A_STRANGER
from procall_mobility.transports.client_driver import ClientDriver
from procall_mobility.transports.link_driver import LinkDriver, LinkServices
from procall_mobility.transports.pressure import Pressure

FRAME_SLACK = 16
"""Octets beyond the limit that autobahn lets through; the machine has the exact one."""

LONGEST_REASON = 123
"""Octets (RFC 6455 section 5.5); our reason codes are ASCII and far shorter."""

log = Logger()

HANDSHAKE_WITHIN = 15.0
CLOSE_WITHIN = 5.0
"""Seconds."""


@frozen(kw_only=True)
class SocketServices:
    """What every WebSocket needs from the house."""

    gateway: Gateway
    links: LinkServices
    rules: SocketRules
    link_paths: tuple[str, ...]
    """Where customers' servers may connect (A-24)."""
    bad_session_status: int
    """A-16."""


class Socket(WebSocketServerProtocol):
    """One WebSocket; which kind, its path decides."""

    services: SocketServices
    transport: Any

    def onConnect(self, request: ConnectionRequest) -> None:
        """Refuse what has no session, before the handshake is answered."""
        try:
            self._judge(request)
        except ConnectionDeny:
            raise
        except Exception as error:  # Our bug, whatever it is; autobahn would tell the peer of it.
            log.failure("fault in an upgrade")
            text = "internal server error"
            raise ConnectionDeny(ConnectionDeny.INTERNAL_SERVER_ERROR, text) from error

    def _judge(self, request: ConnectionRequest) -> None:
        self._driver: ClientDriver | LinkDriver | None = None
        query = tuple((name, value) for name, values in request.params.items() for value in values)
        self._is_link = request.path.rstrip("/") in self.services.link_paths
        self._session_id = websocket_session_id(request.path, query) or ""
        if self._is_link:
            self._take(LARGEST_OF_A_STRANGER)
            return
        if self.services.gateway.sessions.find(self._session_id) is None:
            status = self.services.bad_session_status
            raise ConnectionDeny(status, "this session is unknown or has ended")

    def onOpen(self) -> None:
        """Start the machine behind this socket."""
        # twisted.web has registered itself as the producer of the transport it gave away.
        self.transport.unregisterProducer()
        host = self.transport.getPeer().host
        services = self.services
        if self._is_link:
            self._driver = link = LinkDriver(
                services.links, self, host, starttls=StartTls.OVER_TLS, framed=False
            )
            self._register(Pressure(link.paused, link.resumed))
            return
        client = ClientDriver(services.gateway, services.links.household, services.rules, self)
        self._driver = client
        self._register(Pressure(client.paused, client.resumed))
        if not client.attach(self._session_id, host):
            self.close_socket(CloseCode.SESSION_ENDED, "bad-session")

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Pass on what the peer says."""
        if isinstance(self._driver, ClientDriver):
            self._driver.hears(payload, binary=isBinary)
        elif self._driver is not None:
            self._driver.hears(payload)

    def onPing(self, payload: bytes) -> None:
        """Answer a ping; it is a sign of life."""
        super().onPing(payload)
        self._lives()

    def onPong(self, payload: bytes) -> None:
        """Take a pong as the sign of life it is."""
        self._lives()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Pass on that the connection has gone."""
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.lost()

    # The ports SocketCarrier and Carrier --------------------------------------------------

    def write(self, payload: bytes, *, binary: bool) -> None:
        """Send a client one message; when one side has begun to close, there is no way for it.

        autobahn would raise, in whoever speaks: mostly the link of the customer's server.
        """
        if self.state == self.STATE_OPEN:
            self.sendMessage(payload, isBinary=binary)

    def transmit(self, octets: bytes, *, binary: bool) -> None:
        """Send a server one message, likewise."""
        self.write(octets, binary=binary)

    def ping(self) -> None:
        """Send a ping."""
        self.sendPing()

    def close_socket(self, code: int, reason: str) -> None:
        """Send a close frame; autobahn cuts a peer off that does not answer it.

        Not by `sendClose`, which keeps the codes between 1001 and 2999 to itself.
        """
        octets = reason.encode("utf-8")[:LONGEST_REASON]
        self.sendCloseFrame(code=int(code), reasonUtf8=octets, isReply=False)

    def trust(self) -> None:
        """Take long messages: the server is let in."""
        self._take(self.services.links.rules.message_size)

    def close(self) -> None:
        """Close a server's socket."""
        self.close_socket(CloseCode.DRAINING, "")

    def abort(self) -> None:
        """Cut the connection."""
        self.dropConnection(abort=True)

    def begin_tls(self) -> None:
        """Never asked for: a WebSocket link counts as being over TLS."""
        self.abort()

    def hold_reading(self) -> None:
        """Read nothing more for now."""
        self.transport.pauseProducing()

    def release_reading(self) -> None:
        """Read again."""
        self.transport.resumeProducing()

    def _take(self, octets: int) -> None:
        """Have autobahn hold no longer message than this."""
        self.maxFramePayloadSize = self.maxMessagePayloadSize = octets + FRAME_SLACK

    def _lives(self) -> None:
        if isinstance(self._driver, ClientDriver):
            self._driver.lives()

    def _register(self, pressure: Pressure) -> None:
        self.transport.registerProducer(pressure, True)


def socket_factory(services: SocketServices, reactor: IReactorTime) -> WebSocketServerFactory:
    """Make the factory behind both kinds of WebSocket, every limit set (autobahn has none)."""

    class BoundSocket(Socket):
        """A socket that knows its house."""

    BoundSocket.services = services
    factory = WebSocketServerFactory(reactor=reactor, server="")
    factory.protocol = BoundSocket
    factory.setProtocolOptions(
        versions=[13],
        webStatus=False,
        utf8validateIncoming=True,
        requireMaskedClientFrames=True,
        maxFramePayloadSize=services.rules.message_size + FRAME_SLACK,
        maxMessagePayloadSize=services.rules.message_size + FRAME_SLACK,
        autoFragmentSize=0,
        failByDrop=False,
        echoCloseCodeReason=False,
        openHandshakeTimeout=HANDSHAKE_WITHIN,
        closeHandshakeTimeout=CLOSE_WITHIN,
        tcpNoDelay=True,
        perMessageCompressionAccept=lambda _: None,  # Wire 3: never negotiated.
        autoPingInterval=0,  # The machine pings, as it knows when reading is held back.
        allowedOrigins=["*"],  # Wire 1.3: whoever has the session id may come from anywhere.
        serveFlashSocketPolicy=False,
        maxConnections=0,  # The front door counts connections.
    )
    return factory
