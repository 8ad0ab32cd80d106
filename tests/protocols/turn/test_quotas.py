"""How many allocations, permissions and channels there may be (D5, D6, D8 of the checklist)."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import A
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play

MANY = range(40_000, 50_000)


def allocate(play: Play, times: int, **how: object) -> tuple[list[Client], list[int]]:
    """Let a user allocate so often; returns who succeeded, and the errors of the others."""
    clients, errors = [], []
    for _ in range(times):
        client = play.client(**how)  # type: ignore[arg-type]
        error = client.tries_to_allocate().error
        if error:
            errors.append(error)
        else:
            clients.append(client)
    return clients, errors


def test_d5_a_user_has_a_bounded_number_of_allocations() -> None:
    """D5: 486 beyond it; other users are not concerned."""
    play = Play(allocations_per_user=3)
    clients, errors = allocate(play, 10, subject="alice")
    assert len(clients) == 3
    assert errors == [486] * 7
    assert len(allocate(play, 3, subject="bob")[0]) == 3
    assert len(allocate(play, 3, subject="alice", customer="other")[0]) == 3


def test_d5_ten_thousand_attempts_of_one_user_leave_room_for_others() -> None:
    play = Play(ports=MANY, watched=False)
    clients, errors = allocate(play, 10_000, subject="alice")
    assert len(clients) == 50
    assert set(errors) == {486}
    assert play.client("bob").allocates().ok
    play.settle()


def test_d5_a_customer_has_a_bounded_number_of_allocations() -> None:
    play = Play(allocations_per_customer=4)
    errors = [play.client(f"user{n}").tries_to_allocate().error for n in range(6)]
    assert errors == [0, 0, 0, 0, 486, 486]
    assert play.client(customer="other").allocates().ok


def test_d5_an_address_has_a_bounded_number_of_allocations() -> None:
    play = Play(allocations_per_address=2)
    errors = [
        play.client(f"user{n}", address=("198.51.100.77", 1000 + n)).tries_to_allocate().error
        for n in range(4)
    ]
    assert errors == [0, 0, 486, 486]
    assert play.client("user9", address=("198.51.100.78", 1000)).allocates().ok


def test_d5_the_addresses_of_one_ipv6_network_are_one() -> None:
    """D5: whoever has an IPv6 address has the other 2^64 of its network as well."""
    play = Play(allocations_per_address=2)
    errors = [
        play.client(f"user{n}", address=(f"2001:db8:2::{n + 1}", 1000)).tries_to_allocate().error
        for n in range(4)
    ]
    assert errors == [0, 0, 486, 486]
    assert play.client("user9", address=("2001:db8:2:1::1", 1000)).allocates().ok


def test_d5_all_together_have_a_bounded_number_of_allocations() -> None:
    play = Play(allocations=3)
    errors = [
        play.client(f"user{n}", customer=f"customer{n}").tries_to_allocate().error
        for n in range(5)
    ]
    assert errors == [0, 0, 0, 486, 486]


def test_credentials_of_a_customers_server_are_no_single_user() -> None:
    """Its clients all have the user `link`: the customer's bound is theirs."""
    play = Play(allocations_per_user=1, allocations_per_customer=5)
    clients, errors = allocate(play, 7, subject="link")
    assert (len(clients), errors) == (5, [486, 486])


@pytest.mark.parametrize("end", ["expired", "released", "connection-lost", "revoked"])
def test_d5_what_ends_is_given_back_exactly_once(end: str) -> None:
    """D5: in whatever way it ends, and when it is ended again."""
    play = Play(allocations_per_user=1)
    for _ in range(5):
        alice = play.client(by=Transport.TCP)
        alice.allocates()
        allocation = alice.allocation
        assert play.client().tries_to_allocate().error == 486
        if end == "expired":
            play.later(600)
        elif end == "released":
            alice.refreshes(0)
        elif end == "revoked":
            play.revokes()
        else:
            alice.line.hangs_up()
        play.allocations.end(allocation, "again", play.now)
        assert play.allocations.quotas.total == 0
        assert len(play.allocations.quotas) == 0
    assert play.ended() == [end] * 5


def test_d5_a_refresh_always_works_at_the_cap() -> None:
    play = Play(allocations_per_user=1, allocations=1)
    alice = play.client()
    alice.allocates()
    assert alice.refreshes().ok


@pytest.mark.parametrize("rule", ["allocations_per_customer", "allocations_per_address"])
def test_d5_a_refused_allocation_counts_for_nobody(rule: str) -> None:
    """D5: the user is within its own bound; another one has stopped it."""
    play = Play(**{rule: 1})
    at = ("198.51.100.77", 1000)
    first = play.client("alice", address=at)
    first.allocates()
    bob = play.client("bob", address=(at[0], 1001))
    for _ in range(3):
        assert bob.tries_to_allocate().error == 486
    first.refreshes(0)
    assert bob.allocates().ok


def test_d6_without_a_free_port_there_is_no_capacity_until_one_is_given_back() -> None:
    """D6: 508; who has one keeps it; nothing is counted for who has none."""
    play = Play(ports=range(50_000, 50_004))
    clients, errors = allocate(play, 6)
    assert errors == [508, 508]
    assert play.allocations.quotas.total == 4
    bob = play.peer()
    for each in clients:
        assert each.permits(bob).ok
        assert each.refreshes().ok
    clients[2].refreshes(0)
    assert play.client().allocates().ok
    assert play.client().tries_to_allocate().error == 508
    play.later(600)
    assert len(allocate(play, 4)[0]) == 4


def test_d6_ports_survive_any_number_of_allocations() -> None:
    play = Play(ports=range(50_000, 50_003), watched=False)
    for _ in range(1000):
        alice = play.client()
        alice.allocates()
        alice.refreshes(0)
    play.settle()
    assert play.free_ports() == [3, 3]


def test_d8_an_allocation_has_a_bounded_number_of_permissions() -> None:
    """D8: 508 beyond it, for the whole request."""
    play = Play(permissions=10)
    alice = play.client()
    alice.allocates()
    assert alice.permits(*[(f"20.0.0.{n}", 0) for n in range(1, 9)]).ok
    assert alice.permits(*[(f"20.0.1.{n}", 0) for n in range(1, 4)]).error == 508
    assert len(alice.allocation.permissions) == 8
    assert alice.permits(*[(f"20.0.1.{n}", 0) for n in range(1, 3)]).ok
    assert alice.permits(("20.0.2.1", 0)).error == 508
    assert alice.binds(0x4000, ("20.0.2.1", 5000)).error == 508
    assert len(alice.allocation.permissions) == 10
    assert alice.allocation.channels == {}


def test_d8_permissions_are_refreshed_at_the_cap() -> None:
    play = Play(permissions=10)
    alice = play.client()
    alice.allocates()
    peers = [(f"20.0.0.{n}", 5000) for n in range(1, 11)]
    alice.permits(*peers)
    play.later(200)
    assert alice.permits(*peers).ok
    assert alice.binds(0x4000, peers[0]).ok
    play.later(299)
    alice.sends(peers[9], b"still permitted")
    assert play.sockets.mail[peers[9]]


def test_d8_expired_permissions_make_room() -> None:
    play = Play(permissions=4)
    alice = play.client()
    alice.allocates()
    alice.permits(*[(f"20.0.0.{n}", 0) for n in range(1, 5)])
    play.later(100)
    alice.permits(("20.0.0.1", 0))
    play.later(200)
    assert alice.permits(*[(f"20.0.1.{n}", 0) for n in range(1, 4)]).ok
    assert set(alice.allocation.permissions) == {
        "20.0.0.1", "20.0.1.1", "20.0.1.2", "20.0.1.3"
    }  # fmt: skip


def test_d8_an_allocation_has_a_bounded_number_of_channels() -> None:
    play = Play(channels=5)
    alice = play.client()
    alice.allocates((A.LIFETIME, (3600).to_bytes(4)))
    for n in range(5):
        assert alice.binds(0x4000 + n, ("20.0.0.1", 5000 + n)).ok
    assert alice.binds(0x4005, ("20.0.0.1", 5005)).error == 508
    assert alice.binds(0x4000, ("20.0.0.1", 5000)).ok
    play.later(899)
    assert alice.binds(0x4000, ("20.0.0.1", 5000)).ok
    assert alice.binds(0x4005, ("20.0.0.1", 5005)).error == 508
    play.later(1)
    assert alice.binds(0x4005, ("20.0.0.1", 5005)).ok
    assert sorted(alice.allocation.channels) == [0x4000, 0x4005]


def test_d8_ten_thousand_peers_leave_a_bounded_table() -> None:
    play = Play(watched=False)
    alice = play.client()
    alice.allocates()
    peers = [(f"20.{n >> 16}.{n >> 8 & 255}.{n & 255}", 0) for n in range(10_000)]
    errors = {alice.permits(*peers[n : n + 8]).error for n in range(0, len(peers), 8)}
    assert errors == {0, 508}
    assert len(alice.allocation.permissions) == 200
    assert alice.permits(("20.0.0.0", 0)).ok
    play.settle()
