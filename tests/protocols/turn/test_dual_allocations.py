"""Two addresses in one allocation: ADDITIONAL-ADDRESS-FAMILY (RFC 8656 sections 7.2 and 8.2)."""

import pytest

from tests.interop.turn.stun_codec import IPV4, IPV6, A, Message
from tests.protocols.turn.plays import SEEN, SEEN6, Play

DUAL = (A.ADDITIONAL_ADDRESS_FAMILY, IPV6)
AS_IPV4, AS_IPV6 = (A.REQUESTED_ADDRESS_FAMILY, IPV4), (A.REQUESTED_ADDRESS_FAMILY, IPV6)


def hosts(answer: Message) -> list[str]:
    return [each[0] for each in answer.addresses(A.XOR_RELAYED_ADDRESS)]


def test_a_client_gets_an_address_of_each_family() -> None:
    play = Play()
    answer = play.client().allocates(DUAL)
    assert hosts(answer) == [SEEN, SEEN6]
    assert not answer.has(A.ADDRESS_ERROR_CODE)
    assert len(play.allocations) == 1


def test_the_attribute_has_an_older_number() -> None:
    """Clients of coturn's still ask by the number it had before it was registered."""
    assert hosts(Play().client().allocates((0x8032, IPV6))) == [SEEN, SEEN6]


def test_both_addresses_may_be_even() -> None:
    answer = Play().client().allocates(DUAL, (A.EVEN_PORT, b"\x00"))
    assert [port % 2 for _, port in answer.addresses(A.XOR_RELAYED_ADDRESS)] == [0, 0]


@pytest.mark.parametrize(("families", "host", "missing"), [("4", SEEN, 2), ("6", SEEN6, 1)])
def test_a_family_we_do_not_have_is_told_beside_the_other(
    families: str, host: str, missing: int
) -> None:
    """Section 18.12: family, and the error 440 as in ERROR-CODE."""
    answer = Play(families=families).client().allocates(DUAL)
    assert hosts(answer) == [host]
    value = answer.must(A.ADDRESS_ERROR_CODE)
    assert value[:4] == bytes((missing, 0, 4, 40))
    assert value[4:].decode() == "Address Family not Supported"


def test_a_family_without_ports_is_told_beside_the_other() -> None:
    play = Play(ports=range(50_000, 50_001))
    play.client().allocates(AS_IPV6)
    answer = play.client().allocates(DUAL)
    assert hosts(answer) == [SEEN]
    assert answer.must(A.ADDRESS_ERROR_CODE)[:4] == bytes((2, 0, 5, 8))


def test_what_was_missing_is_told_again_when_the_request_is_repeated() -> None:
    play = Play(families="4")
    alice = play.client()
    parts = ((A.REQUESTED_TRANSPORT, b"\x11\0\0\0"), DUAL)
    first = alice.gets(3, *parts, transaction=b"twelve bytes")
    second = alice.gets(3, *parts, transaction=b"twelve bytes")
    assert second.must(A.ADDRESS_ERROR_CODE) == first.must(A.ADDRESS_ERROR_CODE)


def test_without_any_port_there_is_no_capacity() -> None:
    play = Play(ports=range(50_000, 50_001))
    play.client().allocates(DUAL)
    assert play.client().tries_to_allocate(DUAL).error == 508


def test_each_family_reaches_peers_of_its_own() -> None:
    play = Play()
    alice, bob, bob6 = play.client(), play.peer("20.0.0.1"), play.peer("2a00::1")
    alice.allocates(DUAL)
    assert alice.permits(bob, bob6).ok
    alice.sends(bob, b"four")
    alice.sends(bob6, b"six")
    assert bob.hears() == [(alice.relays[0], b"four")]
    assert bob6.hears() == [(alice.relays[1], b"six")]
    assert alice.binds(0x4000, bob).ok
    assert alice.binds(0x4001, bob6).ok
    bob6.says(b"six again", to=alice.relays[1])
    bob.says(b"four again", to=alice.relays[0])
    assert alice.hears() == [(0x4001, b"six again"), (0x4000, b"four again")]


@pytest.mark.parametrize(("gone", "left"), [(AS_IPV4, SEEN6), (AS_IPV6, SEEN)])
def test_one_address_can_be_given_back_alone(gone: tuple[int, bytes], left: str) -> None:
    """Section 8.2: with its channels; the other one stays as it was."""
    play = Play()
    alice, bob, bob6 = play.client(), play.peer("20.0.0.1"), play.peer("2a00::1")
    alice.allocates(DUAL)
    alice.binds(0x4000, bob)
    alice.binds(0x4001, bob6)
    assert alice.refreshes(0, gone).number(A.LIFETIME) == 0
    assert [each.address[0] for each in alice.allocation.relays] == [left]
    assert len(alice.allocation.channels) == 1
    alice.says(0x4000, b"four")
    alice.says(0x4001, b"six")
    assert len(bob.hears() + bob6.hears()) == 1
    assert alice.refreshes(600, gone).error == 443
    away = bob if left == SEEN6 else bob6
    assert alice.permits(away).error == 443
    assert play.ended() == []
    assert alice.refreshes(0).ok
    assert play.ended() == ["released"]


def test_both_addresses_given_back_one_by_one_end_the_allocation() -> None:
    play = Play()
    alice = play.client()
    alice.allocates(DUAL)
    assert alice.refreshes(0, AS_IPV4).ok
    assert alice.refreshes(0, AS_IPV6).ok
    assert alice.refreshes().error == 437
    assert play.ended() == ["released"]


def test_both_addresses_are_given_back_at_once() -> None:
    play = Play()
    alice = play.client()
    alice.allocates(DUAL)
    assert alice.refreshes(0).ok
    assert play.free_ports() == [32, 32]


def test_the_addresses_may_expire_at_different_times() -> None:
    play = Play()
    alice = play.client()
    alice.allocates(DUAL)
    play.later(300)
    assert alice.refreshes(600, AS_IPV6).number(A.LIFETIME) == 600
    play.later(300)
    assert [each.address[0] for each in alice.allocation.relays] == [SEEN6]
    play.later(299)
    assert play.ended() == []
    play.later(1)
    assert play.ended() == ["expired"]


def test_both_addresses_expire_together() -> None:
    play = Play()
    play.client().allocates(DUAL)
    play.later(600)
    assert play.ended() == ["expired"]
    assert play.free_ports() == [32, 32]
