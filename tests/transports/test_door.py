"""One port, many languages: who speaks what is found out, within bounds, and then left alone."""

import pytest
from attrs import evolve
from OpenSSL import SSL
from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from zope.interface import providedBy

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.first_bytes import Language
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.door import Peer
from procall_mobility.transports.tls import why_failed
from tests.transports.conftest import TlsClient
from tests.transports.house import GET, House, Inner


@pytest.fixture
def house(certificate: Certificate) -> House:
    return House(certificate)


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


def test_another_way_to_meet_people_is_for_those_who_come_later(house: House) -> None:
    early = house.call()
    house.factory.change(evolve(house.factory.services, tls=None))
    early.hears(b"\x16\x03\x01")
    assert house.reasons() == []
    house.call().hears(b"\x16\x03\x01")
    assert house.reasons() == [Reason.FRAMING]
