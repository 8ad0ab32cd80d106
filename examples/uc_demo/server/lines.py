"""Connections to the daemon: raw TCP (with or without TLS), or a WebSocket (Wire 4.7, 5.1)."""

from collections.abc import Callable
from typing import Any, Protocol

from attrs import define, field
from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from twisted.internet import protocol
from twisted.internet.task import LoopingCall

from examples.uc_demo.server.destinations import Security
from examples.uc_demo.server.uplink import KEEP_ALIVE_EVERY, LARGEST, Uplink
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.form import Form

WEBSOCKET_PATH = "/ws/ucserver"


class Owner(Protocol):
    """Who dialled."""

    reactor: Any

    def uplink(self, write: Callable[[bytes], None], news: Any, *, framed: bool) -> Uplink:
        """Return the far end of a new connection."""

    def credentials(self) -> tuple[str, str]:
        """Return UCSID and password."""

    def tls_options(self) -> Any:
        """Return whom to trust."""

    def up(self, uplink: Uplink) -> None:
        """Take an uplink that has registered."""

    def redirected(self, addresses: list[str]) -> None:
        """Take the addresses to dial instead."""

    def lost(self, why: str) -> None:
        """Take note that the connection has ended."""


@define(eq=False)
class Life:
    """What every connection goes through: TLS if wanted, registration, keep-alives, its end."""

    owner: Owner
    security: Security
    write: Callable[[bytes], None]
    close: Callable[[], None]
    secure: Callable[[], None] | None = None
    framed: bool = True
    why: str = "the connection was lost"
    _uplink: Uplink = field(init=False)
    _beat: LoopingCall | None = None

    def begin(self) -> None:
        """Say the first word."""
        self._uplink = self.owner.uplink(self.write, self._news, framed=self.framed)
        if self.security is Security.STARTTLS:
            self._uplink.start_tls()
        else:
            self._uplink.register(*self.owner.credentials())

    def hears(self, data: bytes) -> None:
        """Pass on what the daemon says."""
        try:
            self._uplink.hears(data)
        except PeerError as error:
            self.why = str(error)
            self.close()

    def end(self) -> None:
        """Tell the owner."""
        if self._beat is not None and self._beat.running:
            self._beat.stop()
        self.owner.lost(self.why)

    def _news(self, what: str, details: Any) -> None:
        if what == "secure" and self.secure is not None:
            self.secure()
            self.security = Security.TLS
            self.begin()
        elif what == "registered":
            self.owner.up(self._uplink)
            self._beat = LoopingCall(self._uplink.keep_alive)
            self._beat.clock = self.owner.reactor
            self._beat.start(KEEP_ALIVE_EVERY, now=False)
        else:
            if what == "redirected":
                self.owner.redirected(details)
                self.why = "the daemon names another address"
            else:
                self.why = f"refused: {details.get('u8sErrorString', details)}"
            self.close()


class RawLine(protocol.Protocol):
    """ROSE in its framings on a stream."""

    transport: Any

    def __init__(self, owner: Owner, security: Security) -> None:
        self._owner = owner
        self._security = security

    def connectionMade(self) -> None:
        """Begin."""
        self.transport.setTcpNoDelay(True)
        self._life = Life(
            self._owner,
            self._security,
            self.transport.write,
            self.transport.abortConnection,
            lambda: self.transport.startTLS(self._owner.tls_options()),
        )
        self._life.begin()

    def dataReceived(self, data: bytes) -> None:
        """Pass on."""
        self._life.hears(data)

    def connectionLost(self, reason: Any = None) -> None:
        """End."""
        self._life.end()


class WebSocketLine(WebSocketClientProtocol):
    """ROSE in WebSocket messages, one in each."""

    owner: Owner
    binary: bool
    life: Life | None = None
    transport: Any

    def onOpen(self) -> None:
        """Begin."""
        self.life = Life(
            self.owner,
            Security.TLS,  # Whether there is TLS below or not: nothing is to be started.
            lambda payload: self.sendMessage(payload, isBinary=self.binary),
            self.transport.abortConnection,
            framed=False,
        )
        self.life.begin()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Pass on."""
        if self.life is not None:
            self.life.hears(payload)

    def connectionLost(self, reason: Any = None) -> None:
        """End, also when the handshake has failed."""
        super().connectionLost(reason)
        if self.life is not None:
            self.life.end()
        else:
            self.owner.lost("no WebSocket is spoken there")


def raw_lines(owner: Owner, security: Security) -> protocol.Factory:
    """Return the factory of a raw connection."""
    return protocol.Factory.forProtocol(lambda: RawLine(owner, security))


def websocket_lines(owner: Owner, host: str, port: int, security: Security, form: Form) -> Any:
    """Return the factory of a WebSocket."""
    scheme = "wss" if security is Security.TLS else "ws"
    name = f"[{host}]" if ":" in host else host
    factory: Any = WebSocketClientFactory(f"{scheme}://{name}:{port}{WEBSOCKET_PATH}")
    factory.setProtocolOptions(maxFramePayloadSize=LARGEST, maxMessagePayloadSize=LARGEST)

    def made() -> WebSocketLine:
        line = WebSocketLine()
        line.owner = owner
        line.binary = form is Form.BER
        return line

    factory.protocol = made
    return factory
