"""Requests that drip in, and those that are only slow, on a clock of the test's own."""

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.http import HTTPFactory, Request

from procall_mobility.transports.patience import PatientChannel

TIME = 60.0


class Answered(Request):
    def process(self) -> None:
        self.write(b"x")
        self.finish()


class Wire(StringTransport):
    def abortConnection(self) -> None:
        self.loseConnection()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def channel(clock: Clock) -> PatientChannel:
    factory = HTTPFactory(timeout=TIME, reactor=clock)
    made = PatientChannel()
    made.requestFactory = Answered
    made.callLater = clock.callLater
    made.timeOut = factory.timeOut
    made.factory = factory
    made.makeConnection(Wire())
    return made


def is_closed(channel: PatientChannel) -> bool:
    return channel.transport.disconnecting


def test_a_head_that_drips_is_cut_off(clock: Clock, channel: PatientChannel) -> None:
    channel.dataReceived(b"GET / HTTP/1.1\r\n")
    for _ in range(6):
        assert not is_closed(channel)
        channel.dataReceived(b"X-A: b\r\n")
        clock.advance(TIME / 6)
    assert is_closed(channel)


def test_a_body_that_drips_is_cut_off(clock: Clock, channel: PatientChannel) -> None:
    channel.dataReceived(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n")
    for _ in range(6):
        assert not is_closed(channel)
        channel.dataReceived(b"x")
        clock.advance(TIME / 6)
    assert is_closed(channel)


def test_a_request_after_a_long_silence_has_its_own_time(
    clock: Clock, channel: PatientChannel
) -> None:
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    for _ in range(3):
        clock.advance(TIME - 1)
        channel.dataReceived(request[:10])
        clock.advance(TIME - 1)
        assert not is_closed(channel)
        channel.dataReceived(request[10:])
        assert channel.transport.value().count(b"200 OK") == 1
        channel.transport.clear()


def test_silence_is_cut_off_as_ever(clock: Clock, channel: PatientChannel) -> None:
    clock.advance(TIME)
    assert is_closed(channel)
