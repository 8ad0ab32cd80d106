"""Relay ports are drawn by chance, each is somebody's once, and none gets lost (B1, D6, D7)."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.turn.port_pool import PortPool


def pool(first: int = 50_000, last: int = 50_009, seed: int = 1) -> PortPool:
    return PortPool(first, last, Random(seed).randrange)


def test_every_port_is_given_once() -> None:
    ports = pool()
    assert sorted(ports.take() for _ in range(10)) == list(range(50_000, 50_010))
    assert len(ports) == 0


@pytest.mark.parametrize("take", [PortPool.take, PortPool.take_even, PortPool.take_pair])
def test_d6_an_empty_pool_gives_nothing_and_recovers(
    take: Callable[[PortPool], int | None],
) -> None:
    """D6."""
    ports = pool(50_000, 50_001)
    ports.take(), ports.take()
    assert take(ports) is None
    ports.give_back(50_000)
    ports.give_back(50_001)
    assert take(ports) is not None


def test_b1_the_order_is_that_of_the_dice() -> None:
    """B1: whoever sees ports cannot tell the next one."""
    drawn = [[each.take() for _ in range(10)] for each in (pool(), pool(seed=2))]
    assert drawn[0] != drawn[1]
    assert sorted(drawn[0]) != drawn[0]


def test_even_ports_are_even() -> None:
    """RFC 8656 section 7.2: EVEN-PORT."""
    ports = pool()
    assert sorted(ports.take_even() for _ in range(5)) == list(range(50_000, 50_010, 2))
    assert ports.take_even() is None
    assert len(ports) == 5


def test_a_pair_takes_the_next_higher_port_as_well() -> None:
    """RFC 8656 section 7.2: the R bit."""
    ports = pool(50_001, 50_004)
    assert ports.take_pair() == 50_002
    assert sorted((ports.take(), ports.take())) == [50_001, 50_004]


def test_there_may_be_even_ports_and_no_pair() -> None:
    ports = pool(50_000, 50_000)
    assert ports.take_pair() is None
    assert ports.take_even() == 50_000


@pytest.mark.parametrize("port", [49_999, 50_010])
def test_a_foreign_port_is_not_taken_back(port: int) -> None:
    with pytest.raises(ValueError, match="not of this pool"):
        pool().give_back(port)


@given(st.lists(st.sampled_from(("take", "even", "pair", "back")), max_size=60), st.integers())
def test_d6_d7_no_port_is_lost_or_given_twice(steps: list[str], seed: int) -> None:
    """D6, D7: whatever is taken and given back in whatever order."""
    ports, taken = pool(50_000, 50_006, seed), set()
    for step in steps:
        if step == "back":
            if taken:
                ports.give_back(taken.pop())
            continue
        port = {"take": ports.take, "even": ports.take_even, "pair": ports.take_pair}[step]()
        if port is None:
            continue
        new = {port, port + 1} if step == "pair" else {port}
        assert step == "take" or port % 2 == 0
        assert not new & taken
        taken |= new
    assert len(ports) + len(taken) == 7
    assert set(ports._free) | taken == set(range(50_000, 50_007))
