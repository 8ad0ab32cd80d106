"""Mobility (RFC 8016): the allocation survives a change of its client's address."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import A, Method
from tests.interop.turn.turn_client import lifetime
from tests.protocols.turn.movers import mobile, resumed, ticket
from tests.protocols.turn.plays import Play


def test_a_client_that_does_not_ask_gets_none() -> None:
    assert not Play().client().allocates().has(A.MOBILITY_TICKET)


@pytest.mark.parametrize("before", [Transport.UDP, Transport.TCP, Transport.TLS])
@pytest.mark.parametrize("after", [Transport.UDP, Transport.TCP, Transport.TLS])
def test_an_allocation_follows_its_client(before: Transport, after: Transport) -> None:
    play = Play()
    alice, bob = mobile(play, before), play.peer()
    moved = resumed(play, alice, after)
    moved.says(0x4000, b"I am here now")
    bob.says(b"so I see", to=alice.relayed)
    assert bob.hears() == [(alice.relayed, b"I am here now")]
    assert moved.hears() == [(0x4000, b"so I see")]
    assert alice.hears() == []
    assert play.counters["moved"] == 1
    assert play.ended() == []


def test_make_before_break_the_old_address_is_good_until_the_new_one_is_used() -> None:
    """Section 3.2: data goes both ways at the old one while the answer is on its way."""
    play = Play()
    alice, bob = mobile(play), play.peer()
    moved = resumed(play, alice)
    alice.says(0x4000, b"still here")
    bob.says(b"to the old one", to=alice.relayed)
    assert bob.hears() == [(alice.relayed, b"still here")]
    assert alice.hears() == [(0x4000, b"to the old one")]
    moved.says(0x4000, b"now here")
    bob.says(b"to the new one", to=alice.relayed)
    assert alice.hears() == []
    assert moved.hears() == [(0x4000, b"to the new one")]


@pytest.mark.parametrize("what", ["channel data", "send", "permission", "channel", "refresh"])
def test_whatever_comes_from_the_new_address_moves_the_allocation(what: str) -> None:
    play = Play()
    alice, bob = mobile(play), play.peer()
    moved = resumed(play, alice)
    if what == "channel data":
        moved.says(0x4000, b"x")
    elif what == "send":
        moved.sends(bob, b"x")
    elif what == "permission":
        assert moved.permits(bob).ok
    elif what == "channel":
        assert moved.binds(0x4000, bob).ok
    else:
        assert moved.refreshes().ok
    assert play.counters["moved"] == 1
    bob.says(b"here?", to=alice.relayed)
    assert moved.hears() == [(0x4000, b"here?")]
    assert alice.line.path.find() is None


def test_after_the_move_the_old_address_has_nothing() -> None:
    play = Play()
    alice, bob = mobile(play), play.peer()
    resumed(play, alice).says(0x4000, b"x")
    bob.hears()
    alice.says(0x4000, b"from the old one")
    assert bob.hears() == []
    assert alice.refreshes().error == 437


def test_the_old_connection_is_closed_by_the_move() -> None:
    play = Play()
    alice = mobile(play, Transport.TCP)
    resumed(play, alice, Transport.TCP).says(0x4000, b"x")
    assert alice.line.stream.is_closed
    assert play.ended() == []


def test_a_client_that_resumes_and_never_sends_stays_where_it_was() -> None:
    """Thirty seconds: the answer has not reached it, or it has gone back."""
    play = Play()
    alice, bob = mobile(play), play.peer()
    moved = resumed(play, alice)
    play.later(30)
    assert moved.allocation is None
    bob.says(b"where?", to=alice.relayed)
    assert alice.hears() == [(0x4000, b"where?")]
    assert moved.permits(bob).error == 437
    assert resumed(play, moved).allocation is not None


def test_a_repeated_resumption_is_answered_again_and_moves_nothing() -> None:
    """The first answer was lost, and with it the new ticket."""
    play = Play()
    alice, bob = mobile(play), play.peer()
    moved = play.moves(alice)
    first = moved.refreshes(None, ticket(alice))
    second = moved.refreshes(None, ticket(alice))
    assert second.ok
    assert second.must(A.MOBILITY_TICKET) == first.must(A.MOBILITY_TICKET)
    assert play.counters["moved"] == 0
    bob.says(b"still there", to=alice.relayed)
    assert alice.hears() == [(0x4000, b"still there")]


def test_a_client_may_move_on_before_it_has_arrived() -> None:
    play = Play()
    alice, bob = mobile(play), play.peer()
    second = resumed(play, alice)
    third = resumed(play, second)
    assert second.line.path.find() is None
    third.says(0x4000, b"here at last")
    bob.says(b"welcome", to=alice.relayed)
    assert third.hears() == [(0x4000, b"welcome")]


@pytest.mark.parametrize("by", [Transport.TCP, Transport.TLS])
def test_b18_a_lost_connection_leaves_a_mobile_client_its_allocation(by: Transport) -> None:
    """B18: it waits for its client, and is counted until it ends."""
    play = Play(allocations_per_user=1)
    alice, bob = mobile(play, by), play.peer()
    alice.line.hangs_up()
    assert play.ended() == []
    assert play.client().tries_to_allocate().error == 486
    bob.says(b"anybody?", to=alice.relayed)
    moved = resumed(play, alice, by)
    bob.says(b"there you are", to=alice.relayed)
    assert moved.hears() == [(0x4000, b"there you are")]
    moved.line.hangs_up()
    play.later(600)
    assert play.ended() == ["expired"]
    assert play.client().allocates().ok


def test_a_lost_connection_without_an_allocation_is_nothing() -> None:
    play = Play()
    play.client(by=Transport.TCP).line.hangs_up()
    assert play.book.lines == []


def test_the_new_connection_may_be_lost_before_it_was_used() -> None:
    play = Play()
    alice, bob = mobile(play), play.peer()
    resumed(play, alice, Transport.TCP).line.hangs_up()
    bob.says(b"back to", to=alice.relayed)
    assert alice.hears() == [(0x4000, b"back to")]


def test_when_the_old_connection_is_lost_the_new_one_is_where_the_client_is() -> None:
    play = Play()
    alice, bob = mobile(play, Transport.TCP), play.peer()
    moved = resumed(play, alice, Transport.TCP)
    alice.line.hangs_up()
    bob.says(b"at once", to=alice.relayed)
    assert moved.hears() == [(0x4000, b"at once")]
    assert play.counters["moved"] == 1


def test_a_resumption_prolongs_the_allocation() -> None:
    play = Play()
    alice = mobile(play)
    play.later(500)
    moved = play.moves(alice)
    assert moved.refreshes(1200, ticket(alice)).number(A.LIFETIME) == 1200
    moved.refreshes(1200)
    play.later(1199)
    assert play.ended() == []


def test_both_addresses_of_a_moving_client_are_forgotten_at_the_end() -> None:
    play = Play()
    alice = mobile(play)
    moved = resumed(play, alice)
    assert alice.refreshes(0).ok
    assert moved.allocation is alice.allocation is None
    assert moved.gets(Method.REFRESH, lifetime(0)).error == 437
