"""Requests that are read at once leave the connection as twisted.web would have left it."""

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from tests.transports.desks import OK, PLAIN, Desk
from tests.transports.sites import Site


def test_an_empty_line_before_a_request_does_no_harm() -> None:
    """RFC 9112 section 2.2: some clients send one after each body, in whatever piece."""
    desk = Desk()
    channel, wire = Site(desks=(desk,)).connects()
    for _ in range(3):
        channel.dataReceived(PLAIN)
        channel.dataReceived(b"\r\n")
    assert wire.said().count(b"HTTP/1.1 202 ") == 3
    assert not wire.disconnecting


def test_a_request_has_its_time_whatever_came_before() -> None:
    """From its own first octet: an empty line before another request was none of it."""
    desk = Desk()
    site = Site(desks=(desk,))
    channel, wire = site.connects()
    for octets in (b"\r\n", PLAIN):
        channel.dataReceived(octets)
    site.clock.advance(59)
    channel.dataReceived(PLAIN[:-1])
    site.clock.advance(59)
    channel.dataReceived(PLAIN[-1:])
    assert len(desk.asked) == 2
    assert not wire.disconnecting


def test_a_client_that_had_to_read_first_is_read_from_again() -> None:
    """What it sent meanwhile is served; there is nobody else to go on reading after that."""
    desk = Desk(answers=False)
    channel, wire = Site(desks=(desk,)).connects()
    channel._optimisticEagerReadSize = 500
    channel.dataReceived(PLAIN)
    channel.dataReceived(PLAIN.replace(b": 5", b": 600").replace(b"hello", b"x" * 600))
    assert wire.producerState == "paused"
    channel.pauseProducing()
    desk.replies.pop()(OK)
    assert len(desk.asked) == 2
    channel.resumeProducing()
    desk.replies.pop()(OK)
    assert wire.producerState == "producing"


def test_a_request_under_way_is_not_cut_off_and_an_idle_connection_is() -> None:
    desk = Desk(answers=False)
    site = Site(desks=(desk,))
    channel, wire = site.connects()
    channel.dataReceived(PLAIN)
    site.clock.advance(600)
    assert not wire.disconnecting
    desk.replies[0](OK)
    site.clock.advance(59)
    assert not wire.disconnecting
    site.clock.advance(2)
    assert wire.disconnecting


def test_a_connection_is_as_idle_after_a_long_request_as_after_a_short_one() -> None:
    """Whether its time has run out meanwhile or not."""
    desk = Desk(answers=False)
    site = Site(desks=(desk,))
    channel, wire = site.connects()
    for seconds in (59, 61, 1):
        channel.dataReceived(PLAIN)
        site.clock.advance(seconds)
        desk.replies.pop()(OK)
        site.clock.advance(59)
        assert not wire.disconnecting
    site.clock.advance(1)
    assert wire.disconnecting


def test_a_client_that_leaves_leaves_nothing_on_the_clock() -> None:
    desk = Desk(answers=False)
    site = Site(desks=(desk,))
    channel, _ = site.connects()
    before = len(site.clock.getDelayedCalls())
    channel.dataReceived(PLAIN)
    channel.connectionLost(Failure(ConnectionDone()))
    desk.replies[0](OK)
    assert len(site.clock.getDelayedCalls()) == before - 1
