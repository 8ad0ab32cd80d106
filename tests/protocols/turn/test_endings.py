"""Ends of allocations that are not the client's wish: revocation, and credentials that expire."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import A
from tests.interop.turn.turn_client import lifetime
from tests.protocols.turn.plays import Play


@pytest.mark.parametrize("by", list(Transport))
def test_a_revoked_allocation_ends_at_once(by: Transport) -> None:
    play = Play()
    alice, bob = play.client(by=by), play.peer()
    alice.allocates()
    alice.binds(0x4000, bob)
    relayed = alice.relayed
    assert play.revokes() == 1
    alice.says(0x4000, b"x")
    alice.sends(bob, b"x")
    bob.says(b"y", to=relayed)
    assert bob.hears() == []
    assert alice.hears() == []
    assert play.ended() == ["revoked"]
    assert alice.refreshes().error == 437


def test_only_what_is_meant_is_revoked() -> None:
    play = Play()
    alice, carol = play.client("alice"), play.client("carol")
    alice.allocates()
    carol.allocates()
    assert play.revokes(lambda each: each.subject == "alice") == 1
    assert play.revokes(lambda each: each.subject == "alice") == 0
    assert carol.allocation is not None


def test_a_client_whose_credential_was_taken_back_cannot_come_again() -> None:
    play = Play()
    alice = play.client()
    alice.allocates()
    play.users.accounts.clear()
    play.revokes()
    assert alice.tries_to_allocate().error == 401


def test_a_mobile_client_that_is_away_is_revoked_as_well() -> None:
    play = Play()
    alice = play.client(by=Transport.TCP)
    alice.allocates((A.MOBILITY_TICKET, b""))
    alice.line.hangs_up()
    assert play.revokes() == 1
    answer = play.moves(alice).refreshes(None, (A.MOBILITY_TICKET, alice.talk.ticket))
    assert answer.error == 437


def test_b11_a_strict_customers_allocation_ends_with_its_credential() -> None:
    """B11: to the second, whatever lifetime was granted."""
    play = Play()
    play.tenant(strict=True)
    alice, bob = play.client(expires_in=1000), play.peer()
    alice.allocates(lifetime(3600))
    play.later(900)
    alice.permits(bob)
    play.later(99)
    bob.says(b"1", to=alice.relayed)
    assert alice.hears()
    play.later(1)
    assert play.ended() == ["credential-expired"]
    assert play.free_ports() == [32, 32]


def test_b11_a_newer_credential_prolongs_a_strict_customers_allocation() -> None:
    play = Play()
    play.tenant(strict=True)
    alice = play.client(expires_in=100)
    alice.allocates()
    play.later(90)
    play.renews(alice, 400)
    assert alice.refreshes().ok
    play.later(399)
    assert play.ended() == []
    play.later(1)
    assert play.ended() == ["credential-expired"]


def test_b11_the_credential_shown_last_counts_also_when_it_expires_sooner() -> None:
    play = Play()
    play.tenant(strict=True)
    alice = play.client(expires_in=500)
    alice.allocates()
    play.renews(alice, 20)
    assert alice.refreshes().ok
    play.later(20)
    assert play.ended() == ["credential-expired"]


def test_b11_other_customers_refresh_for_twelve_hours_more() -> None:
    """B11: an allocation outlives its credential; a new one is not to be had with it."""
    play = Play()
    alice = play.client(expires_in=100)
    alice.allocates()
    for _ in range(72):
        play.later(595)
        assert alice.refreshes().ok
    assert play.client("alice").tries_to_allocate().error == 401
    play.later(500)
    assert alice.refreshes().error == 401
    play.later(600)
    assert play.ended() == ["expired"]


@pytest.mark.parametrize("method", ["refresh", "permission", "channel"])
@pytest.mark.parametrize(("subject", "customer"), [("mallory", "acme"), ("alice", "other")])
def test_b9_another_user_cannot_use_an_allocation(
    method: str, subject: str, customer: str
) -> None:
    """B9, RFC 8656 section 5: 441, signed for who asks; nothing changes hands."""
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates()
    mallory = play.client(subject, customer=customer)
    mallory.line = alice.line
    if method == "refresh":
        answer = mallory.refreshes(0)
    elif method == "permission":
        answer = mallory.permits(bob)
    else:
        answer = mallory.binds(0x4000, bob)
    assert answer.error == 441
    assert mallory.talk.trusts(answer)
    assert alice.allocation.subject == "alice"
    assert alice.allocation.tenant.name == "acme"
    assert alice.allocation.permissions == {}
    assert alice.refreshes().ok


def test_b9_another_user_is_no_client_that_moves() -> None:
    """A request that is refused is no sign of life from the new address."""
    play = Play()
    alice = play.client()
    alice.allocates((A.MOBILITY_TICKET, b""))
    moved = play.moves(alice)
    moved.refreshes(None, (A.MOBILITY_TICKET, alice.talk.ticket))
    mallory = play.client("mallory")
    mallory.line = moved.line
    assert mallory.permits(play.peer()).error == 441
    assert play.counters["moved"] == 0
