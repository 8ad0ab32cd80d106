"""Which token Apple was given last, in SQLite: the port `TokenMemory`.

It is a help, and no condition: where it cannot be written or read, tokens are made without it.
"""

import sqlite3

from twisted.logger import Logger

from procall_mobility.protocols.push.apple_tokens import TokenUse
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError

MOST_KEYS = 1000
"""Keys that are remembered, those used last: as many as there can be applications."""


class AppleTokenUses:
    """Uses of tokens in the file of the customers."""

    _log = Logger()

    def __init__(self, store: CustomerStore) -> None:
        """Use the file of `store`."""
        self._store = store

    # The port TokenMemory -----------------------------------------------------------------

    def recall(self, team: str, key_id: str) -> TokenUse | None:
        """Return what was noted last of a key of a team."""
        try:
            row = self._store.connection.execute(
                "SELECT issued, since FROM apple_tokens WHERE team = ? AND key_id = ?",
                (team, key_id),
            ).fetchone()
        except sqlite3.Error as error:
            self._log.warn("token in use unknown", error=str(error))
            return None
        return None if row is None else TokenUse(*row)

    def note(self, team: str, key_id: str, use: TokenUse) -> None:
        """Remember this from now on."""
        try:
            with self._store.transaction():
                self._store.connection.execute(
                    "INSERT OR REPLACE INTO apple_tokens VALUES (?, ?, ?, ?)",
                    (team, key_id, use.issued, use.since),
                )
                self._store.connection.execute(
                    "DELETE FROM apple_tokens WHERE (team, key_id) NOT IN"
                    " (SELECT team, key_id FROM apple_tokens ORDER BY since DESC LIMIT ?)",
                    (MOST_KEYS,),
                )
        except (sqlite3.Error, StoreError) as error:
            self._log.warn("token in use not noted", error=str(error))
