"""A plain connection becomes TLS in the middle of it (Wire 4.8)."""

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.protocol import Protocol

from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.gate import Gate
from procall_mobility.transports.starttls import MOST_STRAY, begin_tls
from tests.transports.conftest import TlsClient, Wire


class Speaker(Protocol):
    """Answers `tls` and switches; repeats anything else."""

    def __init__(self, certificate: Certificate) -> None:
        self.certificate = certificate
        self.heard = b""
        self.made = 0
        self.lost = 0

    def connectionMade(self) -> None:
        self.made += 1

    def dataReceived(self, data: bytes) -> None:
        if data == b"tls":
            self.transport.write(b"ok")
            begin_tls(self.transport, self, self.certificate)
            return
        self.heard += data
        self.transport.write(data)

    def connectionLost(self, reason: object = None) -> None:
        self.lost += 1


@pytest.fixture
def speaker(certificate: Certificate) -> Speaker:
    return Speaker(certificate)


@pytest.fixture(params=["of a door", "bare"])
def wire(request: pytest.FixtureRequest, speaker: Speaker, left: list[str]) -> Wire:
    if request.param == "bare":
        left.append("nobody counts")
        return Wire().connect(speaker)
    client = IPv4Address("TCP", "203.0.113.9", 5000)
    return Wire().connect(Gate(speaker, lambda: left.append("left"), client))


@pytest.fixture
def left() -> list[str]:
    return []


def test_the_answer_is_plain_and_the_rest_is_tls(
    speaker: Speaker, wire: Wire, left: list[str]
) -> None:
    wire.hears(b"tls")
    assert wire.says() == b"ok"
    client = TlsClient(wire).shake_hands()
    client.says(b"hello")
    assert client.hears() == b"hello"
    assert speaker.heard == b"hello"
    assert speaker.made == 1
    wire.goes()
    assert speaker.lost == 1
    assert len(left) == 1


def test_the_client_behind_a_proxy_stays_known(speaker: Speaker, certificate: Certificate) -> None:
    client = IPv4Address("TCP", "203.0.113.9", 5000)
    wire = Wire().connect(Gate(speaker, lambda: None, client))
    wire.hears(b"tls")
    assert speaker.transport.getPeer() == client


@pytest.mark.parametrize("stray", [b"\n", b"J0000002{}", b"\x16", bytes(MOST_STRAY)])
def test_what_still_comes_in_plain_is_dropped(speaker: Speaker, wire: Wire, stray: bytes) -> None:
    """Whoever slips commands in before TLS must not have them obeyed inside TLS."""
    wire.hears(b"tls")
    wire.says()
    for at in range(0, len(stray), 1000):
        wire.hears(stray[at : at + 1000])
    TlsClient(wire).shake_hands().says(b"hello")
    assert speaker.heard == b"hello"


def test_a_record_that_begins_in_two_pieces_is_found(speaker: Speaker, wire: Wire) -> None:
    wire.hears(b"tls")
    wire.says()
    client = TlsClient(wire)
    hello = b"\n" + client.hello()
    wire.hears(hello[:2])
    wire.hears(hello[2:])
    client.shake_hands().says(b"hello")
    assert speaker.heard == b"hello"


def test_who_goes_on_in_plain_is_cut_off(speaker: Speaker, wire: Wire) -> None:
    wire.hears(b"tls")
    wire.hears(bytes(MOST_STRAY))
    assert not wire.aborted
    wire.hears(b"x")
    assert wire.aborted
    assert speaker.heard == b""


def test_a_registered_producer_stays_registered(speaker: Speaker, wire: Wire) -> None:
    told = []

    class Source:
        def pauseProducing(self) -> None:
            told.append("pause")

        def resumeProducing(self) -> None:
            told.append("resume")

        def stopProducing(self) -> None:
            told.append("stop")

    speaker.transport.registerProducer(Source(), True)
    wire.hears(b"tls")
    wire.says()
    TlsClient(wire).shake_hands()
    told.clear()
    wire.producer.pauseProducing()
    assert told == ["pause"]
    speaker.transport.unregisterProducer()
    assert wire.producer is None


def test_a_failed_handshake_is_a_lost_connection(
    speaker: Speaker, wire: Wire, left: list[str]
) -> None:
    wire.hears(b"tls")
    wire.hears(b"\x16\x03\x01\x00\x05hello")
    assert wire.disconnecting
    wire.goes()
    assert speaker.lost == 1
    assert len(left) == 1
