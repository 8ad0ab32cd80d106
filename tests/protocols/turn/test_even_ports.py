"""EVEN-PORT and RESERVATION-TOKEN (RFC 8656 section 7.2), and who may have how many of them."""

import pytest

from tests.interop.turn.stun_codec import IPV6, A
from tests.protocols.turn.plays import Play

EVEN, EVEN_AND_NEXT = (A.EVEN_PORT, b"\x00"), (A.EVEN_PORT, b"\x80")
AS_IPV6 = (A.REQUESTED_ADDRESS_FAMILY, IPV6)


def token_of(play: Play, subject: str = "alice") -> tuple[bytes, tuple[str, int]]:
    """Reserve a port; returns the token and the address it is for."""
    answer = play.client(subject).allocates(EVEN_AND_NEXT)
    host, port = answer.address(A.XOR_RELAYED_ADDRESS)
    assert port % 2 == 0
    return answer.must(A.RESERVATION_TOKEN), (host, port + 1)


def test_a_client_gets_an_even_port() -> None:
    play = Play()
    for _ in range(16):
        assert play.client().allocates(EVEN).address(A.XOR_RELAYED_ADDRESS)[1] % 2 == 0
    assert play.client().tries_to_allocate(EVEN).error == 508
    assert play.client().allocates().address(A.XOR_RELAYED_ADDRESS)[1] % 2 == 1


def test_d7_without_the_r_bit_no_port_is_reserved() -> None:
    """D7: the port after it stays free, however often that is repeated."""
    play = Play()
    before = play.free_ports()
    for _ in range(200):
        alice = play.client()
        assert not alice.allocates(EVEN).has(A.RESERVATION_TOKEN)
        assert alice.refreshes(0).ok
        assert play.free_ports() == before
        assert play.allocations.addresses.reserved == 0


@pytest.mark.parametrize("family", [[], [AS_IPV6]])
def test_the_token_gives_the_port_after_it(family: list[tuple[int, bytes]]) -> None:
    play = Play()
    answer = play.client().allocates(EVEN_AND_NEXT, *family)
    host, port = answer.address(A.XOR_RELAYED_ADDRESS)
    token = (A.RESERVATION_TOKEN, answer.must(A.RESERVATION_TOKEN))
    second = play.client().allocates(token)
    assert second.address(A.XOR_RELAYED_ADDRESS) == (host, port + 1)
    assert not second.has(A.RESERVATION_TOKEN)
    assert play.client().tries_to_allocate(token).error == 508


def test_the_reserved_port_is_a_relay_like_any_other() -> None:
    play = Play()
    token, address = token_of(play)
    alice, bob = play.client(), play.peer()
    alice.allocates((A.RESERVATION_TOKEN, token))
    alice.permits(bob)
    bob.says(b"rtcp", to=address)
    assert alice.hears() == [(bob.address, b"rtcp")]


def test_d7_a_token_is_good_for_thirty_seconds() -> None:
    play = Play()
    first, _ = token_of(play)
    play.later(29.9)
    assert play.client().allocates((A.RESERVATION_TOKEN, first)).ok
    second, _ = token_of(play)
    before = play.free_ports()[0]
    play.later(30)
    assert play.client().tries_to_allocate((A.RESERVATION_TOKEN, second)).error == 508
    assert play.free_ports()[0] == before + 1


def test_a_token_lives_on_without_the_allocation_it_came_with() -> None:
    """Section 7.2: at least thirty seconds, whatever becomes of the other port."""
    play = Play()
    alice = play.client()
    token = alice.allocates(EVEN_AND_NEXT).must(A.RESERVATION_TOKEN)
    alice.refreshes(0)
    assert play.client().allocates((A.RESERVATION_TOKEN, token)).ok


def test_what_is_said_to_a_reserved_port_is_lost() -> None:
    play = Play()
    _, address = token_of(play)
    play.peer().says(b"too early", to=address)
    assert play.allocations.addresses.reserved == 1


def test_another_customers_token_is_worth_nothing_and_stays_good() -> None:
    play = Play()
    token, address = token_of(play)
    mallory = play.client("mallory", customer="other")
    assert mallory.tries_to_allocate((A.RESERVATION_TOKEN, token)).error == 508
    answer = play.client().allocates((A.RESERVATION_TOKEN, token))
    assert answer.address(A.XOR_RELAYED_ADDRESS) == address


def test_a_token_is_not_used_up_by_who_has_enough_allocations() -> None:
    play = Play(allocations_per_user=1)
    token, _ = token_of(play, "alice")
    assert play.client("alice").tries_to_allocate((A.RESERVATION_TOKEN, token)).error == 486
    assert play.client("bob").allocates((A.RESERVATION_TOKEN, token)).ok


def test_what_was_reserved_and_is_taken_rings_no_alarm_of_its_own() -> None:
    play = Play()
    token, _ = token_of(play, "alice")
    play.revokes()
    bob = play.client("bob")
    bob.allocates((A.RESERVATION_TOKEN, token))
    bob.refreshes(0)
    assert play.server.wake_at() is None


def test_d7_one_user_cannot_reserve_all_ports() -> None:
    """D7: pairs may be asked for and given back in a loop; the ports of others stay free."""
    play = Play(ports=range(50_000, 50_064))
    for _ in range(100):
        alice = play.client("alice")
        if alice.tries_to_allocate(EVEN_AND_NEXT).ok:
            alice.refreshes(0)
    assert play.allocations.addresses.reserved == 16
    assert play.client("alice").tries_to_allocate(EVEN_AND_NEXT).error == 508
    assert play.client("bob").allocates(EVEN_AND_NEXT).ok
    play.later(31)
    assert play.free_ports()[0] == 63
    assert play.client("alice").allocates(EVEN_AND_NEXT).ok


def test_tokens_cannot_be_guessed() -> None:
    """B1: eight octets of the dice, none like another."""
    play = Play()
    tokens = {token_of(play, f"user{n}")[0] for n in range(16)}
    assert len(tokens) == 16
    assert {len(each) for each in tokens} == {8}
    assert len({each[:4] for each in tokens}) == 16
