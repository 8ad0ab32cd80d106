"""Clients of ours whose relayed addresses face each other (A8 of the checklist).

Both are behind strict NATs, so each has the other's relayed address for a peer.  What they say
stays within the daemon, and nothing else is reached at our own addresses.
"""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import IPV6, TCP, A, Method
from tests.interop.turn.turn_client import towards
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import SEEN, SEEN6, Play

AS_IPV6 = (A.REQUESTED_ADDRESS_FAMILY, IPV6)


def pair(play: Play, *parts: tuple[int, bytes], **how: object) -> tuple[Client, Client]:
    alice, carol = play.client("alice", **how), play.client("carol", customer="other", **how)  # type: ignore[arg-type]
    alice.allocates(*parts)
    carol.allocates(*parts)
    return alice, carol


@pytest.mark.parametrize("by", list(Transport))
@pytest.mark.parametrize("parts", [[], [AS_IPV6]])
def test_a8_they_talk_by_indications(by: Transport, parts: list[tuple[int, bytes]]) -> None:
    """A8: no packet leaves, and each sees the other's relayed address."""
    play = Play()
    alice, carol = pair(play, *parts, by=by)
    assert alice.permits(carol.relayed).ok
    assert carol.permits(alice.relayed).ok
    alice.sends(carol.relayed, b"hello")
    carol.sends(alice.relayed, b"hello yourself")
    assert carol.hears() == [(alice.relayed, b"hello")]
    assert alice.hears() == [(carol.relayed, b"hello yourself")]
    assert not any(play.sockets.mail.values())


@pytest.mark.parametrize("by", list(Transport))
def test_a8_they_talk_on_channels(by: Transport) -> None:
    play = Play()
    alice, carol = pair(play, by=by)
    assert alice.binds(0x4000, carol.relayed).ok
    assert carol.binds(0x4001, alice.relayed).ok
    assert alice.allocation.channels[0x4000].is_inside
    alice.says(0x4000, b"hello")
    carol.says(0x4001, b"hello yourself")
    assert carol.hears() == [(0x4001, b"hello")]
    assert alice.hears() == [(0x4000, b"hello yourself")]
    assert not any(play.sockets.mail.values())


def test_a8_a_loop_over_datagrams_hands_over_inside_as_well() -> None:
    """What is sent has been counted by the loop; the rest is done here."""
    play = Play()
    alice, carol = pair(play)
    alice.binds(0x4000, carol.relayed)
    carol.permits(alice.relayed)
    channel = alice.allocation.channels[0x4000]
    play.server.relaying.inside(channel, b"hello", play.now)
    assert carol.hears() == [(alice.relayed, b"hello")]
    carol.refreshes(0)
    play.server.relaying.inside(channel, b"anybody?", play.now)
    assert play.counters["inside-dropped"] == 1


def test_a8_without_a_permission_of_the_other_nothing_arrives() -> None:
    play = Play()
    alice, carol = pair(play)
    alice.permits(carol.relayed)
    alice.sends(carol.relayed, b"let me in")
    assert carol.hears() == []
    assert play.counters["no-permission"] == 1


def test_a8_both_are_counted() -> None:
    play = Play()
    alice, carol = pair(play)
    alice.permits(carol.relayed)
    carol.permits(alice.relayed)
    alice.sends(carol.relayed, bytes(100))
    assert (alice.allocation.sent_packets, alice.allocation.sent_octets) == (1, 100)
    assert (carol.allocation.received_packets, carol.allocation.received_octets) == (1, 100)


def test_a8_a_client_may_talk_to_itself() -> None:
    """A15: a peer that is the client's own relayed address is answered once, by itself."""
    play = Play()
    alice = play.client()
    alice.allocates()
    assert alice.permits(alice.relayed).ok
    alice.sends(alice.relayed, b"echo")
    assert alice.hears() == [(alice.relayed, b"echo")]


def test_a15_a_peer_may_be_the_clients_own_address() -> None:
    """A15: it is an address like any other; one datagram in, one out."""
    play = Play()
    alice = play.client(address=("20.0.0.9", 1000))
    alice.allocates()
    assert alice.permits(("20.0.0.9", 1000)).ok
    alice.sends(("20.0.0.9", 1000), b"to myself")
    assert play.peer("20.0.0.9", 1000).hears() == [(alice.relayed, b"to myself")]


@pytest.mark.parametrize("host", [SEEN, SEEN6])
def test_a7_a_port_of_ours_that_is_no_allocation_cannot_be_bound(host: str) -> None:
    """A7, A8: our services are not peers, and neither is a port nobody has."""
    play = Play()
    alice = play.client()
    alice.allocates((A.ADDITIONAL_ADDRESS_FAMILY, IPV6))
    for port in (1, 22, 3478, 50_031, 65_535):
        assert alice.binds(0x4000, (host, port)).error == 403
    assert play.counters["peer-denied:inside"] + play.counters["peer-denied:own-service"] == 5


@pytest.mark.parametrize("host", [SEEN, SEEN6])
def test_a7_what_is_sent_to_a_port_of_ours_that_is_no_allocation_is_dropped(host: str) -> None:
    """A7, A8: permissions have no ports, so the host may be permitted; nothing leaves."""
    play = Play()
    alice = play.client()
    alice.allocates((A.ADDITIONAL_ADDRESS_FAMILY, IPV6))
    assert alice.permits((host, 0)).ok
    for port in (1, 22, 3478, 50_031, 65_535):
        alice.sends((host, port), b"GET / HTTP/1.1")
    assert not any(play.sockets.mail.values())
    assert play.counters["inside-dropped"] + play.counters["peer-denied:own-service"] == 5


def test_a7_an_operators_rule_opens_a_port_of_ours_that_is_no_service() -> None:
    """The machine may run a conference server as well; only what is ours stays closed."""
    play = Play()
    play.tenant(allow=[f"{SEEN}:1-65535"])
    alice = play.client()
    alice.allocates()
    alice.permits((SEEN, 0))
    alice.sends((SEEN, 5000), b"to the conference")
    alice.sends((SEEN, 3478), b"to ourselves")
    assert [mail for mail in play.sockets.mail if play.sockets.mail[mail]] == [(SEEN, 5000)]


def test_a_channel_to_a_relay_that_has_ended_leads_nowhere() -> None:
    play = Play()
    alice, carol = pair(play)
    alice.binds(0x4000, carol.relayed)
    carol.refreshes(0)
    alice.says(0x4000, b"still there?")
    assert not any(play.sockets.mail.values())
    assert play.counters["inside-dropped"] == 1
    assert alice.binds(0x4000, carol.relayed).error == 403


def test_the_next_owner_of_an_address_is_not_heard_without_wanting_to() -> None:
    """A channel outlives the relay it was bound to; its port may be somebody else's by then."""
    play = Play(ports=range(50_000, 50_002))
    alice, carol = pair(play)
    alice.binds(0x4000, carol.relayed)
    carol.refreshes(0)
    dave = play.client("dave")
    dave.allocates()
    assert dave.relayed == carol.relayed
    alice.says(0x4000, b"for carol")
    assert dave.hears() == []


def test_a12_connections_never_go_inside() -> None:
    """A12: Connect to an address of ours is 403, whoever listens there."""
    play = Play()
    alice, carol = play.client(by=Transport.TCP), play.client("carol", by=Transport.TCP)
    alice.allocates(transport=TCP)
    carol.allocates(transport=TCP)
    assert alice.permits(carol.relayed).error == 403
    assert alice.gets(Method.CONNECT, towards(carol.relayed, b"")).error == 403


def test_datagrams_do_not_reach_tcp_allocations() -> None:
    """RFC 6062: they have no Data indications."""
    play = Play()
    alice, carol = play.client("alice"), play.client("carol", by=Transport.TCP)
    alice.allocates()
    carol.allocates(transport=TCP)
    assert alice.binds(0x4000, carol.relayed).error == 403
    alice.permits(carol.relayed)
    alice.sends(carol.relayed, b"x")
    assert carol.line.takes() == []
    assert play.counters["inside-dropped"] == 1


def test_d15_a_permission_that_has_expired_stops_inside_traffic() -> None:
    play = Play()
    alice, carol = pair(play)
    alice.binds(0x4000, carol.relayed)
    carol.permits(alice.relayed)
    play.later(299)
    alice.says(0x4000, b"1")
    alice.permits(carol.relayed)
    play.later(1)
    alice.says(0x4000, b"2")
    assert carol.hears() == [(alice.relayed, b"1")]
