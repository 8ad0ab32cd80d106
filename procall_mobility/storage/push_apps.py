"""The applications pushes can go to, in SQLite."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError

MOST_APPS = 1000
"""All of them are in memory, each with its connections."""

_NAME = re.compile(r"[!-~]{1,128}")


class PushAppStore:
    """Applications in the file of the customers."""

    def __init__(self, store: CustomerStore) -> None:
        """Use the file of `store`."""
        self._store = store
        self._connection = store.connection
        self._seen = self._number()

    def all(self) -> list[Registration]:
        """Return all applications, by name."""
        rows = self._connection.execute(
            "SELECT name, ucsid, provider, credential, options FROM push_apps"
            " ORDER BY name, ifnull(ucsid, '')"
        )
        return [
            Registration(
                name=name,
                ucsid=ucsid,
                provider=Provider(provider),
                credential=credential,
                options=json.loads(options),
            )
            for name, ucsid, provider, credential, options in rows
        ]

    def have_changed(self) -> bool:
        """Tell whether any process has changed them since this was last asked."""
        before, self._seen = self._seen, self._number()
        return self._seen != before

    def add(self, app: Registration) -> None:
        """Register an application.

        Raises:
            StoreError: its name is malformed or taken, or there is no such customer.
        """
        if not _NAME.fullmatch(app.name):
            text = "letters, digits and other visible characters, 128 at most"
            raise StoreError(f"{app.name!r} is no channel: {text}")
        ucsid = None if app.ucsid is None else self._store.needed(app.ucsid)
        with self._changing():
            (count,) = self._connection.execute("SELECT count(*) FROM push_apps").fetchone()
            if count >= MOST_APPS:
                raise StoreError(f"there are {MOST_APPS} applications already")
            try:
                self._connection.execute(
                    "INSERT INTO push_apps (ucsid, name, provider, credential, options)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (
                        ucsid,
                        app.name,
                        app.provider.value,
                        app.credential,
                        json.dumps(dict(app.options)),
                    ),
                )
            except sqlite3.IntegrityError:
                raise StoreError(f"{app.name} is registered already; remove it first") from None

    def change_credential(
        self, name: str, ucsid: str | None, credential: str, options: Mapping[str, str]
    ) -> Registration:
        """Take another file, and options, for an application's credential; returns it.

        Raises:
            StoreError: there is no such application.
        """
        with self._changing():
            changed = self._connection.execute(
                "UPDATE push_apps SET credential = ?, options = ? WHERE name = ? AND ucsid IS ?",
                (credential, json.dumps(dict(options)), name, self._key(ucsid)),
            )
            if not changed.rowcount:
                raise StoreError(_missing(name, ucsid))
        key = self._key(ucsid)
        return next(each for each in self.all() if (each.name, each.ucsid) == (name, key))

    def remove(self, name: str, ucsid: str | None) -> None:
        """Know an application no more.

        Raises:
            StoreError: there is none.
        """
        with self._changing():
            deleted = self._connection.execute(
                "DELETE FROM push_apps WHERE name = ? AND ucsid IS ?", (name, self._key(ucsid))
            )
            if not deleted.rowcount:
                raise StoreError(_missing(name, ucsid))

    def _key(self, ucsid: str | None) -> str | None:
        return None if ucsid is None else self._store.needed(ucsid)

    def _number(self) -> int:
        number: int = self._connection.execute("SELECT number FROM push_apps_changes").fetchone()[
            0
        ]
        return number

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._store.transaction():
            yield
            self._connection.execute("UPDATE push_apps_changes SET number = number + 1")


def _missing(name: str, ucsid: str | None) -> str:
    owner = "for every customer" if ucsid is None else f"of {ucsid}"
    return f"there is no application {name} {owner}"
