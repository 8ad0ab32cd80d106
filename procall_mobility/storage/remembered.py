"""What was looked up in a database, until somebody changes it."""

import sqlite3
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

SEEN_WITHIN: Final = 0.005
"""Seconds until a change by another process is seen: the command that makes one takes longer to
end.  To ask SQLite every time would cost more than all else there is to do."""

Found = TypeVar("Found")


class Remembered(Generic[Found]):
    """Values that were found, by their keys; of what was not found nothing is remembered.

    So there are at most as many as the database has keys.
    """

    def __init__(
        self, connection: sqlite3.Connection, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Remember nothing yet."""
        self._connection = connection
        self._clock = clock
        self._values: dict[str, Found] = {}
        self._own = -1
        self._others = -1
        self._look_at = 0.0

    def get(self, key: str, find: Callable[[str], Found | None]) -> Found | None:
        """Return the value of a key, by `find` if it is not remembered."""
        connection = self._connection
        if connection.in_transaction:
            return find(key)  # What it finds may be taken back.
        now = self._clock()
        if now >= self._look_at or connection.total_changes != self._own:
            self._look(now)
        value = self._values.get(key)
        if value is None:
            value = find(key)
            if value is not None:
                self._values[key] = value
        return value

    def forget(self) -> None:
        """Find everything anew: it is known already that something has changed."""
        self._values.clear()

    def _look(self, now: float) -> None:
        """Forget everything if there was a change: by others, or by this connection."""
        own = self._connection.total_changes
        (others,) = self._connection.execute("PRAGMA data_version").fetchone()
        if (own, others) != (self._own, self._others):
            self._values.clear()
            self._own, self._others = own, others
        self._look_at = now + SEEN_WITHIN
