"""The server's side of HTTP/1.1 (RFC 9112), for providers that speak it."""

from typing import Any

import pytest
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from examples.push_simulators.http1_connection import Http1Factory
from examples.push_simulators.http2_connection import LONGEST_BODY
from examples.push_simulators.script import Act, Deaf, Drop, GoAway, Reset, Rule, Silence
from tests.examples.push_simulators.http2_client import Meeting, Wire


class Visit:
    """A client that has connected, with a simulator of its own."""

    def __init__(self) -> None:
        self.meeting = Meeting()
        factory = Http1Factory(self.meeting.simulator, self.meeting.clock)
        self.channel: Any = factory.connection(self.meeting.simulator.welcome())
        self.wire = Wire()
        self.wire.protocol = self.channel
        self.channel.makeConnection(self.wire)

    def asks(self, *lines: str, body: bytes = b"hello") -> bytes:
        head = ["POST /?token=a HTTP/1.1", "Host: wns.example.com", *lines]
        if not any("chunked" in line for line in lines):
            head.append(f"Content-Length: {len(body)}")
        self.channel.dataReceived("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        return self.wire.said()

    @property
    def done(self) -> list[str]:
        return [each.done for each in self.meeting.arrivals.kept]


def status(said: bytes) -> bytes:
    return said.split(b"\r\n", 1)[0]


def test_a_request_is_noted_and_answered_and_the_next_one_too() -> None:
    visit = Visit()
    assert status(visit.asks("Token: t", "Id: 1")) == b"HTTP/1.1 200 OK"
    assert status(visit.asks()) == b"HTTP/1.1 200 OK"
    first, _ = visit.meeting.arrivals.kept
    assert (first.path, first.body, first.stream) == ("/?token=a", b"hello", 0)
    assert (first.token, first.id, first.done) == ("t", "1", "200")
    assert ("content-length", "5") in first.headers


def test_a_chunked_body_has_no_length() -> None:
    """WNS refuses it by that."""
    visit = Visit()
    visit.asks("Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n")
    (arrived,) = visit.meeting.arrivals.kept
    assert arrived.body == b"hello"
    assert "content-length" not in dict(arrived.headers)


def test_no_more_is_kept_than_any_provider_takes() -> None:
    visit = Visit()
    visit.asks(body=b"x" * (2 * LONGEST_BODY))
    assert len(visit.meeting.arrivals.kept[0].body) == LONGEST_BODY


@pytest.mark.parametrize(
    ("act", "done", "aborted"),
    [
        (Silence(), "silence", False),
        (Drop(), "drop", True),
        (Reset(8), "drop", True),
        (Deaf(), "deaf", False),
    ],
)
def test_without_an_answer(act: Act, done: str, aborted: bool) -> None:
    visit = Visit()
    visit.meeting.simulator.script.add(Rule(act))
    assert visit.asks() == b""
    assert (visit.done, visit.wire.aborted) == ([done], aborted)


def test_goodbye_is_an_answer_and_the_end() -> None:
    visit = Visit()
    visit.meeting.simulator.script.add(Rule(GoAway()))
    said = visit.asks()
    assert status(said) == b"HTTP/1.1 200 OK"
    assert b"connection: close" in said.lower()
    assert visit.wire.disconnecting


def test_an_answer_comes_after_its_latency_unless_nobody_waits() -> None:
    visit = Visit()
    visit.meeting.conduct.latency = 1.0
    assert visit.asks() == b""
    visit.meeting.clock.advance(1.0)
    assert status(visit.wire.said()) == b"HTTP/1.1 200 OK"
    visit.asks()
    visit.channel.connectionLost(Failure(ConnectionLost()))
    visit.meeting.clock.advance(1.0)
    assert visit.done == ["200", "cut"]


def test_a_connection_may_be_told_to_end() -> None:
    visit = Visit()
    visit.meeting.conduct.announce()
    visit.meeting.conduct.say_goodbye(GoAway())
    assert visit.wire.disconnecting
    visit.meeting.conduct.cut()
    assert visit.wire.aborted
    visit.channel.connectionLost(Failure(ConnectionLost()))
    assert visit.channel not in visit.meeting.conduct.open
