"""How much may be relayed (D14 of the checklist): a bucket each for customer, user and address."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.protocols.turn.callers import Client, Peer
from tests.protocols.turn.plays import Play

SIZE = 1000


def talking(play: Play, subject: str = "alice", **how: object) -> tuple[Client, Peer]:
    alice, bob = play.client(subject, **how), play.peer("20.0.0.1", 5000)  # type: ignore[arg-type]
    alice.allocates()
    alice.binds(0x4000, bob)
    return alice, bob


def sent(alice: Client, bob: Peer, packets: int) -> int:
    """Send so much at once; returns how many packets have arrived."""
    for _ in range(packets):
        alice.says(0x4000, bytes(SIZE))
    return len(bob.hears())


def received(alice: Client, bob: Peer, packets: int) -> int:
    for _ in range(packets):
        bob.says(bytes(SIZE), to=alice.relayed)
    return len(alice.hears())


@pytest.mark.parametrize("way", [sent, received])
@pytest.mark.parametrize("whose", ["customer", "user", "address"])
def test_d14_each_direction_has_its_bucket(way, whose: str) -> None:
    """D14: a second's worth at once, then the rate; what is too much is dropped and counted."""
    play = Play(**{f"{whose}_octets_per_second": 10.0 * SIZE})
    alice, bob = talking(play)
    assert way(alice, bob, 30) == 10
    assert play.counters["over-rate"] == 20
    play.later(0.5)
    assert way(alice, bob, 30) == 5
    other = received if way is sent else sent
    assert other(alice, bob, 30) == 10


def test_d14_what_is_dropped_is_not_counted_as_relayed() -> None:
    play = Play(user_octets_per_second=10.0 * SIZE)
    alice, bob = talking(play)
    sent(alice, bob, 30)
    received(alice, bob, 30)
    counted = alice.allocation
    assert (counted.sent_packets, counted.sent_octets) == (10, 10 * SIZE)
    assert (counted.received_packets, counted.received_octets) == (10, 10 * SIZE)


def test_d14_one_customer_never_starves_another() -> None:
    play = Play(customer_octets_per_second=10.0 * SIZE)
    alice, bob = talking(play, "alice", customer="acme")
    carol, _ = talking(play, "carol", customer="other")
    assert sent(alice, bob, 1000) == 10
    assert sent(carol, bob, 10) == 10


def test_d14_users_of_a_customer_share_its_rate() -> None:
    play = Play(customer_octets_per_second=10.0 * SIZE)
    alice, bob = talking(play, "alice")
    carol, _ = talking(play, "carol")
    assert sent(alice, bob, 6) == 6
    play.later(0.5)
    # What alice has drawn and not used is hers; the rest of the rate is for both.
    assert sent(carol, bob, 10) == 5


def test_d14_a_user_cannot_get_around_it_by_more_allocations() -> None:
    play = Play(user_octets_per_second=10.0 * SIZE)
    one, bob = talking(play, "alice")
    two, _ = talking(play, "alice")
    assert sent(one, bob, 30) + sent(two, bob, 30) == 10


def test_d14_a_rate_of_zero_is_no_bound() -> None:
    play = Play(
        customer_octets_per_second=0, user_octets_per_second=0, address_octets_per_second=0
    )
    alice, bob = talking(play)
    assert sent(alice, bob, 500) == 500
    assert received(alice, bob, 500) == 500


def test_d14_a_rate_smaller_than_a_packet_lets_one_through_now_and_then() -> None:
    play = Play(user_octets_per_second=SIZE / 4)
    alice, bob = talking(play)
    arrived = 0
    for _ in range(40):
        arrived += sent(alice, bob, 1)
        play.later(1)
    assert 9 <= arrived <= 10


@pytest.mark.parametrize("by", [Transport.UDP, Transport.TCP])
def test_d14_send_indications_and_channels_are_one_account(by: Transport) -> None:
    play = Play(user_octets_per_second=10.0 * SIZE)
    alice, bob = talking(play, by=by)
    for _ in range(6):
        alice.sends(bob, bytes(SIZE))
        alice.says(0x4000, bytes(SIZE))
    assert len(bob.hears()) == 10


def test_a15_two_relays_that_send_each_other_their_own_are_bounded() -> None:
    """A15: A sends to B, B to A; what goes round is counted each time."""
    play = Play(user_octets_per_second=10.0 * SIZE)
    alice, carol = play.client("alice"), play.client("carol")
    alice.allocates()
    carol.allocates()
    alice.binds(0x4000, carol.relayed)
    carol.binds(0x4000, alice.relayed)
    rounds = 0
    alice.says(0x4000, bytes(SIZE))
    while carol.hears() and rounds < 1000:
        carol.says(0x4000, bytes(SIZE))
        if alice.hears():
            alice.says(0x4000, bytes(SIZE))
        rounds += 1
    assert rounds == 10
