"""One port, many languages: who speaks what is found out, within bounds, and then left alone."""

import ipaddress
import struct

import pytest
from attrs import define, field
from OpenSSL import SSL
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.error import ConnectionLost
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import providedBy

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.first_bytes import Language
from procall_mobility.protocols.proxy_protocol import SIGNATURE
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.door import DoorFactory, DoorServices, Peer
from procall_mobility.transports.tls import why_failed
from tests.transports.conftest import TlsClient, Wire

GET = b"GET / HTTP/1.1\r\n\r\n"


class Inner(Protocol):
    """What a builder makes: repeats what it hears."""

    def __init__(self, peer: Peer, language: Language) -> None:
        self.peer = peer
        self.language = language
        self.heard = b""
        self.lost = 0

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        self.transport.write(data)

    def connectionLost(self, reason: object = None) -> None:
        self.lost += 1


@define
class House:
    """A door with everything behind it."""

    certificate: Certificate | None
    plain: tuple[Language, ...] = (Language.ROSE,)
    proxies: tuple[str, ...] = ()
    per_address: int = 5
    clock: Clock = field(factory=Clock)
    built: list[Inner] = field(factory=list)
    refusals: list[tuple[Peer, Reason]] = field(factory=list)
    texts: list[str] = field(factory=list)
    connections: Connections = field(init=False)
    factory: DoorFactory = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.connections = Connections(
            total=8, per_address=self.per_address, now=self.clock.seconds
        )
        inside = (Language.HTTP, Language.ROSE) if self.certificate else ()
        self.factory = DoorFactory(
            DoorServices(
                clock=self.clock,
                connections=self.connections,
                refused=self.refused,
                plain={language: self.builder(language) for language in self.plain},
                secure={language: self.builder(language) for language in inside},
                tls=self.certificate,
                proxy_networks=tuple(map(ipaddress.ip_network, self.proxies)),
            )
        )

    def builder(self, language: Language) -> object:
        def build(peer: Peer) -> Inner:
            self.built.append(Inner(peer, language))
            return self.built[-1]

        return build

    def refused(self, peer: Peer, reason: Reason, text: str) -> None:
        self.refusals.append((peer, reason))
        self.texts.append(text)

    def call(self, host: str = "192.0.2.7") -> Wire:
        protocol = self.factory.buildProtocol(IPv4Address("TCP", host, 40_000))
        assert protocol is not None
        return Wire(host).connect(protocol)

    def reasons(self) -> list[Reason]:
        return [reason for _, reason in self.refusals]

    def is_quiet(self) -> bool:
        """Neither a timer nor a counted connection is left."""
        return not self.clock.getDelayedCalls() and not self.connections.total


@pytest.fixture
def house(certificate: Certificate) -> House:
    return House(certificate)


def proxied(source: str, port: int) -> bytes:
    address = ipaddress.ip_address(source)
    packed = address.packed * 2 + struct.pack("!HH", port, 443)
    family = 0x21 if address.version == 6 else 0x11
    return SIGNATURE + struct.pack("!BBH", 0x21, family, len(packed)) + packed


def test_a_plain_language_gets_its_octets_and_the_door_goes(house: House) -> None:
    wire = house.call()
    wire.hears(b"J00")
    (inner,) = house.built
    assert inner.peer == Peer("192.0.2.7", 40_000, secure=False, proxied=False)
    assert inner.heard == b"J00"
    wire.hears(b"00002{}")
    assert wire.says() == b"J0000002{}"
    assert not house.clock.getDelayedCalls()
    wire.goes()
    assert inner.lost == 1
    assert house.is_quiet()


def test_every_connection_answers_at_once_and_notices_dead_peers(house: House) -> None:
    assert house.call().options == {"no delay", "keep alive"}


def test_http_inside_tls_is_told_by_alpn_before_it_speaks(house: House) -> None:
    wire = house.call()
    client = TlsClient(wire, [b"http/1.1"]).shake_hands()
    (inner,) = house.built
    assert inner.language is Language.HTTP
    assert inner.peer == Peer("192.0.2.7", 40_000, secure=True, proxied=False)
    client.says(GET)
    assert inner.heard == GET
    assert client.hears() == GET
    assert not house.clock.getDelayedCalls()
    wire.goes()
    assert inner.lost == 1
    assert house.is_quiet()


@pytest.mark.parametrize("alpn", [[], [b"h2"]])
def test_without_alpn_the_first_octets_inside_tls_tell(house: House, alpn: list[bytes]) -> None:
    """`h2` is not spoken here; who offers nothing else may still speak ROSE."""
    client = TlsClient(house.call(), alpn).shake_hands()
    assert house.built == []
    client.says(b"O")
    assert house.built == []
    client.says(b"PTIONS * HTTP/1.1\r\n")
    assert house.built[0].heard == b"OPTIONS * HTTP/1.1\r\n"
    assert not house.clock.getDelayedCalls()


def test_tls_octet_by_octet_is_understood(house: House) -> None:
    wire = house.call()
    client = TlsClient(wire)
    for octet in client.hello():
        wire.hears(bytes([octet]))
    client.hears()
    client.shake_hands().says(b'{"invoke":')
    assert house.built[0].language is Language.ROSE


def test_a_language_that_alpn_asked_for_but_nobody_speaks_is_refused(house: House) -> None:
    """RFC 7443: `stun.turn` before there is a TURN server."""
    wire = house.call()
    TlsClient(wire, [b"stun.turn"]).shake_hands()
    assert house.reasons() == [Reason.FRAMING]
    assert wire.aborted


def test_plain_http_on_a_tls_port_is_told_so(house: House) -> None:
    wire = house.call()
    wire.hears(GET)
    head, _, body = wire.says().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"Content-Length: %d\r\n" % len(body) in head
    assert b"TLS" in body
    assert wire.disconnecting
    assert house.reasons() == [Reason.FRAMING]
    wire.hears(GET)
    wire.goes()
    assert house.is_quiet()


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-x", b"PRI * HTTP/2.0\r\n", b"\x00\x01\x00\x00\x21\x12\xa4\x42"]
)
def test_what_is_not_spoken_is_refused(house: House, said: bytes) -> None:
    wire = house.call()
    wire.hears(said)
    assert wire.aborted
    assert house.reasons() == [Reason.FRAMING]
    wire.protocol.dataReceived(b"more")  # What the kernel had already read.
    assert house.reasons() == [Reason.FRAMING]
    wire.goes()
    assert house.is_quiet()


def test_what_is_not_spoken_inside_tls_is_refused(house: House) -> None:
    wire = house.call()
    client = TlsClient(wire).shake_hands()
    client.says(b"SSH-2.0-x")
    assert wire.aborted
    assert house.reasons() == [Reason.FRAMING]
    wire.goes()
    assert house.is_quiet()


def test_what_follows_a_refusal_inside_tls_is_not_looked_at(house: House) -> None:
    """Octets the kernel had read already, and the end of a handshake that came too late."""
    wire = house.call()
    client = TlsClient(wire).shake_hands()
    hall = wire.protocol.wrappedProtocol
    client.says(b"SSH-2.0-x")
    hall.dataReceived(b"{")
    late = house.call()
    late.hears(TlsClient(late).hello())
    hall = late.protocol.wrappedProtocol
    house.clock.advance(15.1)
    hall.handshakeCompleted()
    assert house.reasons() == [Reason.FRAMING, Reason.SILENT]
    assert house.built == []
    assert not house.clock.getDelayedCalls()


def test_a_strange_failure_is_told_without_openssls_words() -> None:
    text = "the peer went away during the TLS handshake"
    assert why_failed(Failure(ConnectionLost())) == text
    assert why_failed(Failure(SSL.Error([]))) == text


def test_tls_on_a_plain_port_is_refused() -> None:
    house = House(None, plain=(Language.HTTP,))
    wire = house.call()
    wire.hears(b"\x16\x03\x01")
    assert house.reasons() == [Reason.FRAMING]
    other = house.call()
    other.hears(GET)
    assert house.built[0].heard == GET


def test_silence_is_cut_off(house: House) -> None:
    wire = house.call()
    house.clock.advance(9.9)
    wire.hears(b"OPT")
    assert not wire.aborted
    house.clock.advance(0.2)
    assert wire.aborted
    assert house.reasons() == [Reason.SILENT]
    wire.goes()
    assert house.is_quiet()


def test_a_handshake_that_drags_on_is_cut_off(house: House) -> None:
    """Its time begins with the client's first message, and further octets prolong nothing."""
    wire = house.call()
    house.clock.advance(9.0)
    wire.hears(TlsClient(wire).hello())
    for octet in b"\x16\x03\x03\x01\x00" + bytes(9):
        house.clock.advance(1.0)
        wire.hears(bytes([octet]))
    assert not wire.aborted
    house.clock.advance(1.1)
    assert wire.aborted
    assert house.reasons() == [Reason.SILENT]
    wire.goes()
    assert house.reasons() == [Reason.SILENT]
    assert house.is_quiet()


def test_silence_after_the_handshake_is_cut_off(house: House) -> None:
    wire = house.call()
    house.clock.advance(9.0)
    TlsClient(wire).shake_hands()
    house.clock.advance(14.9)
    assert not wire.aborted
    house.clock.advance(0.2)
    assert wire.aborted
    assert house.reasons() == [Reason.SILENT]
    wire.goes()
    assert house.is_quiet()


def test_a_failed_handshake_is_told_with_openssls_words(house: House) -> None:
    wire = house.call()
    wire.hears(b"\x16\x03\x01\x00\x05hello")
    wire.goes()
    assert house.reasons() == [Reason.TLS_FAILED]
    assert house.texts[0].startswith("the TLS handshake failed: ")
    assert house.is_quiet()


def test_going_away_in_every_phase_leaves_nothing_behind(house: House) -> None:
    """Before a word (a health check: not worth a line), within the handshake, after it."""
    house.call().goes()
    assert house.reasons() == []
    wire = house.call()
    wire.hears(TlsClient(wire).hello())
    wire.goes()
    assert house.reasons() == [Reason.TLS_FAILED]
    wire = house.call()
    TlsClient(wire).shake_hands()
    wire.goes()
    assert house.reasons() == [Reason.TLS_FAILED]
    assert house.is_quiet()


def test_a_builder_may_decline_and_may_fail(house: House) -> None:
    house.factory.services.plain[Language.ROSE] = lambda peer: None
    wire = house.call()
    wire.hears(b"{")
    assert wire.aborted
    assert house.reasons() == []

    def broken(peer: Peer) -> None:
        raise ZeroDivisionError

    house.factory.services.plain[Language.ROSE] = broken
    wire = house.call()
    wire.hears(b"{")
    assert wire.aborted
    assert house.reasons() == [Reason.INTERNAL]


@pytest.mark.parametrize("secure", [False, True])
def test_a_protocol_that_hangs_up_at_once_hears_nothing(house: House, *, secure: bool) -> None:
    class Rude(Inner):
        def connectionMade(self) -> None:
            self.transport.loseConnection()

    rude = Rude(Peer("", 0, secure=secure, proxied=False), Language.ROSE)
    for builders in (house.factory.services.plain, house.factory.services.secure):
        builders[Language.ROSE] = lambda peer: rude
    wire = house.call()
    if secure:
        TlsClient(wire).shake_hands().says(b"{")
    else:
        wire.hears(b"{")
    assert rude.heard == b""


@pytest.mark.parametrize("secure", [False, True])
def test_back_pressure_reaches_the_protocol_and_the_wire(house: House, *, secure: bool) -> None:
    wire = house.call()
    if secure:
        TlsClient(wire).shake_hands().says(b"{")
    else:
        wire.hears(b"{")
    (inner,) = house.built
    told = []

    class Source:
        def pauseProducing(self) -> None:
            told.append("pause")

        def resumeProducing(self) -> None:
            told.append("resume")

        def stopProducing(self) -> None:
            told.append("stop")

    inner.transport.registerProducer(Source(), True)
    wire.producer.pauseProducing()
    wire.producer.resumeProducing()
    assert told == ["pause", "resume"]
    assert all(each.providedBy(inner.transport) for each in providedBy(wire))
    inner.transport.pauseProducing()
    assert wire.producerState == "paused"
    inner.transport.unregisterProducer()
    assert wire.producer is None


def test_behind_a_proxy_everybody_sees_the_client() -> None:
    house = House(None, plain=(Language.ROSE,), proxies=("10.0.0.0/8",), per_address=1)
    wire = house.call("10.0.0.1")
    wire.hears(proxied("203.0.113.9", 5000) + b"{")
    (inner,) = house.built
    assert inner.peer == Peer("203.0.113.9", 5000, secure=False, proxied=True)
    assert inner.transport.getPeer() == IPv4Address("TCP", "203.0.113.9", 5000)
    assert inner.heard == b"{"
    other = house.call("10.0.0.1")
    other.hears(proxied("2001:db8::9", 5000) + b"{")
    assert house.built[1].transport.getPeer() == IPv6Address("TCP", "2001:db8::9", 5000)
    third = house.call("10.0.0.1")
    third.hears(proxied("203.0.113.9", 5001))
    assert third.aborted
    assert house.reasons() == [Reason.TOO_MANY_CONNECTIONS]
    for each in (wire, other, third):
        each.goes()
    assert house.is_quiet()


def test_behind_a_proxy_tls_sees_the_client_too(certificate: Certificate) -> None:
    house = House(certificate, proxies=("10.0.0.0/8",))
    wire = house.call("10.0.0.1")
    header = proxied("203.0.113.9", 5000)
    for octet in header:
        wire.hears(bytes([octet]))
    TlsClient(wire, [b"http/1.1"]).shake_hands().says(GET)
    (inner,) = house.built
    assert inner.peer == Peer("203.0.113.9", 5000, secure=True, proxied=True)
    assert inner.transport.getPeer() == IPv4Address("TCP", "203.0.113.9", 5000)


def test_a_proxys_own_health_check_keeps_the_proxys_address() -> None:
    house = House(None, proxies=("10.0.0.0/8",))
    wire = house.call("10.0.0.1")
    wire.hears(SIGNATURE + b"\x20\x00\x00\x00" + b"{")
    assert house.built[0].peer == Peer("10.0.0.1", 40_000, secure=False, proxied=False)


def test_a_proxy_must_send_its_header_and_nobody_else_may() -> None:
    house = House(None, proxies=("10.0.0.0/8",))
    wire = house.call("10.0.0.1")
    wire.hears(b"{")
    stranger = house.call("192.0.2.7")
    stranger.hears(proxied("203.0.113.9", 5000))
    assert wire.aborted and stranger.aborted
    assert house.reasons() == [Reason.BAD_PROXY_HEADER, Reason.FRAMING]


def test_a_mapped_proxy_is_known() -> None:
    """A dual-stack socket shows IPv4 peers as ::ffff:10.0.0.1."""
    house = House(None, proxies=("10.0.0.0/8",))
    protocol = house.factory.buildProtocol(IPv6Address("TCP", "::ffff:10.0.0.1", 1))
    wire = Wire().connect(protocol)
    wire.hears(proxied("203.0.113.9", 5000) + b"{")
    assert house.built[0].peer.host == "203.0.113.9"


def test_too_many_connections_are_dropped_at_the_door() -> None:
    house = House(None, per_address=2)
    wires = [house.call() for _ in range(2)]
    assert house.factory.buildProtocol(IPv4Address("TCP", "192.0.2.7", 1)) is None
    others = [house.call(f"198.51.100.{number}") for number in range(6)]
    assert house.factory.buildProtocol(IPv4Address("TCP", "203.0.113.1", 1)) is None
    assert house.reasons() == [Reason.TOO_MANY_CONNECTIONS] * 2
    for wire in wires + others:
        wire.goes()
    assert house.is_quiet()


def test_a_door_stands_on_tcp_only() -> None:
    with pytest.raises(TypeError):
        House(None).factory.buildProtocol(UNIXAddress("/run/x"))
