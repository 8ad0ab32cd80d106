"""Refresh (RFC 8656 section 8.2)."""

import pytest

from tests.interop.turn.stun_codec import IPV4, IPV6, A
from tests.protocols.turn.plays import Play


@pytest.mark.parametrize(
    ("asked", "granted"), [(None, 600), (1, 600), (1800, 1800), (2**32 - 1, 3600)]
)
def test_an_allocation_is_prolonged_from_now(asked: int | None, granted: int) -> None:
    play = Play()
    alice = play.client()
    alice.allocates()
    play.later(500)
    answer = alice.refreshes(asked)
    assert answer.number(A.LIFETIME) == granted
    play.later(granted - 1)
    assert play.ended() == []
    play.later(1)
    assert play.ended() == ["expired"]


def test_an_allocation_can_be_shortened_to_the_default() -> None:
    play = Play()
    alice = play.client()
    alice.allocates((A.LIFETIME, (3600).to_bytes(4)))
    assert alice.refreshes(1).number(A.LIFETIME) == 600
    play.later(600)
    assert play.ended() == ["expired"]


def test_a_lifetime_of_zero_ends_the_allocation_at_once() -> None:
    play = Play()
    alice = play.client()
    alice.allocates()
    answer = alice.refreshes(0)
    assert answer.ok
    assert answer.number(A.LIFETIME) == 0
    assert play.ended() == ["released"]
    assert play.free_ports() == [32, 32]


def test_a_repeated_end_is_a_mismatch() -> None:
    """Section 8.3: the client takes it for a success."""
    alice = Play().client()
    alice.allocates()
    alice.refreshes(0)
    assert alice.refreshes(0).error == 437


def test_without_an_allocation_there_is_nothing_to_refresh() -> None:
    assert Play().client().refreshes().error == 437


def test_the_five_tuple_is_free_again_after_the_end() -> None:
    play = Play()
    alice = play.client()
    alice.allocates()
    alice.refreshes(0)
    assert alice.allocates().ok


@pytest.mark.parametrize("family", [IPV6, b"\0\0\0\0", b"\x03\0\0\0"])
@pytest.mark.parametrize("seconds", [None, 0, 600])
def test_a_family_the_allocation_does_not_have_is_a_mismatch(
    family: bytes, seconds: int | None
) -> None:
    alice = Play().client()
    alice.allocates()
    assert alice.refreshes(seconds, (A.REQUESTED_ADDRESS_FAMILY, family)).error == 443
    assert alice.allocation is not None


def test_the_family_the_allocation_has_may_be_named() -> None:
    alice = Play().client()
    alice.allocates()
    assert alice.refreshes(700, (A.REQUESTED_ADDRESS_FAMILY, IPV4)).number(A.LIFETIME) == 700


@pytest.mark.parametrize("attribute", [A.LIFETIME, A.REQUESTED_ADDRESS_FAMILY])
def test_a_malformed_attribute_is_a_bad_request(attribute: int) -> None:
    alice = Play().client()
    alice.allocates()
    assert alice.refreshes(None, (attribute, b"\0")).error == 400


def test_an_allocation_that_goes_on_is_written_down_every_five_minutes() -> None:
    play = Play()
    alice = play.client()
    alice.allocates((A.LIFETIME, (1000).to_bytes(4)))
    name = alice.allocation.id
    play.later(1000)
    assert play.book.lines == [
        ("opened", name),
        ("goes-on", name),
        ("goes-on", name),
        ("goes-on", name),
        ("ended", name, "expired"),
    ]


def test_allocations_of_others_do_not_expire_with_one() -> None:
    play = Play()
    alice, bob = play.client("alice"), play.client("bob")
    alice.allocates()
    play.later(1)
    bob.allocates()
    play.later(599)
    assert alice.allocation is None
    assert bob.allocation is not None
    play.later(1)
    assert bob.allocation is None
