"""The public keys by which customers' servers sign tokens, in SQLite."""

import sqlite3
from typing import Final

from attrs import frozen

from procall_mobility.gateway.customers import UCSID
from procall_mobility.protocols.token_checks import Verifier, verifier
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError

MOST_KEYS: Final = 4
"""Of one customer; a token is held against each of them.  Two are enough to change one."""


@frozen(kw_only=True)
class CustomerKey:
    """A key as the operator sees it."""

    id: str
    algorithm: str
    added: float
    """Unix seconds."""


class CustomerKeyStore:
    """Keys in the file of the customers."""

    def __init__(self, store: CustomerStore) -> None:
        """Use the file of `store`, and its clock; it also notes the changes."""
        self._store = store

    def verifiers(self, ucsid: str) -> list[Verifier]:
        """Return what verifies a customer's tokens; nothing of a stranger's."""
        return [verifier(pem.encode()) for _, pem, _ in self._rows(ucsid)]

    def all(self, ucsid: str) -> list[CustomerKey]:
        """Return a customer's keys, the oldest first.

        Raises:
            StoreError: no such customer.
        """
        return [
            CustomerKey(id=name, algorithm=verifier(pem.encode()).algorithm, added=added)
            for name, pem, added in self._rows(self._store.needed(ucsid))
        ]

    def add(self, ucsid: str, pem: bytes) -> CustomerKey:
        """Take another key of a customer's.

        Raises:
            StoreError: no such customer, no such key, or too many; one that is there stays.
        """
        try:
            made = verifier(pem)
        except ValueError as error:
            raise StoreError(str(error)) from None
        # Other keys are no more welcome than other passwords.
        with self._store.changing(ucsid, credentials=False):
            key, added = self._store.needed(ucsid), self._store.wall_clock()
            if len(self._rows(key)) >= MOST_KEYS:
                raise StoreError(f"{key} has {MOST_KEYS} keys; remove one first")
            try:
                self._store.connection.execute(
                    "INSERT INTO customer_keys (ucsid, id, pem, added) VALUES (?, ?, ?, ?)",
                    (key, made.id, pem.decode("ascii", "replace"), added),
                )
            except sqlite3.IntegrityError:
                raise StoreError(f"{key} has this key already: {made.id}") from None
        return CustomerKey(id=made.id, algorithm=made.algorithm, added=added)

    def remove(self, ucsid: str, name: str) -> None:
        """Take no more tokens of a key.

        Raises:
            StoreError: no such customer or key.
        """
        with self._store.changing(ucsid, credentials=False):
            key = self._store.needed(ucsid)
            deleted = self._store.connection.execute(
                "DELETE FROM customer_keys WHERE ucsid = ? AND id = ?", (key, name)
            )
            if not deleted.rowcount:
                raise StoreError(f"{key} has no key {name}; `customer key list {key}` shows them")

    def _rows(self, ucsid: str) -> list[tuple[str, str, float]]:
        if not UCSID.fullmatch(ucsid):
            return []
        return self._store.connection.execute(
            "SELECT id, pem, added FROM customer_keys WHERE ucsid = ? ORDER BY added, id", (ucsid,)
        ).fetchall()
