"""When we leave, connections of clients end with their request; the next one comes anew."""

import gc

import pytest

from procall_mobility.transports.visits import Visits
from tests.transports.desks import OK, PLAIN, Desk
from tests.transports.sites import Site, parsed

LOOK_UP = b"GET /controller/client/ucws?ucsid=acme HTTP/1.1\r\nHost: x\r\n\r\n"


def end(site: Site) -> None:
    site.visits.end()


@pytest.mark.parametrize("octets", [PLAIN, LOOK_UP], ids=["express", "twisted.web"])
def test_a_request_that_comes_yet_is_answered_and_the_connection_ends(octets: bytes) -> None:
    """RFC 9112 section 9.6."""
    site = Site(desks=(Desk(),))
    channel, wire = site.connects()
    channel.dataReceived(octets[:-1])
    end(site)
    assert not wire.disconnecting, "it is being asked"
    channel.dataReceived(octets[-1:])
    status, headers, _ = parsed(wire.said())
    assert status in (202, 204)
    assert headers["connection"] == "close"
    assert wire.disconnecting


def test_a_request_under_way_is_answered_and_the_connection_ends() -> None:
    desk = Desk(answers=False)
    site = Site(desks=(desk,))
    channel, wire = site.connects()
    channel.dataReceived(PLAIN)
    end(site)
    assert not wire.disconnecting
    desk.replies.pop()(OK)
    status, headers, body = parsed(wire.said())
    assert (status, headers["connection"], body) == (202, "close", b"ok")
    assert wire.disconnecting


def test_an_idle_connection_ends_at_once() -> None:
    """Whoever asks next shall not reach us."""
    site = Site(desks=(Desk(),))
    channel, wire = site.connects()
    channel.dataReceived(PLAIN)
    end(site)
    assert wire.disconnecting


def test_connections_are_kept_as_long_as_nobody_leaves() -> None:
    site = Site(desks=(Desk(),))
    channel, wire = site.connects()
    for _ in range(2):
        channel.dataReceived(PLAIN)
    assert b"close" not in wire.said()
    assert not wire.disconnecting


def test_an_answer_says_once_that_it_is_the_last() -> None:
    visits = Visits()
    once = visits.last(OK)
    assert visits.last(once) == once


def test_what_became_a_websocket_is_left_alone() -> None:
    """Its session ends it."""
    site = Site()
    site.house.logs_in(site.house.registers())
    socket, said = site.upgrades("/ws/client/websocket?x-ucsessionid=SESSION1")
    assert said.startswith(b"HTTP/1.1 101 ")
    end(site)
    assert not socket.wire.disconnecting


def test_nobody_is_kept_for_being_noted() -> None:
    site = Site()
    channel, wire = site.connects()
    channel.connectionLost(None)
    wire.protocol = None
    del channel, wire
    gc.collect()
    assert len(site.visits._all) == 0
