"""A relay in memory with the gateway's users: keys in a table instead of a store."""

from collections.abc import Iterable
from typing import Any

import attrs
from attrs import define, field

from procall_mobility.gateway.customers import Customer, Switches
from procall_mobility.gateway.media import Media
from procall_mobility.gateway.turn_book import TurnBook
from procall_mobility.gateway.turn_keys import EVERYBODY, Key, TurnKeys
from procall_mobility.gateway.turn_users import TurnUsers
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.server import TurnServer
from tests.gateway.fakes import FakeBook, FakeCustomers
from tests.interop.turn.turn_client import Identity, TurnClient
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import REALM, Play

UNIX = 1_800_000_000
TTL = 86_400
SECRET = b"a secret of acme's own"
PASSWORD = b"a password of alice's"


@define
class Customers(FakeCustomers):
    """The port `Customers`, which knows what it was asked."""

    asked: list[str] = field(factory=list)

    def find(self, key: str) -> Customer | None:
        self.asked.append(key)
        return FakeCustomers.find(self, key)


@define
class FakeSecrets:
    """The port `TurnSecrets`."""

    table: dict[str, TurnKeys]
    asked: list[str] = field(factory=list)
    now: float = UNIX

    def customers(self) -> Iterable[str]:
        return list(self.table)

    def keys(self, ucsid: str) -> TurnKeys:
        self.asked.append(ucsid)
        return self.table[ucsid]

    def revoke(self, ucsid: str, subject: str | None) -> None:
        taken = {**self.table[ucsid].taken_back, subject or EVERYBODY: int(self.now)}
        self.change(ucsid, taken_back=taken)

    def change(self, ucsid: str, **members: Any) -> None:
        self.table[ucsid] = attrs.evolve(self.table[ucsid], **members)


def acme_keys() -> TurnKeys:
    return TurnKeys(secrets=(Key(SECRET, UNIX - 100),), users={"alice": Key(PASSWORD, UNIX - 50)})


class Site:
    """One relay, its customers, and its clock; calendar time follows the play's."""

    def __init__(self, *, rules: tuple[PeerRule, ...] = (), **of_play: Any) -> None:
        self.play = Play(**of_play)
        self.began = self.play.now
        names = ("acme", "other")
        self.customers = Customers({name: Customer(ucsid=name) for name in names})
        self.secrets = FakeSecrets({name: acme_keys() for name in names})
        self.users = TurnUsers(
            customers=self.customers,
            secrets=self.secrets,
            rules=rules,
            surroundings=self.play.surroundings,
            realm=REALM,
            wall_clock=self.unix,
            longest_ttl=TTL,
        )
        self.access = FakeBook()
        self.play.allocations.book = TurnBook(self.access)
        self.play.server = TurnServer(REALM, b"k" * 16, self.users, self.play.allocations)
        self.media = Media(self.play.server, self.users)

    def unix(self) -> float:
        return UNIX + self.play.now - self.began

    def later(self, seconds: float) -> None:
        self.play.later(seconds)
        self.secrets.now = self.unix()

    def client(self, username: str, password: str | bytes, **members: Any) -> Client:
        octets = password.encode() if isinstance(password, str) else password
        return Client(self.play.line(), TurnClient(Identity(username.encode(), octets), **members))

    def alice(self) -> Client:
        """Somebody with a fixed password, and a relay."""
        client = self.client("acme:alice", PASSWORD)
        client.allocates()
        return client

    def issued(self, subject: str = "carol", ucsid: str = "acme", ttl: int = TTL) -> Client:
        """Somebody with a credential of ours, and nothing yet."""
        made = self.users.issue(self.customers.customers[ucsid], subject, ttl)
        return self.client(made.username, made.password)

    def switch(self, ucsid: str = "acme", *, enabled: bool = True, **switches: Any) -> None:
        """The operator changes a customer."""
        changed = Customer(ucsid=ucsid, enabled=enabled, switches=Switches(**switches))
        self.customers.customers[ucsid] = changed

    def changed(self, ucsid: str = "acme") -> bool:
        """The daemon hears of a change."""
        outdated = self.media.customer_changed(ucsid, self.play.now)
        self.play.settle()
        return outdated

    def revoked(self, target: str) -> int:
        ended = self.media.revoke(target, self.play.now)
        self.play.settle()
        return ended
