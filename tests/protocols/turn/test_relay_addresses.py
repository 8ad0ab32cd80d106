"""Relay sockets are opened, reserved and given back (RFC 8656 section 7.2; B1, D6, D7)."""

from random import Random

import pytest

from procall_mobility.protocols.stun.codes import Family
from procall_mobility.protocols.turn.port_pool import PortPool
from procall_mobility.protocols.turn.relay_addresses import (
    MOST_TRIES,
    Opened,
    RelayAddresses,
    RelayHost,
)
from procall_mobility.protocols.turn.rules import RESERVATION_LIFETIME
from tests.protocols.turn.props import Clock, Sockets

V4, V6 = Family.IPV4, Family.IPV6


def addresses(*hosts: str, first: int = 50_000, last: int = 50_003) -> RelayAddresses:
    chance = Random(3)
    relays = [
        RelayHost(host=each, seen_as=each, ports=PortPool(first, last, chance.randrange))
        for each in hosts or ("10.0.0.1",)
    ]
    return RelayAddresses(relays, Sockets(Clock()), chance.randbytes, chance.randrange)


def opened(found: Opened | None) -> Opened:
    assert found is not None
    return found


def free(relays: RelayAddresses) -> int:
    return sum(len(each.ports) for each in relays.hosts)


def test_a_family_that_is_not_there_has_no_relays() -> None:
    relays = addresses("10.0.0.1")
    assert relays.has(V4) and not relays.has(V6)
    assert relays.open(V6) is None
    assert relays.open_tcp(V6) is None
    assert relays.open_pair(V6, "acme", "alice", 0) is None


@pytest.mark.parametrize("open_one", [RelayAddresses.open, RelayAddresses.open_tcp])
def test_d6_ports_run_out_and_come_back(open_one) -> None:
    """D6: all addresses of a family are tried before giving up."""
    relays = addresses("10.0.0.1", "10.0.0.2", "fd00::1")
    found = [opened(open_one(relays, V4)) for _ in range(8)]
    assert {each.at.host for each in found} == {"10.0.0.1", "10.0.0.2"}
    assert open_one(relays, V4) is None
    assert opened(open_one(relays, V6)).at.host == "fd00::1"
    relays.close(found[0])
    assert opened(open_one(relays, V4)).port == found[0].port


def test_b1_which_address_comes_first_is_drawn_too() -> None:
    relays = addresses("10.0.0.1", "10.0.0.2", last=50_031)
    assert {opened(relays.open(V4)).at.host for _ in range(16)} == {"10.0.0.1", "10.0.0.2"}


def test_even_ports_only() -> None:
    relays = addresses()
    assert sorted(opened(relays.open(V4, even=True)).port for _ in range(2)) == [50_000, 50_002]
    assert relays.open(V4, even=True) is None
    assert free(relays) == 2


def test_ports_other_programs_have_are_passed_over_and_not_lost() -> None:
    relays = addresses()
    relays.sockets.taken |= {("10.0.0.1", port) for port in (50_000, 50_001, 50_002)}
    assert opened(relays.open(V4)).port == 50_003
    assert free(relays) == 3
    assert relays.open(V4) is None
    assert free(relays) == 3


def test_the_search_for_a_port_has_an_end() -> None:
    relays = addresses(last=50_000 + 4 * MOST_TRIES - 1)
    relays.sockets.taken |= {("10.0.0.1", 50_000 + n) for n in range(4 * MOST_TRIES)}
    assert relays.open(V4) is None
    assert free(relays) == 4 * MOST_TRIES


# Reservations -----------------------------------------------------------------------------


def test_a_reserved_port_is_for_the_tenant_with_the_token() -> None:
    relays = addresses()
    pair = relays.open_pair(V4, "acme", "alice", 0)
    assert pair is not None
    first, token = pair
    assert first.port % 2 == 0
    assert (len(token), relays.reserved) == (8, 1)
    assert relays.redeem(token, "other", 1) is None
    assert relays.redeem(bytes(8), "acme", 1) is None
    assert opened(relays.redeem(token, "acme", 1)).port == first.port + 1
    assert relays.redeem(token, "acme", 1) is None
    assert relays.reserved == 0


def test_d7_a_reservation_is_given_back_after_thirty_seconds() -> None:
    """D7: and not redeemed after, whether or not somebody has looked."""
    relays = addresses()
    pair = relays.open_pair(V4, "acme", "alice", 0)
    assert pair is not None
    assert relays.forget_reservations(29.9) == RESERVATION_LIFETIME
    assert relays.redeem(pair[1], "acme", 30) is None
    assert relays.forget_reservations(30) is None
    assert free(relays) == 3
    assert len(relays.sockets.open_ones) == 1


def test_d7_a_pair_is_had_whole_or_not_at_all() -> None:
    """D7: where another program has half of it, no port and no socket is left behind."""
    for taken in (50_000, 50_001):
        relays = addresses("10.0.0.1", last=50_001)
        relays.sockets.taken.add(("10.0.0.1", taken))
        assert relays.open_pair(V4, "acme", "alice", 0) is None
        assert (free(relays), relays.sockets.open_ones, relays.reserved) == (2, {}, 0)


@pytest.mark.parametrize("half", [0, 1])
def test_d7_pairs_other_programs_have_half_of_are_passed_over_and_not_lost(half: int) -> None:
    """D7: each is tried once, though they are drawn by chance."""
    relays = addresses(last=50_000 + 2 * MOST_TRIES - 1)
    pairs = range(50_000, 50_000 + 2 * MOST_TRIES, 2)
    relays.sockets.taken |= {("10.0.0.1", port + half) for port in pairs[:-1]}
    pair = relays.open_pair(V4, "acme", "alice", 0)
    assert pair is not None and pair[0].port == pairs[-1]
    assert free(relays) == 2 * (MOST_TRIES - 1)
    assert len(relays.sockets.open_ones) == 2


def test_d7_the_search_for_a_pair_has_an_end() -> None:
    relays = addresses(last=50_000 + 8 * MOST_TRIES - 1)
    relays.sockets.taken |= {("10.0.0.1", 50_001 + 2 * n) for n in range(4 * MOST_TRIES)}
    tried: list[int] = []

    class Watched(Sockets):
        def open(self, host, port):
            tried.append(port)
            return super().open(host, port)

    relays.sockets = Watched(Clock(), taken=relays.sockets.taken)
    assert relays.open_pair(V4, "acme", "alice", 0) is None
    assert len(tried) == len(set(tried)) == 2 * MOST_TRIES
    assert (free(relays), relays.sockets.open_ones) == (8 * MOST_TRIES, {})


def test_d7_pairs_are_looked_for_on_every_address() -> None:
    relays = addresses("10.0.0.1", "10.0.0.2", last=50_001)
    relays.sockets.taken.add(("10.0.0.1", 50_001))
    pair = relays.open_pair(V4, "acme", "alice", 0)
    assert pair is not None and pair[0].at.host == "10.0.0.2"
    assert relays.open_pair(V4, "acme", "alice", 0) is None


def test_d7_one_user_reserves_only_so_much() -> None:
    """D7: whoever loops leaves ports for the others."""
    relays = addresses(last=50_999)
    tries = [relays.open_pair(V4, "acme", "alice", 0) for _ in range(50)]
    assert 0 < sum(each is not None for each in tries) < 50
    assert tries[-1] is None
    assert relays.open_pair(V4, "acme", "bob", 0) is not None
