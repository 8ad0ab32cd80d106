"""One port, many languages: finds out what a new connection speaks, and leaves it to that."""

from ipaddress import ip_address
from typing import Any, cast

from attrs import evolve
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, ITCPTransport
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols import proxy_protocol
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.first_bytes import Language
from procall_mobility.transports.callers import Builder as Builder
from procall_mobility.transports.callers import Caller
from procall_mobility.transports.callers import Deadlines as Deadlines
from procall_mobility.transports.callers import DoorServices as DoorServices
from procall_mobility.transports.callers import Peer as Peer
from procall_mobility.transports.connections import Admission
from procall_mobility.transports.gate import Gate
from procall_mobility.transports.hall import Hall
from procall_mobility.transports.tls import TlsLayer, layers

HTTP_ON_TLS = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 26\r\n"
    b"Connection: close\r\n\r\nThis port speaks TLS only\n"
)


class DoorFactory(ServerFactory):
    """Listens; give it to a listening port."""

    noisy = False

    def __init__(self, services: DoorServices) -> None:
        """Open the door."""
        self.change(services)

    def change(self, services: DoorServices) -> None:
        """Meet new connections in another way; those that are here go on as they began."""
        self.services = services
        self.layers = layers(services.tls) if services.tls is not None else None
        self.spoken = {*services.plain, *([Language.TLS] if self.layers is not None else [])}

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        """Let a connection in, or drop it at once when there are too many."""
        peer = _peer_of(addr)
        admission = self.services.connections.admit()
        behind_proxy = self._is_proxy(peer.host)
        if admission is not None and (behind_proxy or admission.counts_for(peer.host)):
            return Door(self, peer, admission, behind_proxy=behind_proxy)
        if admission is not None:
            admission.leave()
        reason = Reason.TOO_MANY_CONNECTIONS
        self.services.refused(peer, reason, reason.text)
        return None

    def _is_proxy(self, host: str) -> bool:
        address = ip_address(host)
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.services.proxy_networks)


class Door(Caller):
    """Decides over one TCP connection."""

    def __init__(
        self, factory: DoorFactory, peer: Peer, admission: Admission, *, behind_proxy: bool
    ) -> None:
        """Meet `peer`, whose place is `admission`."""
        super().__init__(factory.services, peer)
        self._layers = factory.layers
        self._spoken = factory.spoken
        self._admission = admission
        self._behind_proxy = behind_proxy
        self._client: IAddress | None = None

    def connectionMade(self) -> None:
        """Wait, but not forever."""
        transport = cast(ITCPTransport, self.transport)
        # TLS 1.3 answers would wait for a delayed acknowledgement otherwise.
        transport.setTcpNoDelay(True)
        transport.setTcpKeepAlive(True)
        self._allow(self._services.deadlines.silence)

    def dataReceived(self, data: bytes) -> None:
        """Listen until it is clear who speaks what, and the first of it is whole."""
        if self._done:
            return
        self._heard += data
        if self._behind_proxy and not self._has_told():
            return
        language = self._language(self._spoken)
        if language is Language.TLS:
            self._enter_tls()
        elif language is not None:
            self._enter(language)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The peer went before it said what it wants."""
        self._finish()
        self._admission.leave()

    def _has_told(self) -> bool:
        try:
            header = proxy_protocol.parse(self._heard)
        except PeerError as error:
            self._refuse(Reason.BAD_PROXY_HEADER, error.text)
            return False
        if header is None:
            return False
        self._behind_proxy = False
        self._heard = self._heard[header.consumed :]
        if header.source is not None:
            host, port = header.source
            self._peer = evolve(self._peer, host=host, port=port, proxied=True)
            kind = IPv6Address if ":" in host else IPv4Address
            self._client = kind("TCP", host, port)
        if not self._admission.counts_for(self._peer.host):
            reason = Reason.TOO_MANY_CONNECTIONS
            self._refuse(reason, reason.text)
            return False
        return True

    def _enter(self, language: Language) -> None:
        transport = cast(ITCPTransport, self.transport)
        builder = self._services.plain.get(language)
        if builder is None and language is Language.HTTP and self._layers is not None:
            self._finish()
            text = "HTTP was spoken on a port that wants TLS"
            self._services.refused(self._peer, Reason.FRAMING, text)
            transport.write(HTTP_ON_TLS)
            transport.loseConnection()
            return
        inner = self._build(builder, language)
        if inner is not None:
            self._hand_over(Gate(inner, self._admission.leave, self._client))

    def _enter_tls(self) -> None:
        if self._layers is None:
            self._refuse(Reason.FRAMING, "TLS is not spoken on this port")
            return
        self._finish()
        peer = evolve(self._peer, secure=True)
        hall = Hall(self._services, peer)
        layer = TlsLayer(self._layers, hall, self._admission.leave, self._client)
        hall.layer = layer
        self._hand_over(layer)

    def _hand_over(self, successor: Gate | TlsLayer) -> None:
        """Leave the connection, with what was heard, to somebody else."""
        transport: Any = self.transport
        heard, self._heard = self._heard, b""
        # No interface of Twisted's says so, but every transport looks this up for each read.
        transport.protocol = successor
        successor.makeConnection(transport)
        if not successor.disconnecting:
            successor.dataReceived(heard)


def _peer_of(address: object) -> Peer:
    if isinstance(address, IPv4Address | IPv6Address):
        return Peer(address.host, address.port, secure=False, proxied=False)
    raise TypeError("a door stands on TCP ports only")
