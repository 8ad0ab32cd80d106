"""The customers in SQLite: the port `Customers`, and the operator's changes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from procall_mobility.gateway.customers import ALIAS, UCSID, Customer, normalized
from procall_mobility.storage.database import open_database
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.passwords import NOBODY, Entropy, PasswordHash, new_password
from procall_mobility.storage.remembered import Remembered
from procall_mobility.storage.switches import merged_switches, read_switches

MOST_CHANGES = 10_000
"""Notes of changes that are kept; a daemon looks every few seconds."""


@frozen
class Change:
    """A customer changed; `credentials`: links that logged in before are no longer welcome."""

    ucsid: str
    credentials: bool


@frozen
class Entry:
    """What only the operator sees of a customer."""

    created: float
    """Unix seconds."""
    note: str


class CustomerStore:
    """The customers."""

    def __init__(self, path: Path, entropy: Entropy, wall_clock: Callable[[], float]) -> None:
        """Open the store at `path`.

        Raises:
            StoreError: it cannot be opened.
        """
        self.connection = open_database(path)
        """For stores of what else is kept of customers."""
        self.entropy = entropy
        self.wall_clock = wall_clock
        self._found = Remembered[Customer](self.connection)
        self._seen = self._last_change()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    # Reading ------------------------------------------------------------------------------

    def find(self, key: str) -> Customer | None:
        """Return the customer with this UCSID or alias; blanks and case do not matter."""
        return self._found.get(normalized(key), self._look_up)

    def all(self) -> list[Customer]:
        """Return all customers by UCSID."""
        rows = self.connection.execute(
            "SELECT ucsid, enabled, switches FROM customers ORDER BY ucsid"
        ).fetchall()
        return [self._customer(row) for row in rows]

    def entry(self, ucsid: str) -> Entry:
        """Return when a customer came, and the operator's note.

        Raises:
            StoreError: no such customer.
        """
        row = self.connection.execute(
            "SELECT created, note FROM customers WHERE ucsid = ?", (self.needed(ucsid),)
        ).fetchone()
        return Entry(*row)

    def password_hash(self, ucsid: str) -> PasswordHash:
        """Return what to compare a password with; nothing matches an unknown customer's."""
        name = normalized(ucsid)
        if not UCSID.fullmatch(name):
            return NOBODY
        row = self.connection.execute(
            "SELECT password FROM customers WHERE ucsid = ?", (name,)
        ).fetchone()
        return PasswordHash.parse(row[0]) if row is not None else NOBODY

    def changes(self) -> list[Change]:
        """Return what has changed since the last call, by whatever process."""
        rows = self.connection.execute(
            "SELECT number, ucsid, credentials FROM changes WHERE number > ? ORDER BY number",
            (self._seen,),
        ).fetchall()
        if rows:
            self._seen = rows[-1][0]
            self._found.forget()  # Whoever is told now looks once.
        return [Change(ucsid, bool(credentials)) for _, ucsid, credentials in rows]

    # Changing -----------------------------------------------------------------------------

    def add(self, ucsid: str, aliases: tuple[str, ...] = (), password: str | None = None) -> str:
        """Take a customer in and return its password, a new one unless given.

        Raises:
            StoreError: a name is malformed or taken.
        """
        ucsid = normalized(ucsid)
        if not UCSID.fullmatch(ucsid):
            raise StoreError(f"{ucsid!r} is no UCSID: letters, digits and hyphens, 63 at most")
        password = password or new_password(self.entropy)
        hashed = str(PasswordHash.of(password, self.entropy))
        with self.changing(ucsid, credentials=False):
            self._needs_to_be_free(ucsid)
            self.connection.execute(
                "INSERT INTO customers (ucsid, password, created) VALUES (?, ?, ?)",
                (ucsid, hashed, self.wall_clock()),
            )
            for alias in aliases:
                self._add_alias(ucsid, alias)
        return password

    def change_aliases(
        self, ucsid: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()
    ) -> None:
        """Take names away from a customer and give it others: all of it or nothing.

        Raises:
            StoreError: no such customer or name, or a new name is malformed or taken.
        """
        with self.changing(ucsid, credentials=False):
            key = self.needed(ucsid)
            for alias in map(normalized, remove):
                deleted = self.connection.execute(
                    "DELETE FROM aliases WHERE alias = ? AND ucsid = ?", (alias, key)
                )
                if not deleted.rowcount:
                    raise StoreError(f"{alias} is no alias of {key}")
            for alias in add:
                self._add_alias(key, alias)

    def rotate_password(self, ucsid: str, password: str | None = None) -> str:
        """Replace a customer's password and return the new one.

        Raises:
            StoreError: no such customer.
        """
        password = password or new_password(self.entropy)
        hashed = str(PasswordHash.of(password, self.entropy))
        with self.changing(ucsid, credentials=True):
            self._update("password", hashed, self.needed(ucsid))
        return password

    def enable(self, ucsid: str, *, enabled: bool) -> None:
        """Switch a customer on or off.

        Raises:
            StoreError: no such customer.
        """
        with self.changing(ucsid, credentials=False):
            self._update("enabled", int(enabled), self.needed(ucsid))

    def set_note(self, ucsid: str, note: str) -> None:
        """Keep a remark of the operator; it is shown to nobody else.

        Raises:
            StoreError: no such customer.
        """
        with self.changing(ucsid, credentials=False):
            self._update("note", note, self.needed(ucsid))

    def set_switches(self, ucsid: str, **changed: Any) -> None:
        """Set switches; None returns one to its default.

        Raises:
            StoreError: no such customer.
        """
        with self.changing(ucsid, credentials=False):
            key = self.needed(ucsid)
            (stored,) = self.connection.execute(
                "SELECT switches FROM customers WHERE ucsid = ?", (key,)
            ).fetchone()
            self._update("switches", merged_switches(stored, changed), key)

    def remove(self, ucsid: str) -> None:
        """Forget a customer with all its names.

        Raises:
            StoreError: no such customer.
        """
        with self.changing(ucsid, credentials=True):
            key = self.needed(ucsid)
            self.connection.execute("DELETE FROM customers WHERE ucsid = ?", (key,))

    # For what else is kept of customers ---------------------------------------------------

    def needed(self, ucsid: str) -> str:
        """Return the UCSID as it is stored.

        Raises:
            StoreError: no such customer.
        """
        found = self.find(ucsid)
        if found is None or found.ucsid != normalized(ucsid):
            hint = f"; {ucsid} is an alias of {found.ucsid}" if found is not None else ""
            raise StoreError(f"there is no customer {ucsid}{hint}; `customer list` shows them")
        return found.ucsid

    @contextmanager
    def changing(self, ucsid: str, *, credentials: bool) -> Iterator[None]:
        """Do all of it or nothing, and note that it was done.

        Raises:
            StoreError: nothing was.
        """
        with self.transaction():
            yield
            self._note_change(normalized(ucsid), credentials)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of it or nothing.

        Raises:
            StoreError: nothing was.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise StoreError(f"the store cannot be changed: {error}") from error

    # Inside -------------------------------------------------------------------------------

    def _look_up(self, name: str) -> Customer | None:
        # UCSIDs are aliases in form; what is neither, SQLite might not even take for text.
        if not ALIAS.fullmatch(name):
            return None
        row = self.connection.execute(
            "SELECT ucsid, enabled, switches FROM customers WHERE ucsid = ? OR ucsid ="
            " (SELECT ucsid FROM aliases WHERE alias = ?) LIMIT 1",
            (name, name),
        ).fetchone()
        return self._customer(row) if row is not None else None

    def _customer(self, row: tuple[str, int, str]) -> Customer:
        ucsid, enabled, switches = row
        aliases = self.connection.execute(
            "SELECT alias FROM aliases WHERE ucsid = ?", (ucsid,)
        ).fetchall()
        return Customer(
            ucsid=ucsid,
            aliases=frozenset(alias for (alias,) in aliases),
            enabled=bool(enabled),
            switches=read_switches(switches),
        )

    def _add_alias(self, ucsid: str, alias: str) -> None:
        alias = normalized(alias)
        if not ALIAS.fullmatch(alias):
            raise StoreError(f"{alias!r} is no alias: a domain or a word, 253 characters at most")
        self._needs_to_be_free(alias)
        self.connection.execute("INSERT INTO aliases VALUES (?, ?)", (alias, ucsid))

    def _needs_to_be_free(self, name: str) -> None:
        owner = self.find(name)
        if owner is not None:
            raise StoreError(f"{name} is taken by {owner.ucsid}")

    def _update(self, column: str, value: object, ucsid: str) -> None:
        # The column's name is one of four of ours, never anybody's input.
        self.connection.execute(
            f"UPDATE customers SET {column} = ? WHERE ucsid = ?",  # noqa: S608
            (value, ucsid),
        )

    def _last_change(self) -> int:
        row = self.connection.execute("SELECT max(number) FROM changes").fetchone()
        return row[0] or 0

    def _note_change(self, ucsid: str, credentials: bool) -> None:
        cursor = self.connection.execute(
            "INSERT INTO changes (ucsid, credentials) VALUES (?, ?)", (ucsid, int(credentials))
        )
        self.connection.execute(
            "DELETE FROM changes WHERE number <= ?", ((cursor.lastrowid or 0) - MOST_CHANGES,)
        )
