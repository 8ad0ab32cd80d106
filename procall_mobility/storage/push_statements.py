"""Statements about many rows at once.

The interpreter lets go of its lock for each statement, and a busy reactor gives it back after
milliseconds: hundreds of small statements would take seconds there.
"""

import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

SIZES = (256, 64, 16, 4, 1)
"""Rows of one statement; few enough sizes that all are kept prepared.  SQLite takes 32,766 values
in one, which is 2,520 rows of the queue; 256 of them are as fast."""


def insert(
    connection: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    key: tuple[str, ...] = (),
) -> None:
    """Insert rows; one that is there by its `key`, which is unique, becomes as it is given.

    Raises:
        sqlite3.Error: a row cannot be written; then the whole transaction is rolled back.
    """
    for chunk in chunks(rows):
        connection.execute(
            _insert(table, columns, len(chunk), key), [*itertools.chain.from_iterable(chunk)]
        )


def delete(connection: sqlite3.Connection, table: str, column: str, keys: Sequence[Any]) -> None:
    """Delete the rows with these values in a column."""
    for chunk in filled_chunks(keys):
        connection.execute(_delete(table, column, len(chunk)), chunk)


def delete_rows(
    connection: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Delete rows by several columns, of which the first has an index."""
    for chunk in filled_chunks(rows):
        connection.execute(
            _delete_rows(table, columns, len(chunk)), [*itertools.chain.from_iterable(chunk)]
        )


def select(
    connection: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    column: str,
    keys: Sequence[Any],
) -> Iterator[tuple[Any, ...]]:
    """Return the rows with these values in a column, in any order."""
    for chunk in filled_chunks(keys):
        yield from connection.execute(
            _select(table, columns, column, len(chunk)), chunk
        ).fetchall()


def update(
    connection: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Set columns of rows; the first one says which row is meant."""
    for chunk in filled_chunks(rows):
        connection.execute(
            _update(table, columns, len(chunk)), [*itertools.chain.from_iterable(chunk)]
        )


def chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Split into as few pieces of the known sizes as it takes."""
    start = 0
    for size in SIZES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


def filled_chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Split into pieces of the known sizes, and fill the last one up with what it ends with.

    That is one statement instead of several, for those to which it is no matter how often they
    are told the same.
    """
    for start in range(0, len(rows), SIZES[0]):
        chunk = rows[start : start + SIZES[0]]
        size = min(size for size in SIZES if size >= len(chunk))
        yield [*chunk, *[chunk[-1]] * (size - len(chunk))]


# Of all values but numbers and texts sqlite3 asks first how they are to be adapted (PEP 246), and
# makes up an error for each of two ways in which they do not say so.  These stay as they are.
sqlite3.register_adapter(bytes, bytes)
sqlite3.register_adapter(type(None), lambda none: none)

# Names of tables and columns are our own; values are always bound.


@cache
def _insert(table: str, columns: tuple[str, ...], count: int, key: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    places = _places(len(columns), count)
    # To take back a statement alone, as ABORT does, SQLite would copy each page it changes.
    sql = f"INSERT OR ROLLBACK INTO {table} ({names}) VALUES {places}"  # noqa: S608
    if not key:
        return sql
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return f"{sql} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


@cache
def _delete(table: str, column: str, count: int) -> str:
    return f"DELETE FROM {table} WHERE {column} IN {_places(count, 1)}"  # noqa: S608


@cache
def _delete_rows(table: str, columns: tuple[str, ...], count: int) -> str:
    match = " AND ".join(f"{table}.{name} = gone.column{at}" for at, name in enumerate(columns, 1))
    return (
        f"DELETE FROM {table} WHERE rowid IN (SELECT {table}.rowid FROM"  # noqa: S608
        f" (VALUES {_places(len(columns), count)}) AS gone CROSS JOIN {table} ON {match})"
    )


@cache
def _select(table: str, columns: tuple[str, ...], column: str, count: int) -> str:
    names = ", ".join(columns)
    return f"SELECT {names} FROM {table} WHERE {column} IN {_places(count, 1)}"  # noqa: S608


@cache
def _update(table: str, columns: tuple[str, ...], count: int) -> str:
    key, *others = columns
    changes = ", ".join(f"{name} = new.column{at}" for at, name in enumerate(others, 2))
    return (
        f"UPDATE {table} SET {changes} FROM (VALUES {_places(len(columns), count)}) AS new"  # noqa: S608
        f" WHERE {table}.{key} = new.column1"
    )


def _places(values: int, rows: int) -> str:
    one = "(" + ", ".join("?" * values) + ")"
    return ", ".join([one] * rows)
