"""Writes groups into the database, in one transaction each if that is possible."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from attrs import frozen

from procall_mobility.gateway.push.ports import Answered
from procall_mobility.storage.push_bounds import (
    Bounds,
    numbered_by_size,
    sweep,
    sweep_by_size,
    sweep_feedback_of,
)
from procall_mobility.storage.push_groups import LIVING, Addition, Burial, Group
from procall_mobility.storage.push_rows import COLUMNS, row_of
from procall_mobility.storage.push_seal import Seal
from procall_mobility.storage.push_statements import delete, delete_rows, insert, update

ENDINGS = ("at", "id", "customer", "state", "reason")
TOMBSTONES = ("at", "token", "since")
FEEDBACK = ("at", "customer", "app", "token", "reason", "sealed", "since")
ANSWERS = ("number", "at", "key", "sealed")

Unwritable = (sqlite3.Error, ValueError, OverflowError)
"""What SQLite says of its file, and of values it cannot take."""


@frozen
class Written:
    """What became of a group."""

    additions: Sequence[bool]
    """Whether each is kept."""
    notes: bool
    """Whether the rest is; otherwise it is worth another try."""
    problem: str | None = None


class PushWriter:
    """The one who writes.  Called by one thread at a time."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        seal: Seal,
        bounds: Bounds,
        wall_clock: Callable[[], float],
    ) -> None:
        """Write by a connection of its own."""
        self._connection = connection
        self._seal = seal
        self._bounds = bounds
        self._wall_clock = wall_clock

    def close(self) -> None:
        """Write no more; the log goes to its place."""
        self._connection.close()

    def write(self, group: Group) -> Written:
        """Write a group; when it returns, what it says is kept survives a power cut."""
        try:
            with self._transaction():
                self._write_notes(group)
                self._write_additions(group, group.additions)
                self._write_postponed(group)
        except sqlite3.OperationalError as error:
            # The disk is full or broken: no use in trying each.
            return self._with_notes_alone(group, str(error))
        except Unwritable as error:
            return self._one_by_one(group, str(error))
        return Written([True] * len(group.additions), notes=True)

    # When it fails ------------------------------------------------------------------------

    def _with_notes_alone(self, group: Group, problem: str) -> Written:
        # Ends make room where there is none, and what the log holds may go to its place.
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        error = self._tried(lambda: self._write_notes(group))
        error = error or self._tried(lambda: self._write_postponed(group))
        return Written([False] * len(group.additions), notes=error is None, problem=problem)

    def _one_by_one(self, group: Group, problem: str) -> Written:
        """Find the one that cannot be written, such as one whose id is taken."""
        error = self._tried(lambda: self._write_notes(group))
        additions = [self._is_written(group, each) for each in group.additions]
        error = error or self._tried(lambda: self._write_postponed(group))
        # Notes that can never be written are not worth another try: they would hold up the rest.
        return Written(additions, not isinstance(error, sqlite3.OperationalError), problem)

    def _is_written(self, group: Group, addition: Addition) -> bool:
        return self._tried(lambda: self._write_additions(group, [addition])) is None

    def _tried(self, write: Callable[[], None]) -> Exception | None:
        try:
            with self._transaction():
                write()
        except Unwritable as error:
            return error
        return None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # Of some mistakes SQLite has done so already.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    # Writing ------------------------------------------------------------------------------

    def _write_additions(self, group: Group, additions: Sequence[Addition]) -> None:
        seal = self._seal
        rows = [row_of(push, seal) for each in additions for push in group.unended(each.pushes)]
        insert(self._connection, "queue", COLUMNS, rows)
        answers = [item for each in additions for item in each.answered.items()]
        # One that was noted later is written already.
        self._write_answers([(key, each) for key, each in answers if key not in group.answers])

    def _write_notes(self, group: Group) -> None:
        # They come first: they make room.
        self._write_endings(group)
        self._write_burials(group)
        self._write_answers(list(group.answers.items()))

    def _write_endings(self, group: Group) -> None:
        if not group.endings:
            return
        # By customer as well: whoever uses an id that another one has changes nothing of theirs.
        ended = [(end.id, end.customer) for end in group.endings.values()]
        delete_rows(self._connection, "queue", ("id", "customer"), ended)
        rows = [
            (end.at, end.id, end.customer, end.state.value, writable(end.reason))
            for end in group.endings.values()
        ]
        insert(self._connection, "endings", ENDINGS, rows, ("id", "customer"))
        self._sweep("endings", len(rows))

    def _write_postponed(self, group: Group) -> None:
        rows = [
            (push.id, push.not_before, push.attempts, push.sandbox)
            for push in group.postponed.values()
        ]
        update(self._connection, "queue", ("id", "not_before", "attempts", "sandbox"), rows)

    def _write_burials(self, group: Group) -> None:
        if not group.burials:
            return
        # Whoever is buried again was dug up in between.
        hashes = list(group.burials)
        delete(self._connection, "tombstones", "token", hashes)
        delete(self._connection, "feedback", "token", hashes)
        dead = [(key, burial) for key, burial in group.burials.items() if burial is not LIVING]
        insert(
            self._connection, "tombstones", TOMBSTONES, [(b.at, key, b.since) for key, b in dead]
        )
        insert(self._connection, "feedback", FEEDBACK, [self._told(key, b) for key, b in dead])
        self._sweep("tombstones", len(dead))
        self._sweep("feedback", len(dead))
        for customer in {burial.customer for _, burial in dead}:
            most = self._bounds.feedback_of_a_customer
            sweep_feedback_of(self._connection, customer, most)

    def _told(
        self, key: bytes, burial: Burial
    ) -> tuple[float, str, str, bytes, str | None, bytes, float]:
        token = self._seal.seal(burial.token.encode("utf-8", "surrogatepass"), key)
        reason = writable(burial.reason)
        return (burial.at, burial.customer, burial.app, key, reason, token, burial.since)

    def _write_answers(self, answers: Sequence[tuple[bytes, Answered]]) -> None:
        if not answers:
            return
        sealed = [
            self._seal.seal(bytes([len(each.digest)]) + each.digest + each.answer, key)
            for key, each in answers
        ]
        numbers = numbered_by_size(self._connection, "answers", map(len, sealed))
        rows = [
            (number, each.at, key, text)
            for number, (key, each), text in zip(numbers, answers, sealed, strict=True)
        ]
        insert(self._connection, "answers", ANSWERS, rows, ("key",))
        sweep_by_size(self._connection, "answers", self._bounds.answers.most)
        self._sweep("answers", len(rows))

    def _sweep(self, table: str, added: int) -> None:
        bound = self._bounds.of(table)
        sweep(self._connection, table, bound, self._wall_clock(), added=added)


def writable(text: str | None) -> str | None:
    """Return a text as SQLite takes it: what providers say may have half of a character."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()
