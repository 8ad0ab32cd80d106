"""What is whole goes out at once in TLS too, in its order."""

from collections.abc import Iterator
from typing import Any

import pytest
from OpenSSL import SSL
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection

from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.tls import TlsLayer, layers
from tests.transports.conftest import TlsClient
from tests.transports.test_gate import LARGE, Line


class SocketWire:
    """The client's end of a connection, as `TlsClient` wants it."""

    def __init__(self, line: Line, layer: TlsLayer) -> None:
        self.line = line
        self.layer = layer

    def hears(self, data: bytes) -> None:
        self.layer.dataReceived(data)
        self.line.reactor.turns()

    def says(self) -> bytes:
        return self.line.heard()


class Talk:
    """TLS on a connection with real ends, after the handshake."""

    def __init__(self, certificate: Certificate) -> None:
        self.line = Line()
        self.layer = TlsLayer(layers(certificate), Protocol(), lambda: None, None)
        ours: Any = self.line.transport
        self.line.transport = Connection(ours.socket, self.layer, self.line.reactor)
        self.line.transport.connected = 1
        self.layer.makeConnection(self.line.transport)
        wire: Any = SocketWire(self.line, self.layer)
        self.client = TlsClient(wire, newest=SSL.TLS1_2_VERSION).shake_hands()
        self.line.reactor.turns()

    def heard(self) -> bytes:
        return self.client.hears()


@pytest.fixture
def talk(certificate: Certificate) -> Iterator[Talk]:
    made = Talk(certificate)
    yield made
    for end in made.line.ends:
        end.close()


def test_it_is_sent_at_once(talk: Talk) -> None:
    talk.layer.send(b"frames")
    assert talk.line.reactor.writers == set()
    assert talk.heard() == b"frames"


def test_it_is_not_sent_before_what_is_waiting(talk: Talk) -> None:
    talk.layer.write(b"before, ")
    talk.layer.send(b"frames")
    assert talk.heard() == b""
    talk.line.reactor.turns()
    assert talk.heard() == b"before, frames"


def test_what_is_written_as_ever_waits_for_the_reactor(talk: Talk) -> None:
    talk.layer.send(b"frames")
    talk.layer.write(b" and more")
    assert talk.heard() == b"frames"
    talk.line.reactor.turns()
    assert talk.heard() == b" and more"


def test_what_finds_no_room_is_sent_when_there_is(talk: Talk) -> None:
    said = LARGE + b"end"
    talk.layer.send(said)
    heard = talk.heard()
    assert 0 < len(heard) < len(said)
    while talk.line.reactor.writers:
        talk.line.reactor.turns()
        heard += talk.heard()
    assert heard + talk.heard() == said
