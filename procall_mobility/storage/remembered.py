"""What was looked up in a database, until somebody changes it."""

import sqlite3
from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Remembered(Generic[Found]):
    """Values that were found, by their keys; of what was not found nothing is remembered.

    So there are at most as many as the database has keys.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Remember nothing yet."""
        self._connection = connection
        self._values: dict[str, Found] = {}
        self._seen: tuple[int, int] | None = None

    def get(self, key: str, find: Callable[[str], Found | None]) -> Found | None:
        """Return the value of a key, by `find` if it is not remembered."""
        if self._connection.in_transaction:
            return find(key)  # What it finds may be taken back.
        seen = self._look()
        if seen != self._seen:
            self._values.clear()
            self._seen = seen
        value = self._values.get(key)
        if value is None:
            value = find(key)
            if value is not None:
                self._values[key] = value
        return value

    def _look(self) -> tuple[int, int]:
        """Return what is another pair after a change: by others, and by this connection."""
        (others,) = self._connection.execute("PRAGMA data_version").fetchone()
        return others, self._connection.total_changes
