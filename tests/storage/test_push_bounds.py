"""What is remembered of pushes is bounded in number and age; nobody waits for a cleaning."""

import sqlite3
from collections.abc import Iterator

import pytest

from procall_mobility.storage.push_bounds import (
    SWEPT,
    UNIT,
    Bound,
    Bounds,
    numbered_by_size,
    sweep,
    sweep_by_size,
    sweep_feedback_of,
)


@pytest.fixture
def things() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE things (number INTEGER PRIMARY KEY, at REAL)")
    yield connection
    connection.close()


def come(connection: sqlite3.Connection, *times: float) -> None:
    connection.executemany("INSERT INTO things (at) VALUES (?)", [(at,) for at in times])


def there(connection: sqlite3.Connection) -> list[float]:
    return [at for (at,) in connection.execute("SELECT at FROM things ORDER BY number")]


def test_what_is_too_old_is_forgotten(things: sqlite3.Connection) -> None:
    come(things, 10, 20, 30)
    sweep(things, "things", Bound(100, age=5), 25.5, added=3)
    assert there(things) == [30]


def test_the_oldest_of_too_many_are_forgotten(things: sqlite3.Connection) -> None:
    come(things, 10, 20, 30)
    sweep(things, "things", Bound(2, age=1000), 30, added=3)
    assert there(things) == [20, 30]


def test_each_new_one_sweeps_few_old_ones(things: sqlite3.Connection) -> None:
    """A day without pushes, and the first one after it does not pay for all of them."""
    come(things, *[10] * 100)
    sweep(things, "things", Bound(1000, age=5), 1000, added=3)
    assert len(there(things)) == 100 - SWEPT * 3


def test_what_grows_shrinks_faster(things: sqlite3.Connection) -> None:
    come(things, *[10] * 100)
    for at in range(1000, 1150):
        come(things, at)
        sweep(things, "things", Bound(50, age=1000), at, added=1)
    assert there(things) == list(range(1100, 1150))


def test_large_things_push_out_as_many_small_ones_as_they_take_room(
    things: sqlite3.Connection,
) -> None:
    """Answers to batches fill a file that as many answers to single pushes would not."""
    small, large = [UNIT // 2] * 30, [9 * UNIT + 1]
    numbers = [*numbered_by_size(things, "things", [*small, *large])]
    assert numbers == [*range(1, 31), 40]
    things.executemany("INSERT INTO things VALUES (?, ?)", zip(numbers, numbers, strict=True))
    sweep_by_size(things, "things", 20)
    assert there(things) == [*range(21, 31), 40]
    assert [*numbered_by_size(things, "things", [0])] == [41]


def test_nothing_is_swept_where_nothing_is(things: sqlite3.Connection) -> None:
    sweep(things, "things", Bound(1, age=1), 1000, added=5)
    sweep_by_size(things, "things", 1)
    assert there(things) == []


def test_a_customer_that_never_asks_loses_its_own_oldest(things: sqlite3.Connection) -> None:
    things.execute("CREATE TABLE feedback (number INTEGER PRIMARY KEY, customer TEXT)")
    told = [(f"{'ab'[number % 2]}",) for number in range(20)]
    things.executemany("INSERT INTO feedback (customer) VALUES (?)", told)
    sweep_feedback_of(things, "a", 3)
    left = things.execute("SELECT customer, count(*) FROM feedback GROUP BY customer").fetchall()
    assert left == [("a", 3), ("b", 10)]
    (oldest,) = things.execute("SELECT min(number) FROM feedback WHERE customer = 'a'").fetchone()
    assert oldest == 15


def test_every_table_of_remembered_things_has_its_bound() -> None:
    bounds = Bounds(endings=Bound(1, 2))
    assert bounds.of("endings") == Bound(1, 2)
    assert {type(bounds.of(table)) for table in ("answers", "tombstones", "feedback")} == {Bound}
