"""Servers that hand pushes in without a credential, as the operator has mapped them, in SQLite."""

import re
import sqlite3

from procall_mobility.gateway.push.desks.senders import ANY, Api, Sender
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError

MOST_SENDERS = 1000
"""They are looked through for each push, in a tenth of a millisecond."""

_NAME = re.compile(r"[!-)+-~]{0,255}\*?")
"""Visible characters, and the asterisk at the end alone."""

_SAID = re.compile(r"[!-~]{0,255}")
"""What may be looked for: there is text in JSON that SQLite does not take for any."""

_FIND = """
    SELECT name, platform, ucsid, channel FROM push_senders
    WHERE api = :api
        AND (name = :name
            OR name LIKE '%*' AND substr(:name, 1, length(name) - 1) || '*' = name)
        AND (platform = :platform
            OR platform LIKE '%*' AND substr(:platform, 1, length(platform) - 1) || '*' = platform)
    ORDER BY length(name) DESC, length(platform) DESC
    LIMIT 1
"""


class PushSenderStore:
    """Senders in the file of the customers."""

    def __init__(self, store: CustomerStore) -> None:
        """Use the file of `store`."""
        self._store = store
        self._connection = store.connection

    def all(self) -> list[Sender]:
        """Return all senders, by API and name."""
        rows = self._connection.execute(
            "SELECT api, name, platform, ucsid, channel FROM push_senders"
            " ORDER BY api, name, platform"
        )
        return [
            Sender(api=Api(api), name=name, platform=platform, ucsid=ucsid, channel=channel)
            for api, name, platform, ucsid, channel in rows
        ]

    def find(self, api: Api, name: str, platform: str) -> Sender | None:
        """Return who sends in a name: what is mapped whole, or else by its longest beginning."""
        if not _SAID.fullmatch(name) or not _SAID.fullmatch(platform):
            return None
        asked = {"api": api.value, "name": name, "platform": platform}
        row = self._connection.execute(_FIND, asked).fetchone()
        if row is None:
            return None
        found, on, ucsid, channel = row
        return Sender(api=api, name=found, platform=on, ucsid=ucsid, channel=channel)

    def add(self, sender: Sender) -> None:
        """Take what is sent in a name for a customer's.

        Raises:
            StoreError: the name is malformed or taken, there is no such customer, or it has no
                such application.
        """
        for name in (sender.name, sender.platform):
            if not _NAME.fullmatch(name):
                text = f"visible characters, 255 at most, and {ANY} at the end alone"
                raise StoreError(f"{name!r} is no name of a sender: {text}")
        if sender.name in ("", ANY):
            raise StoreError(f"{sender.name!r} would let everybody in; say whom")
        ucsid = self._store.needed(sender.ucsid)
        with self._store.transaction():
            (count,) = self._connection.execute("SELECT count(*) FROM push_senders").fetchone()
            if count >= MOST_SENDERS:
                raise StoreError(f"there are {MOST_SENDERS} senders already")
            self._needs_app(ucsid, sender.channel)
            try:
                self._connection.execute(
                    "INSERT INTO push_senders (api, name, platform, ucsid, channel)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (sender.api.value, sender.name, sender.platform, ucsid, sender.channel),
                )
            except sqlite3.IntegrityError:
                raise StoreError(f"{_said(sender)} is mapped already; remove it first") from None

    def remove(self, api: Api, name: str, platform: str = "") -> None:
        """Take nothing more that is sent in a name.

        Raises:
            StoreError: nothing was taken in that name.
        """
        with self._store.transaction():
            deleted = self._connection.execute(
                "DELETE FROM push_senders WHERE api = ? AND name = ? AND platform = ?",
                (api.value, name, platform),
            )
            if not deleted.rowcount:
                said = f"{name} on {platform}" if platform else name
                raise StoreError(f"{said} is not mapped")

    def _needs_app(self, ucsid: str, channel: str) -> None:
        found = self._connection.execute(
            "SELECT 1 FROM push_apps WHERE name = ? AND (ucsid IS NULL OR ucsid = ?)",
            (channel, ucsid),
        ).fetchone()
        if found is None:
            text = "`push app add` registers one"
            raise StoreError(f"{ucsid} has no application {channel}; {text}")


def _said(sender: Sender) -> str:
    return f"{sender.name} on {sender.platform}" if sender.platform else sender.name
