"""What customers' TURN users are judged by, in SQLite: the port `TurnSecrets`."""

from procall_mobility.gateway.turn_keys import EVERYBODY, Key, TurnKeys, fits
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.rest_names import parse
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.passwords import new_password

LIVE_SECRETS = 2
"""One to issue by, and the one before, which credentials still out there were made with."""

MOST_USERS = 1000
"""Users of one customer with fixed passwords; they are for tests and old clients."""

MOST_RULES = 200
"""Of one customer: each new peer of a client is held against all of them."""

MOST_TAKEN_BACK = 1000
"""Users of one customer; with more, everybody's credentials are taken back instead."""


class TurnSecretStore:
    """Secrets, fixed passwords and peer rules of the customers in a store."""

    def __init__(self, store: CustomerStore) -> None:
        """Use the file of `store`, its chance and its clock; it also notes the changes."""
        self._store = store
        self._connection = store.connection

    # The port TurnSecrets -----------------------------------------------------------------

    def customers(self) -> list[str]:
        """Return the UCSIDs of all customers."""
        return [ucsid for (ucsid,) in self._connection.execute("SELECT ucsid FROM customers")]

    def keys(self, ucsid: str) -> TurnKeys:
        """Return all of a customer's; a secret is made when there is none."""
        if not self._secrets(ucsid):
            try:
                with self._store.changing(ucsid, credentials=False):
                    self._store.needed(ucsid)
                    # Another process may have made one since we looked.
                    if not self._secrets(ucsid):
                        self._add_secret(ucsid, new_password(self._store.entropy).encode())
            except StoreError:
                # Gone, or not to be written to: users with fixed passwords need no secret, and
                # whoever wants a credential issued is told that there is none.
                pass
        return self.stored(ucsid)

    def revoke(self, ucsid: str, subject: str | None) -> None:
        """Take back whatever a user has to show until now; None is for all users.

        Raises:
            StoreError: no such customer.
        """
        name = EVERYBODY if subject is None else subject
        with self._store.changing(ucsid, credentials=False):
            key = self._store.needed(ucsid)
            until = self._next_second(key)
            if len(self.stored(key).taken_back) >= MOST_TAKEN_BACK:
                name = EVERYBODY
            if name == EVERYBODY:
                self._connection.execute("DELETE FROM turn_taken_back WHERE ucsid = ?", (key,))
            self._connection.execute(
                "INSERT INTO turn_taken_back VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET until = excluded.until",
                (key, name, until),
            )

    # Reading ------------------------------------------------------------------------------

    def stored_of(self, ucsid: str) -> TurnKeys:
        """Return all of a customer's as it is.

        Raises:
            StoreError: no such customer.
        """
        return self.stored(self._store.needed(ucsid))

    def stored(self, ucsid: str) -> TurnKeys:
        """Return all of a customer's as it is; nothing of one that is none."""
        select = self._connection.execute
        of = (ucsid,)
        users = select("SELECT name, password, since FROM turn_users WHERE ucsid = ?", of)
        rules = select("SELECT rule, allow FROM turn_peers WHERE ucsid = ? ORDER BY rule", of)
        taken = select("SELECT name, until FROM turn_taken_back WHERE ucsid = ?", of)
        return TurnKeys(
            secrets=self._secrets(ucsid),
            users={name: Key(password.encode(), since) for name, password, since in users},
            rules=tuple(PeerRule.parse(rule, allow=bool(allow)) for rule, allow in rules),
            taken_back=dict(taken.fetchall()),
        )

    # Changing -----------------------------------------------------------------------------

    def set_secret(self, ucsid: str, secret: bytes) -> None:
        """Issue by this secret from now on; the one before stays good, an older one does not.

        Raises:
            StoreError: no such customer, or the secret is one it has already.
        """
        with self._store.changing(ucsid, credentials=False):
            key = self._store.needed(ucsid)
            known = self._secrets(key)
            if known and known[0].value == secret:
                return
            if secret in [each.value for each in known]:
                # It would be young again, and with it what was taken back.
                raise StoreError("this secret is the older one already; choose another")
            self._add_secret(key, secret)

    def rotate_secret(self, ucsid: str) -> str:
        """Make a new secret and return it; the one before stays good.

        Raises:
            StoreError: no such customer.
        """
        secret = new_password(self._store.entropy)
        self.set_secret(ucsid, secret.encode())
        return secret

    def drop_secret(self, ucsid: str) -> None:
        """Forget the older secret.

        Raises:
            StoreError: no such customer, or there is no older one.
        """
        with self._store.changing(ucsid, credentials=False):
            key = self._store.needed(ucsid)
            if len(self._secrets(key)) < LIVE_SECRETS:
                raise StoreError(f"{key} has no older secret")
            self._keep_secrets(key, 1)

    def set_user(self, ucsid: str, name: str, password: str | None = None) -> str:
        """Give a user a fixed password and return it, a new one unless given.

        Raises:
            StoreError: no such customer, nobody can be called that, or there are too many.
        """
        password = password or new_password(self._store.entropy)
        with self._store.changing(ucsid, credentials=False):
            key = self._store.needed(ucsid)
            if not fits(name) or parse(f"{key}:{name}".encode()) is None:
                raise StoreError(
                    f"{name!r} is no user's name: printable, without a colon, 128 octets at most;"
                    " a customer whose UCSID is a number has no users with fixed passwords"
                )
            self._connection.execute(
                "INSERT OR REPLACE INTO turn_users VALUES (?, ?, ?, ?)",
                (key, name, password, self._next_second(key)),
            )
            if len(self.stored(key).users) > MOST_USERS:
                raise StoreError(f"{key} has {MOST_USERS} users with fixed passwords already")
        return password

    def remove_user(self, ucsid: str, name: str) -> None:
        """Take a user's fixed password away.

        Raises:
            StoreError: no such customer or user.
        """
        with self._store.changing(ucsid, credentials=False):
            key = self._store.needed(ucsid)
            deleted = self._connection.execute(
                "DELETE FROM turn_users WHERE ucsid = ? AND name = ?", (key, name)
            )
            if not deleted.rowcount:
                raise StoreError(f"{key} has no user {name} with a fixed password")

    def set_rule(self, ucsid: str, rule: PeerRule) -> None:
        """Allow or deny peers; a rule for the same ones is replaced.

        Raises:
            StoreError: no such customer, or there are too many rules.
        """
        with self._store.changing(ucsid, credentials=False):
            key = self._store.needed(ucsid)
            self._connection.execute(
                "INSERT OR REPLACE INTO turn_peers VALUES (?, ?, ?)",
                (key, str(rule), int(rule.allow)),
            )
            if len(self.stored(key).rules) > MOST_RULES:
                raise StoreError(f"{key} has {MOST_RULES} rules already")

    def forget_rule(self, ucsid: str, rule: PeerRule) -> None:
        """Let the rule about these peers be none.

        Raises:
            StoreError: no such customer or rule.
        """
        with self._store.changing(ucsid, credentials=False):
            key = self._store.needed(ucsid)
            deleted = self._connection.execute(
                "DELETE FROM turn_peers WHERE ucsid = ? AND rule = ?", (key, str(rule))
            )
            if not deleted.rowcount:
                raise StoreError(f"{key} has no rule about {rule}; `turn peer list` shows them")

    # Inside -------------------------------------------------------------------------------

    def _secrets(self, ucsid: str) -> tuple[Key, ...]:
        rows = self._connection.execute(
            "SELECT secret, since FROM turn_secrets WHERE ucsid = ? ORDER BY since DESC", (ucsid,)
        )
        return tuple(Key(secret, since) for secret, since in rows)

    def _add_secret(self, ucsid: str, secret: bytes) -> None:
        self._connection.execute(
            "INSERT INTO turn_secrets VALUES (?, ?, ?)", (ucsid, self._next_second(ucsid), secret)
        )
        self._keep_secrets(ucsid, LIVE_SECRETS)

    def _keep_secrets(self, ucsid: str, count: int) -> None:
        """Forget older secrets, and what was taken back of credentials made with them."""
        kept = self._secrets(ucsid)[:count]
        self._connection.execute(
            "DELETE FROM turn_secrets WHERE ucsid = ? AND since < ?", (ucsid, kept[-1].since)
        )
        self._connection.execute(
            "DELETE FROM turn_taken_back AS back WHERE ucsid = ? AND until < ? AND NOT EXISTS"
            " (SELECT 1 FROM turn_users WHERE ucsid = back.ucsid AND since <= back.until"
            "  AND back.name IN ('', name))",
            (ucsid, kept[-1].since),
        )

    def _next_second(self, ucsid: str) -> int:
        """Return the time, or as much later as it takes to be after all that the customer has."""
        (latest,) = self._connection.execute(
            "SELECT max(at) FROM (SELECT since AS at FROM turn_secrets WHERE ucsid = ?"
            " UNION ALL SELECT since FROM turn_users WHERE ucsid = ?"
            " UNION ALL SELECT until FROM turn_taken_back WHERE ucsid = ?)",
            (ucsid, ucsid, ucsid),
        ).fetchone()
        return max(int(self._store.wall_clock()), 0 if latest is None else latest + 1)
