"""Everybody's turn once a second, some at a time."""

from itertools import pairwise

import pytest

from procall_mobility.datapath.turns import AT_A_TIME, EVERY, Turns

START = 1000.0


def crowd(size: int) -> tuple[Turns[int], set[int]]:
    """Return turns of so many, who all came at once, and who of them is there."""
    there = set(range(size))
    turns: Turns[int] = Turns(there.__contains__)
    for each in range(size):
        turns.add(each, START)
    return turns, there


def seconds_of(turns: Turns[int], until: float) -> list[tuple[float, list[int]]]:
    """Return who has had a turn, and when."""
    found = []
    while turns.next is not None and turns.next <= until:
        found.append((turns.next, turns.take(turns.next)))
    return found


def test_without_anybody_there_is_no_turn() -> None:
    turns, _ = crowd(0)
    assert turns.next is None and turns.take(START) == []


def test_a_few_have_their_turns_together_once_a_second() -> None:
    turns, _ = crowd(3)
    everybody = [0, 1, 2]
    assert turns.take(START + 0.9) == []
    assert seconds_of(turns, START + 2.5) == [(START + 1, everybody), (START + 2, everybody)]


@pytest.mark.parametrize("size", [AT_A_TIME + 1, 10 * AT_A_TIME, 10 * AT_A_TIME + 7])
def test_many_have_one_turn_in_each_second_and_never_many_at_a_time(size: int) -> None:
    turns, _ = crowd(size)
    found = seconds_of(turns, START + 5)
    assert max(len(taken) for _, taken in found) == AT_A_TIME
    times: dict[int, list[float]] = {}
    for now, taken in found:
        for each in taken:
            times.setdefault(each, []).append(now)
    assert len(times) == size
    for each in times.values():
        assert each[0] <= START + 2 * EVERY
        # Turns are of as many, so one may fall into the next one.
        pause = EVERY * AT_A_TIME / size
        for one, other in pairwise(each):
            assert abs(other - one - EVERY) <= pause + 1e-6


def test_who_has_left_is_forgotten() -> None:
    turns, there = crowd(AT_A_TIME + 2)
    there -= {0, 1}
    assert len(turns.take(START + 1)) == AT_A_TIME - 2
    there.clear()
    assert all(not taken for _, taken in seconds_of(turns, START + 9)) and turns.next is None


def test_whoever_is_late_does_not_hurry_afterwards() -> None:
    """A reactor that was held up has more to do than to make up for turns."""
    turns, _ = crowd(4 * AT_A_TIME)
    late = START + 60
    turns.take(late)
    assert turns.next == late
    turns.take(late)
    assert turns.next == late + EVERY / 4
