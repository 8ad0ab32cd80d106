"""What is looked up of pushes in the database, on the reactor: some microseconds each."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from twisted.logger import Logger

from procall_mobility.gateway.push.ports import Ending, Feedback, QueuedPush, State
from procall_mobility.storage.errors import PushesNotReadable
from procall_mobility.storage.push_file import PushFile
from procall_mobility.storage.push_rows import COLUMNS, Row, push_of
from procall_mobility.storage.push_seal import Seal, Unreadable
from procall_mobility.storage.push_statements import filled_chunks, select

NAMED: Final = ("queue", "endings")
"""Tables with pushes by their ids, in the order in which a push goes through them."""


class PushRecords:
    """What is written.

    When the file cannot be read, all of it says so in the log, and raises `PushesNotReadable`.
    """

    _log = Logger()

    def __init__(self, file: PushFile, seal: Seal) -> None:
        """Read by the reader's connection of a file."""
        self._path = file.path
        self._connection = file.reader
        # A damaged name is no reason to read none of the rows: the seal will tell.
        self._connection.text_factory = _text
        self._seal = seal

    def close(self) -> None:
        """Look nothing up any more."""
        self._connection.close()

    def load(self, after: str | None, most: int) -> list[QueuedPush]:
        """Return pushes in the order of their ids; fewer than `most` only if there are no more."""
        found: list[QueuedPush] = []
        while wanted := most - len(found):
            rows = self._rows(
                f"SELECT {', '.join(COLUMNS)} FROM queue WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608
                after or "",
                wanted,
            )
            found += self._readable(rows)
            if len(rows) < wanted:
                break
            after = rows[-1][0]
        return found

    def fetch(self, ids: Sequence[str]) -> list[QueuedPush]:
        """Return those of the pushes that are in the queue, in any order."""
        try:
            rows = list(select(self._connection, "queue", COLUMNS, "id", ids))
        except sqlite3.Error as error:
            raise self._broken(error) from error
        return self._readable(rows)

    def known(
        self, customer: str, pushes: Sequence[str], since: float
    ) -> dict[str, Ending | None]:
        """Return how pushes of a customer have ended, if not before `since`; None: they wait."""
        found: dict[str, Ending | None] = {}
        for chunk in filled_chunks(pushes):
            for name, whose, at, state, reason in self._rows(_known(len(chunk)), *chunk, *chunk):
                if whose != customer:
                    continue
                if state is None:
                    found.setdefault(name, None)
                elif at >= since:
                    found[name] = Ending(
                        id=name, customer=customer, state=State(state), reason=reason, at=at
                    )
        return found

    def names(self, table: str, after: str, most: int) -> list[str]:
        """Return the ids of pushes in a table, in their order; fewer only if there are no more."""
        rows = self._rows(
            f"SELECT DISTINCT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608
            after,
            most,
        )
        return [name for (name,) in rows]

    def graves(self) -> Iterator[bytes]:
        """Return the hashes of all dead tokens."""
        sql = "SELECT token FROM tombstones WHERE typeof(token) = 'blob'"
        try:
            # One by one: there may be a million.
            yield from (token for (token,) in self._connection.execute(sql))
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def buried(self, token: bytes, since: float) -> tuple[float, float] | None:
        """Return when a token was found dead, by its hash, and since when it is.

        None when it was found dead before `since`.
        """
        sql = "SELECT at, ifnull(since, at) FROM tombstones WHERE token = ? AND at >= ?"
        row = self._row(sql, token, since)
        return None if row is None else (float(row[0]), float(row[1]))

    def answer(self, key: bytes, since: float) -> tuple[bytes, bytes] | None:
        """Return digest of the request and answer, by the key's hash, if not before `since`."""
        row = self._row("SELECT sealed FROM answers WHERE key = ? AND at >= ?", key, since)
        if row is None:
            return None
        try:
            text = self._seal.opened(row[0], key)
        except Unreadable as error:
            self._log.error("answer unreadable", why=str(error))
            return None
        end = 1 + text[0]
        return text[1:end], text[end:]

    def feedback(
        self, customer: str | None, after: int, most: int, since: float
    ) -> list[tuple[str, Feedback]]:
        """Return dead tokens with numbers after one of them, of a customer or of all."""
        whose = "" if customer is None else " customer = ? AND"
        rows = self._rows(
            "SELECT customer, number, app, token, reason, ifnull(since, at), sealed"  # noqa: S608
            " FROM feedback"
            f" WHERE{whose} number > ? AND at >= ? ORDER BY number LIMIT ?",
            *([] if customer is None else [customer]),
            after,
            since,
            most,
        )
        found = []
        for whom, number, app, key, reason, at, sealed in rows:
            try:
                token = self._seal.opened(sealed, key).decode("utf-8", "surrogatepass")
            except Unreadable as error:
                self._log.error("dead token unreadable", number=number, why=str(error))
                continue
            dead = Feedback(number=number, app=app, token=token, reason=reason, at=at)
            found.append((whom, dead))
        return found

    # Inside -------------------------------------------------------------------------------

    def _readable(self, rows: Sequence[Row]) -> list[QueuedPush]:
        """Return the pushes of all rows that can be read; the others stay where they are."""
        found, problems = [], []
        for row in rows:
            try:
                found.append(push_of(row, self._seal))
            except Unreadable as error:
                problems.append((row[0], error))
        if problems:
            first, why = problems[0]
            self._log.error("pushes unreadable", count=len(problems), first=first, why=str(why))
        return found

    def _row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        rows = self._rows(sql, *values)
        return rows[0] if rows else None

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        # All are fetched at once: a statement left open would keep the log from being emptied.
        try:
            return self._connection.execute(sql, values).fetchall()
        except UnicodeEncodeError:
            # Whoever asks by what is no text asks for nothing that is there.
            return []
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def _broken(self, error: sqlite3.Error) -> PushesNotReadable:
        self._log.error("pushes cannot be read", why=str(error))
        return PushesNotReadable(f"{self._path}: the pushes cannot be read: {error}")


@cache
def _known(count: int) -> str:
    among = f"IN ({', '.join('?' * count)})"
    return (
        f"SELECT id, customer, at, state, reason FROM endings WHERE id {among}"  # noqa: S608
        f" UNION ALL SELECT id, customer, NULL, NULL, NULL FROM queue WHERE id {among}"
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
