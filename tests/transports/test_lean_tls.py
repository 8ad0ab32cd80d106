"""Our TLS layer does what Twisted's does, and stands aside where it cannot."""

import pytest
from OpenSSL import SSL
from twisted.internet.error import ConnectionLost
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol

from procall_mobility.transports import lean_tls
from procall_mobility.transports.certificates import Certificate
from tests.transports.conftest import TlsClient, Wire


class Inner(Protocol):
    def __init__(self) -> None:
        self.heard = b""
        self.pieces = 0
        self.lost: list[object] = []

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        self.pieces += 1

    def connectionLost(self, reason: object = None) -> None:
        self.lost.append(reason.type)


@pytest.fixture(params=[lean_tls.LeanLayer, TLSMemoryBIOProtocol])
def layer(request: pytest.FixtureRequest, certificate: Certificate) -> TLSMemoryBIOProtocol:
    """Each test holds for both: ours differs in nothing but its cost."""
    return request.param(TLSMemoryBIOFactory(certificate, False, Factory(), Clock()), Inner())


@pytest.fixture
def wire(layer: TLSMemoryBIOProtocol) -> Wire:
    return Wire().connect(layer)


def test_the_lean_layer_is_in_use_on_every_supported_version() -> None:
    assert lean_tls.may_be_lean(SSL.Connection, TLSMemoryBIOProtocol)
    assert "_write" in vars(lean_tls.LeanLayer)


def test_without_the_private_names_the_stock_layer_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class OtherConnection:
        pass

    class OtherLayer:
        pass

    assert lean_tls.may_be_lean(SSL.Connection, TLSMemoryBIOProtocol)
    assert not lean_tls.may_be_lean(OtherConnection, TLSMemoryBIOProtocol)
    assert not lean_tls.may_be_lean(SSL.Connection, OtherLayer)
    monkeypatch.setattr(lean_tls, "_lib", None)
    assert not lean_tls.may_be_lean(SSL.Connection, TLSMemoryBIOProtocol)

    copy = type("Copy", (TLSMemoryBIOProtocol,), dict(vars(lean_tls.LeanLayer)))
    lean_tls.stand_aside(copy)
    for name in ("_write", "_flushReceiveBIO", "_flushSendBIO"):
        assert getattr(copy, name) is getattr(TLSMemoryBIOProtocol, name)


@pytest.mark.parametrize("size", [1, 100, 16_384, 16_385, 70_000, 300_000])
def test_octets_go_both_ways(layer: TLSMemoryBIOProtocol, wire: Wire, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    client = TlsClient(wire).shake_hands()
    client.says(data)
    assert layer.wrappedProtocol.heard == data
    layer.write(data)
    assert client.hears() == data


def test_what_is_written_before_the_handshake_goes_after_it(
    layer: TLSMemoryBIOProtocol, wire: Wire
) -> None:
    layer.write(b"early ")
    layer.writeSequence([b"and", b" late"])
    assert TlsClient(wire).shake_hands().hears() == b"early and late"


def test_a_polite_end_is_passed_on(layer: TLSMemoryBIOProtocol, wire: Wire) -> None:
    client = TlsClient(wire).shake_hands()
    inner = layer.wrappedProtocol
    client.connection.shutdown()
    client._deliver()
    client.hears()
    assert wire.disconnecting
    wire.goes()
    assert len(inner.lost) == 1
    assert client.connection.get_shutdown() & SSL.RECEIVED_SHUTDOWN


def test_our_own_end_tells_the_peer(layer: TLSMemoryBIOProtocol, wire: Wire) -> None:
    client = TlsClient(wire).shake_hands()
    layer.write(b"bye")
    layer.loseConnection()
    layer.write(b"too late")
    assert client.hears() == b"bye"
    assert client.connection.get_shutdown() & SSL.RECEIVED_SHUTDOWN


def test_a_damaged_record_ends_the_connection(layer: TLSMemoryBIOProtocol, wire: Wire) -> None:
    TlsClient(wire).shake_hands()
    inner = layer.wrappedProtocol
    wire.hears(b"\x17\x03\x03\x00\x20" + bytes(32))
    assert wire.disconnecting
    wire.goes()
    assert issubclass(inner.lost[0], SSL.Error)
    assert inner.heard == b""


def test_a_cut_connection_is_told_as_lost(layer: TLSMemoryBIOProtocol, wire: Wire) -> None:
    TlsClient(wire).shake_hands()
    inner = layer.wrappedProtocol
    wire.goes(ConnectionLost())
    assert inner.lost == [ConnectionLost]


def test_after_an_abort_nothing_is_heard(layer: TLSMemoryBIOProtocol, wire: Wire) -> None:
    client = TlsClient(wire).shake_hands()
    layer.abortConnection()
    client.connection.send(b"more")
    layer.dataReceived(client._out())
    layer.write(b"more")
    assert layer.wrappedProtocol.heard == b""


def test_a_protocol_may_lose_the_connection_while_it_hears(
    layer: TLSMemoryBIOProtocol, wire: Wire
) -> None:
    client = TlsClient(wire).shake_hands()

    class Leaving(Inner):
        def dataReceived(self, data: bytes) -> None:
            wire.goes()

    layer.wrappedProtocol = leaving = Leaving()
    if isinstance(layer, lean_tls.LeanLayer):  # Twisted's own would stumble.
        client.says(b"x")
        assert len(leaving.lost) == 1


def test_one_message_is_one_write(certificate: Certificate) -> None:
    """A message of several records costs one system call, not one for each."""
    layer = lean_tls.LeanLayer(
        TLSMemoryBIOFactory(certificate, False, Factory(), Clock()), Inner()
    )
    wire = Wire().connect(layer)
    TlsClient(wire).shake_hands()
    wire.writes = []
    wire.write = wire.writes.append
    layer.write(bytes(100_000))
    assert len(wire.writes) == 1


def test_a_message_in_one_record_is_heard_in_one_piece(certificate: Certificate) -> None:
    layer = lean_tls.LeanLayer(
        TLSMemoryBIOFactory(certificate, False, Factory(), Clock()), Inner()
    )
    client = TlsClient(Wire().connect(layer)).shake_hands()
    client.says(bytes(16_384))
    assert layer.wrappedProtocol.pieces == 1
