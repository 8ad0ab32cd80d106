"""A client whose NAT gives it another port: flows stay, or go with it; none is stolen."""

import pytest

from tests.interop.datapath.site import CHANNEL, Crossing
from tests.interop.datapath.ways import Way, crosses
from tests.interop.turn.caller import Caller
from tests.interop.turn.stun_codec import A

pytestmark = pytest.mark.interop

WANTED = (A.MOBILITY_TICKET, b"")


def rebound(way: Way) -> Caller:
    """Give the client as it is seen when its NAT has forgotten it: its host, and a new port."""
    host, _ = way.caller.wire.local
    return way.site.caller(host=host, v6=":" in host)


def test_a_new_port_gets_nothing_of_the_old_ones_allocation(site: Crossing, v6: bool) -> None:
    """RFC 8656 section 3: an allocation belongs to a five-tuple, whatever its channels are."""
    way = Way(site, v6=v6)
    stranger = rebound(way)
    assert way.flies_up(b"before")
    stranger.says(CHANNEL, b"from a port nobody knows")
    way.says(b"from the one that is known")
    assert way.heard_by_peer() == b"from the one that is known"
    stranger.settle()
    assert way.peer.heard() == []
    way.is_answered(b"to the one that is known")
    assert way.heard_by_client() == b"to the one that is known"
    assert stranger.heard_nothing()


def test_its_new_allocation_has_flows_of_its_own(site: Crossing, v6: bool) -> None:
    """The same channel to the same peer, from the same host."""
    way = Way(site, v6=v6)
    again = Way(site, v6=v6)
    again.peer.socket.close()
    again.peer = way.peer
    again.caller = rebound(way)
    parts = [(A.REQUESTED_ADDRESS_FAMILY, b"\2\0\0\0")] if v6 else []
    again.caller.allocates(*parts)
    assert again.caller.binds(CHANNEL, way.peer).ok
    with site.asleep():
        for number in range(20):
            for each in (way, again):
                crosses(each.says, each.heard_by_peer, 100 + number)
                crosses(each.is_answered, each.heard_by_client, 100 + number)


def test_a_mobile_client_takes_its_flows_along(site: Crossing, v6: bool) -> None:
    """RFC 8016 section 3.2: from its first packet at the new place; the old one is nobody's."""
    way = Way(site, WANTED, v6=v6)
    assert way.flies_up(b"from the old place")
    old, ticket, relayed = way.caller, way.caller.talk.ticket, way.caller.relays
    moved = rebound(way)
    assert moved.refreshes(None, (A.MOBILITY_TICKET, ticket)).ok
    moved.relays = relayed
    moved.says(CHANNEL, b"here I am")
    assert way.heard_by_peer() == b"here I am"
    way.caller = moved
    assert way.flies_up(b"to the peer")
    assert way.flies_down(b"to the new place")
    old.says(CHANNEL, b"from the old place")
    old.settle()
    moved.settle()
    assert way.is_silent()
    assert old.heard_nothing()
