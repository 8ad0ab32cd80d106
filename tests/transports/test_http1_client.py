"""Single requests by HTTP/1.1, for tokens (RFC 9112)."""

import pytest
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.error import ConnectError, ConnectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from procall_mobility.protocols.push.exchange import (
    LONGEST_ANSWER,
    Answer,
    NoAnswer,
    ProviderRequest,
    Result,
)
from procall_mobility.transports.http1_client import Http1Client

REQUEST = ProviderRequest(
    path="/token?x=1",
    headers=(("content-type", "application/x-www-form-urlencoded"), ("accept", "*/*")),
    body=b"grant_type=client_credentials",
)


class Scene:
    """A request that is made, and the server's end of its connection."""

    def __init__(self) -> None:
        self.reactor = MemoryReactorClock()
        client = Http1Client(
            "tokens.example", TCP4ClientEndpoint(self.reactor, "192.0.2.1", 443), self.reactor
        )
        self.results: list[Result] = []
        client.request(REQUEST, self.results.append, 20.0)

    def connects(self) -> None:
        factory = self.reactor.tcpClients[0][2]
        self.transport = StringTransport()
        self.protocol = factory.buildProtocol(None)
        self.protocol.makeConnection(self.transport)

    def says(self, octets: bytes) -> None:
        self.protocol.dataReceived(octets)

    def hangs_up(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionDone()))


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.connects()
    return made


def test_a_request_is_said_as_it_is(scene: Scene) -> None:
    head, _, body = scene.transport.value().partition(b"\r\n\r\n")
    first, *fields = head.split(b"\r\n")
    assert first == b"POST /token?x=1 HTTP/1.1"
    said = {each.lower() for each in fields}
    assert said >= {
        b"host: tokens.example", b"content-type: application/x-www-form-urlencoded",
        b"content-length: 29", b"connection: close",
    }  # fmt: skip
    assert body == REQUEST.body


def test_a_whole_answer_is_given(scene: Scene) -> None:
    scene.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\n{}")
    (answer,) = scene.results
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body, answer.headers["x-a"]) == (200, b"{}", "1")


def test_an_answer_that_ends_with_its_connection_is_whole(scene: Scene) -> None:
    scene.says(b"HTTP/1.1 503 Busy\r\n\r\nlater")
    assert scene.results == []
    scene.hangs_up()
    assert scene.results == [Answer(status=503, headers={}, body=b"later")]


def test_a_body_without_end_is_cut_and_hung_up_on(scene: Scene) -> None:
    scene.says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LONGEST_ANSWER + 1))
    assert scene.transport.disconnecting
    scene.hangs_up()
    (answer,) = scene.results
    assert isinstance(answer, Answer)
    assert len(answer.body) == LONGEST_ANSWER


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", b"SSH-2.0"]
)
def test_what_is_not_whole_is_no_answer(scene: Scene, said: bytes) -> None:
    scene.says(said)
    scene.hangs_up()
    (nothing,) = scene.results
    assert isinstance(nothing, NoAnswer)
    assert nothing.was_processed is None


def test_silence_ends(scene: Scene) -> None:
    scene.reactor.advance(20)
    scene.hangs_up()
    (nothing,) = scene.results
    assert isinstance(nothing, NoAnswer)


def test_a_server_that_cannot_be_reached_is_no_answer() -> None:
    scene = Scene()
    scene.reactor.tcpClients[0][2].clientConnectionFailed(None, Failure(ConnectError()))
    (nothing,) = scene.results
    assert isinstance(nothing, NoAnswer)
    assert nothing.why == "ConnectError"
