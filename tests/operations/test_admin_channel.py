"""Clients of the admin listener that ask without taking answers, or take very long to ask."""

import pytest
from twisted.internet.testing import MemoryReactorClock, StringTransport

from procall_mobility.operations.admin_channel import IDLE, AdminChannel
from procall_mobility.operations.admin_site import Page, Told, admin_factory

BODY = b"x" * 100_000
ASKS = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEAD = ASKS[: -len(b"\r\n")]


class Caller:
    """A connection to a page anybody may have, which is large."""

    def __init__(self) -> None:
        self.reactor = MemoryReactorClock()
        pages = {b"/large": Page(lambda: Told(200, "text/plain", BODY), is_open=True)}
        self.protocol = admin_factory(pages, lambda _: False, self.reactor).buildProtocol(None)
        self.transport = StringTransport()
        self.protocol.makeConnection(self.transport)

    def says(self, octets: bytes) -> None:
        self.protocol.dataReceived(octets)

    @property
    def answers(self) -> int:
        return self.transport.value().count(BODY)


def test_whoever_asks_one_by_one_keeps_the_connection() -> None:
    caller = Caller()
    for _ in range(10):
        caller.says(ASKS)
    assert caller.answers == 10
    assert not caller.transport.disconnecting


@pytest.mark.parametrize(
    "asks",
    [
        ASKS,
        HEAD + b"Content-Length: 1\r\n\r\nx",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["bare", "with a body", "in chunks"],
)
def test_of_many_requests_at_once_few_are_answered(asks: bytes) -> None:
    """Else a read of 64 KiB makes a hundred megabytes, and nobody has to show a token for it."""
    caller = Caller()
    caller.says(asks * 1000)
    assert caller.answers == 2
    assert b"Connection: close" in caller.transport.value()
    assert caller.transport.disconnecting


def test_whoever_takes_no_answer_may_not_ask_again() -> None:
    caller = Caller()
    caller.says(ASKS)
    caller.transport.producer.pauseProducing()
    caller.says(ASKS)
    assert caller.answers == 1
    assert caller.transport.disconnected


def test_whoever_takes_an_answer_slowly_goes_on() -> None:
    caller = Caller()
    caller.says(ASKS)
    caller.transport.producer.pauseProducing()
    caller.transport.producer.resumeProducing()
    caller.says(ASKS)
    assert caller.answers == 2
    assert not caller.transport.disconnecting


@pytest.mark.parametrize("ends", [ASKS, HEAD + b"Connection: close\r\n\r\n"])
def test_a_client_that_takes_nothing_keeps_no_place(ends: bytes) -> None:
    """There are 50 places: who asked for its connection to be closed would hold one for ever."""
    caller = Caller()
    caller.says(ends)
    caller.reactor.advance(IDLE)
    assert caller.transport.disconnecting
    caller.reactor.advance(AdminChannel.abortTimeout)
    assert caller.transport.disconnected


def test_a_request_in_drops_takes_no_longer_than_silence() -> None:
    caller = Caller()
    for octet in ASKS[:4]:
        caller.says(bytes([octet]))
        caller.reactor.advance(IDLE / 4)
    assert caller.transport.disconnecting


def test_a_length_nobody_could_mean_is_answered() -> None:
    """Python refuses to read so many digits: that would be a fault of ours for all who watch."""
    caller = Caller()
    caller.says(HEAD + b"Content-Length: " + b"1" * 5000 + b"\r\n\r\n")
    assert caller.transport.value().startswith(b"HTTP/1.1 400 ")
    assert caller.transport.disconnecting
