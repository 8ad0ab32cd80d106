"""When requests have waited long enough."""

from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.transports.http2.deadlines import SLACK, Deadlines


def test_numbers_fall_due_in_the_order_of_their_times() -> None:
    deadlines = Deadlines()
    for number, at in ((1, 30.0), (3, 10.0), (5, 20.0)):
        deadlines.add(number, at)
    assert deadlines.next() == 10.0
    assert deadlines.due(9.9) == []
    assert deadlines.due(20.0) == [3, 5]
    assert deadlines.due(99.0) == [1]
    assert deadlines.next() is None


def test_what_was_removed_never_falls_due() -> None:
    deadlines = Deadlines()
    deadlines.add(1, 10.0)
    deadlines.add(3, 20.0)
    deadlines.remove(1)
    deadlines.remove(1)
    assert deadlines.next() == 20.0
    assert deadlines.due(99.0) == [3]


def test_memory_follows_the_living() -> None:
    deadlines = Deadlines()
    deadlines.add(-1, 5.0)
    for number in range(10_000):
        deadlines.add(number, 1000.0 + number)
        deadlines.remove(number)
        assert len(deadlines._heap) <= 2 * len(deadlines) + SLACK + 2
    assert len(deadlines) == 1
    assert deadlines.due(2000.0) == [-1]


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 100), st.booleans()), max_size=600))
def test_they_are_what_a_plain_table_would_be(acts: list[tuple[int, float, bool]]) -> None:
    deadlines, table = Deadlines(), {}
    for number, at, removes in acts:
        if removes:
            deadlines.remove(number)
            table.pop(number, None)
        elif number not in table:
            deadlines.add(number, at)
            table[number] = at
        assert deadlines.next() == min(table.values(), default=None)
    assert sorted(deadlines.due(50.0)) == sorted(n for n, at in table.items() if at <= 50.0)
