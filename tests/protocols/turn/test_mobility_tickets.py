"""Mobility tickets (RFC 8016): who may have one, what it is good for, and for whom."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import TCP, A
from tests.protocols.turn.movers import WANTED, mobile, resumed, ticket
from tests.protocols.turn.plays import Play


def test_a_client_that_asks_for_one_gets_a_ticket() -> None:
    """Section 3.1: eighteen octets of chance, in text, another one for everybody (B1)."""
    play = Play()
    tickets = {mobile(play, subject=f"user{n}").talk.ticket for n in range(20)}
    assert len(tickets) == 20
    assert {len(each) for each in tickets} == {24}
    assert all(each.isascii() and each.decode().isprintable() for each in tickets)


def test_a_ticket_in_an_allocate_request_is_a_bad_request() -> None:
    """Section 3.1: its value is empty there."""
    assert Play().client().tries_to_allocate((A.MOBILITY_TICKET, b"x" * 16)).error == 400


def test_mobility_may_be_forbidden() -> None:
    """Section 3.4: 405."""
    play = Play(mobility=False)
    assert play.client().tries_to_allocate(WANTED).error == 405
    alice = play.client()
    assert alice.refreshes(None, (A.MOBILITY_TICKET, b"x" * 16)).error == 405


def test_a_ticket_is_good_once() -> None:
    play = Play()
    alice = mobile(play)
    old = ticket(alice)
    resumed(play, alice).says(0x4000, b"x")
    assert play.moves(alice).refreshes(None, old).error == 437


def test_a_refresh_with_the_ticket_at_the_old_address_is_a_plain_refresh() -> None:
    play = Play()
    alice = mobile(play)
    answer = alice.refreshes(1200, ticket(alice))
    assert answer.number(A.LIFETIME) == 1200
    assert answer.must(A.MOBILITY_TICKET) == alice.talk.ticket
    assert play.counters["moved"] == 0


def test_a_refresh_with_a_ticket_for_nothing_is_a_plain_refresh() -> None:
    """The allocation is that of the five-tuple, and it has no ticket."""
    play = Play()
    alice = play.client()
    alice.allocates()
    answer = alice.refreshes(None, (A.MOBILITY_TICKET, b"x" * 16))
    assert answer.ok
    assert not answer.has(A.MOBILITY_TICKET)


def test_a_ticket_of_another_allocation_is_a_mismatch_where_there_is_one() -> None:
    play = Play()
    alice = mobile(play)
    second = play.client()
    second.allocates()
    assert second.refreshes(None, ticket(alice)).error == 437
    assert second.refreshes(0, ticket(alice)).error == 437
    assert len(play.allocations) == 2


@pytest.mark.parametrize(("subject", "customer"), [("mallory", "acme"), ("alice", "other")])
def test_b17_another_users_ticket_is_worth_nothing(subject: str, customer: str) -> None:
    """B17: 441, signed for who asks, and the owner can still move."""
    play = Play()
    alice = mobile(play)
    mallory = play.client(subject, customer=customer)
    for seconds in (None, 0):
        answer = mallory.refreshes(seconds, ticket(alice))
        assert answer.error == 441
        assert mallory.talk.trusts(answer)
    assert play.ended() == []
    assert resumed(play, alice).allocation is not None


@pytest.mark.parametrize("value", [b"", b"x", b"x" * 16, b"x" * 500])
def test_b17_an_unknown_ticket_is_a_mismatch(value: bytes) -> None:
    play = Play()
    mobile(play)
    assert play.client().refreshes(None, (A.MOBILITY_TICKET, value)).error == 437


def test_b17_resuming_again_and_again_costs_no_memory() -> None:
    """B17: one ticket and one place to be, whatever the number; the quota is the owner's."""
    play = Play(allocations_per_user=1)
    alice = mobile(play)
    for n in range(200):
        alice = resumed(play, alice, Transport.TCP if n % 3 else Transport.UDP)
        if n % 2:
            alice.says(0x4000, b"x")
    assert len(play.allocations) == len(play.allocations._by_ticket) == 1
    assert play.client().tries_to_allocate().error == 486
    assert sum(each.allocation is not None for each in play.streams) <= 2
    assert sum(len(each.flows) for each in play.listeners) <= 2


def test_without_a_ticket_a_lost_connection_is_the_end() -> None:
    play = Play()
    alice = play.client(by=Transport.TCP)
    alice.allocates()
    alice.line.hangs_up()
    assert play.ended() == ["connection-lost"]


def test_a_client_may_end_its_allocation_from_elsewhere() -> None:
    play = Play()
    alice = mobile(play)
    answer = play.moves(alice).refreshes(0, ticket(alice))
    assert answer.ok
    assert answer.number(A.LIFETIME) == 0
    assert play.ended() == ["released"]
    assert alice.allocation is None


def test_the_quota_of_an_address_stays_where_the_allocation_was_made() -> None:
    """D5: moving is no way around it, and no way to take another's."""
    play = Play(allocations_per_address=1)
    alice = play.client(address=("198.51.100.200", 1000))
    alice.allocates(WANTED)
    moved = play.moves(alice, address=("198.51.100.201", 1000))
    assert moved.refreshes(None, ticket(alice)).ok
    at_the_new = play.client("bob", address=("198.51.100.201", 2000))
    assert at_the_new.allocates().ok
    at_the_old = play.client("carol", address=("198.51.100.200", 2000))
    assert at_the_old.tries_to_allocate().error == 486
    moved.refreshes(0)
    assert at_the_old.allocates().ok


def test_a_tcp_allocation_moves_to_streams_alone() -> None:
    """RFC 6062 section 5.1: its control connection is one."""
    play = Play()
    alice = play.client(by=Transport.TCP)
    alice.allocates(WANTED, transport=TCP)
    assert play.moves(alice).refreshes(None, ticket(alice)).error == 400
    assert resumed(play, alice, Transport.TLS).allocation is not None


def test_a_malformed_resumption_changes_nothing() -> None:
    play = Play()
    alice = mobile(play)
    moved = play.moves(alice)
    assert moved.refreshes(None, ticket(alice), (A.LIFETIME, b"\0")).error == 400
    assert moved.allocation is None
    assert resumed(play, alice).allocation is not None


def test_a_newer_credential_shown_at_the_move_counts() -> None:
    play = Play()
    play.tenant(strict=True)
    alice = mobile(play, expires_in=100)
    play.renews(alice, 1000)
    moved = play.moves(alice)
    assert moved.refreshes(None, ticket(alice)).ok
    moved.refreshes()
    play.later(500)
    assert play.ended() == []
    play.later(500)
    assert play.ended() != []
