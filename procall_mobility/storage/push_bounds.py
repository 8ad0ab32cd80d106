"""How much is remembered of pushes, and for how long; the oldest is forgotten first."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

DAY: Final = 86_400.0

SWEPT: Final = 2
"""Old things that are looked at for each new one: what grows shrinks faster, and nobody ever
has to wait for a great cleaning."""


UNIT: Final = 1024
"""Octets: an answer to a batch takes as much room as those to dozens of single pushes."""


@frozen
class Bound:
    """A number of things and an age in seconds."""

    most: int
    age: float


@frozen(kw_only=True)
class Bounds:
    """What the store holds at most."""

    octets: int = 4 * 2**30
    """Of the database's file: some five million pushes of the size of a chat message."""
    unwritten: int = 16_384
    """Pushes that wait to be written: two seconds of what one processor can do, 80 MB at most."""
    endings: Bound = Bound(1_000_000, DAY)
    """200 octets each."""
    answers: Bound = Bound(1_000_000, DAY)
    """Answers to requests with an Idempotency-Key; each counts once for every `UNIT` of it."""
    tombstones: Bound = Bound(1_000_000, 90 * DAY)
    """A customer that has not dropped a token by then is told by the provider again."""
    feedback: Bound = Bound(1_000_000, 30 * DAY)
    feedback_of_a_customer: int = 10_000
    """So that one who never asks does not push out what others have to be told."""

    def of(self, table: str) -> Bound:
        """Return the bound of a table of remembered things."""
        bound = getattr(self, table)
        assert isinstance(bound, Bound)
        return bound


def sweep(
    connection: sqlite3.Connection, table: str, bound: Bound, unix: float, *, added: int
) -> None:
    """Forget what is too old or too much, `SWEPT` for each of those that were `added`."""
    connection.execute(
        # Numbers grow with time, so the first few are the oldest.
        f"DELETE FROM {table} WHERE number IN (SELECT number FROM"  # noqa: S608
        f" (SELECT number, at FROM {table} ORDER BY number LIMIT ?)"
        f" WHERE at < ? OR number <= (SELECT max(number) FROM {table}) - ?)",
        (SWEPT * added, unix - bound.age, bound.most),
    )


def numbered_by_size(
    connection: sqlite3.Connection, table: str, sizes: Iterable[int]
) -> Iterator[int]:
    """Yield numbers for rows of so many octets that grow by what they take, in units.

    Then the difference of two numbers tells how much lies between them, without a sum.
    """
    (number,) = connection.execute(f"SELECT coalesce(max(number), 0) FROM {table}").fetchone()  # noqa: S608
    for size in sizes:
        number += size // UNIT + 1
        yield number


def sweep_by_size(connection: sqlite3.Connection, table: str, most: int) -> None:
    """Forget the oldest of what is numbered by its size: no more than has just been added."""
    connection.execute(
        f"DELETE FROM {table} WHERE number <= (SELECT max(number) FROM {table}) - ?",  # noqa: S608
        (most,),
    )


def sweep_feedback_of(connection: sqlite3.Connection, customer: str, most: int) -> None:
    """Forget the oldest of what a customer has not fetched, when it is too much."""
    connection.execute(
        "DELETE FROM feedback WHERE customer = ? AND number <="
        " (SELECT number FROM feedback WHERE customer = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
        (customer, customer, most),
    )
