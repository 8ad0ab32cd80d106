"""Statements about many rows at once do what one for each would do."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.storage.push_statements import (
    SIZES,
    chunks,
    delete,
    delete_rows,
    filled_chunks,
    insert,
    select,
    update,
)

COLUMNS = ("name", "value", "extra")


@pytest.fixture
def things() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE things (name TEXT PRIMARY KEY, value INTEGER, extra TEXT)")
    yield connection
    connection.close()


def rows(count: int) -> list[tuple[str, int, str | None]]:
    return [(f"{number:04}", number, None) for number in range(count)]


def stored(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT * FROM things ORDER BY name").fetchall()


@given(st.integers(0, 2000))
def test_all_are_in_some_piece_in_order(count: int) -> None:
    pieces = list(chunks(range(count)))
    assert [each for piece in pieces for each in piece] == list(range(count))
    assert {len(piece) for piece in pieces} <= set(SIZES)
    # Few: three of each size but the largest are worth the next one.
    assert len(pieces) <= count // SIZES[0] + 3 * (len(SIZES) - 1)


@given(st.integers(0, 2000))
def test_all_are_in_some_filled_piece_and_nothing_else(count: int) -> None:
    pieces = list(filled_chunks(range(count)))
    assert {each for piece in pieces for each in piece} == set(range(count))
    assert {len(piece) for piece in pieces} <= set(SIZES)
    assert len(pieces) == -(-count // SIZES[0])


@pytest.mark.parametrize("count", [0, 1, 5, 16, 341, 600])
def test_all_rows_are_inserted_changed_selected_and_deleted(
    things: sqlite3.Connection, count: int
) -> None:
    others = [("a", 1, "stays")]
    insert(things, "things", COLUMNS, [*rows(count), *others])
    assert stored(things) == [*rows(count), *others]
    changed = [(name, -value) for name, value, _ in rows(count)]
    update(things, "things", ("name", "value"), changed)
    assert stored(things) == [(*each, None) for each in changed] + others
    keys = [name for name, _ in changed]
    assert sorted(select(things, "things", ("name", "value"), "name", keys)) == changed
    delete(things, "things", "name", keys)
    assert stored(things) == others


def test_one_that_is_there_is_an_error_or_is_brought_up_to_date(
    things: sqlite3.Connection,
) -> None:
    insert(things, "things", COLUMNS, [("a", 1, None)])
    with pytest.raises(sqlite3.IntegrityError):
        insert(things, "things", COLUMNS, [("a", 2, None)])
    insert(things, "things", COLUMNS, [("a", 3, "new"), ("b", 4, None)], ("name",))
    assert stored(things) == [("a", 3, "new"), ("b", 4, None)]


def test_one_that_cannot_be_written_takes_the_whole_transaction_back(
    things: sqlite3.Connection,
) -> None:
    """To take back a statement alone, SQLite would copy every page that it changes."""
    things.execute("BEGIN")
    insert(things, "things", COLUMNS, [("a", 1, None)])
    with pytest.raises(sqlite3.IntegrityError):
        insert(things, "things", COLUMNS, [("b", 2, None), ("a", 3, None)])
    assert not things.in_transaction
    assert stored(things) == []


def test_what_is_not_there_is_neither_changed_nor_selected(things: sqlite3.Connection) -> None:
    update(things, "things", ("name", "value"), [("a", 1)])
    delete(things, "things", "name", ["a"])
    assert list(select(things, "things", COLUMNS, "name", ["a"])) == []


def test_rows_are_deleted_by_all_of_their_columns(things: sqlite3.Connection) -> None:
    insert(things, "things", COLUMNS, rows(600))
    gone = [(name, value) for name, value, _ in rows(500)]
    delete_rows(things, "things", ("name", "value"), [*gone, ("0550", -1)])
    assert stored(things) == rows(600)[500:]


@pytest.mark.parametrize(
    "change",
    [
        lambda things: update(things, "things", ("name", "value"), [("a", 1), ("b", 2)]),
        lambda things: delete_rows(things, "things", ("name", "value"), [("a", 1), ("b", 2)]),
    ],
    ids=["update", "delete"],
)
def test_a_change_looks_for_its_rows_by_the_index(
    things: sqlite3.Connection, change: Callable[[sqlite3.Connection], None]
) -> None:
    """Or a hundred changes would read a queue of a million rows."""
    seen: list[str] = []
    things.set_trace_callback(seen.append)
    change(things)
    things.set_trace_callback(None)
    plan = things.execute(f"EXPLAIN QUERY PLAN {seen[0]}").fetchall()
    told = [step[3] for step in plan]
    assert any(step.startswith("SEARCH things USING") for step in told), told
    assert not any(step.startswith("SCAN things") for step in told), told


def test_octets_and_nothing_are_bound_as_they_are() -> None:
    """Also those that Python's sqlite3 would ask, in vain, how they are to be adapted."""
    with closing(sqlite3.connect(":memory:")) as connection:
        row = connection.execute("SELECT ?, ?, typeof(?), typeof(?)", (b"\0\xff", None) * 2)
        assert row.fetchone() == (b"\0\xff", None, "blob", "null")
