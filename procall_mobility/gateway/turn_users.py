"""Whose name a TURN client shows: the port `Authority` of the relay."""

from collections import OrderedDict
from collections.abc import Callable, Iterable

from attrs import define, field, frozen

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.ports import Customers, TurnSecrets
from procall_mobility.protocols.stun.message import userhash
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.peers import PeerPolicy, Surroundings
from procall_mobility.protocols.turn.ports import Account
from procall_mobility.protocols.turn.rest_names import UserName, credential_of, mint, parse
from procall_mobility.protocols.turn.tenants import Tenant

MOST_ISSUED = 10_000
"""Names remembered for USERHASH; whoever comes later than that many others has to be open."""

MOST_REVOKED = 10_000
"""Users whose credentials were taken back; by the time so many are, the first have expired."""


@frozen(kw_only=True)
class Credential:
    """What a client shows, and how long it is good."""

    username: str
    password: str = field(repr=False)
    ttl: int
    expiry: int
    """Unix seconds."""


@define(eq=False)
class _Known:
    """A customer as it was when somebody of it last came."""

    tenant: Tenant
    secrets: tuple[bytes, ...] = field(repr=False)


@define(eq=False, kw_only=True)
class TurnUsers:
    """Judges names, and issues them."""

    customers: Customers
    secrets: TurnSecrets
    rules: Iterable[PeerRule]
    """The operator's, for every customer."""
    surroundings: Surroundings
    realm: str
    wall_clock: Callable[[], float]
    longest_ttl: int
    """Seconds; how long a credential lives that nobody asked to live otherwise."""
    _known: dict[str, _Known] = field(factory=dict, init=False)
    _issued: OrderedDict[bytes, bytes] = field(factory=OrderedDict, init=False, repr=False)
    _revoked: OrderedDict[tuple[str, str], int] = field(factory=OrderedDict, init=False)

    # The port Authority -------------------------------------------------------------------

    def find(self, username: bytes, now: float) -> Account | None:
        """Return whose name this is; None for an unknown, expired or revoked one."""
        name = parse(username)
        if name is None:
            return None
        unix = self.wall_clock()
        if name.expiry is not None and name.expiry <= unix:
            return None
        known = self._know(name.ucsid)
        if known is None or self._is_revoked(name):
            return None
        if name.expiry is None:
            password = self.secrets.password(known.tenant.name, name.subject)
            passwords = [] if password is None else [password.encode()]
        else:
            text = username.decode()
            passwords = [credential_of(each, text).encode() for each in known.secrets]
        if not passwords:
            return None
        return Account(
            tenant=known.tenant,
            subject=name.subject,
            passwords=tuple(passwords),
            until=None if name.expiry is None else now + (name.expiry - unix),
        )

    def name_of(self, hashed: bytes) -> bytes | None:
        """Return the user name behind a USERHASH, of those we have issued."""
        return self._issued.get(hashed)

    # Issuing and taking back --------------------------------------------------------------

    def issue(self, customer: Customer, subject: str, ttl: int) -> Credential:
        """Return a new credential for a user of a customer.

        Raises:
            ValueError: nobody can be called that.
        """
        known = self._know(customer.ucsid)
        if known is None or not known.secrets:
            raise ValueError("the customer gets no relay")
        expiry = int(self.wall_clock()) + ttl
        username, password = mint(expiry, customer.ucsid, subject, None, known.secrets[0])
        self.remember(username)
        return Credential(username=username, password=password, ttl=ttl, expiry=expiry)

    def remember(self, username: str) -> None:
        """Know a name again by its USERHASH."""
        name = username.encode()
        self._issued[userhash(name, self.realm.encode())] = name
        if len(self._issued) > MOST_ISSUED:
            self._issued.popitem(last=False)

    def revoke(self, ucsid: str, subject: str) -> None:
        """Take a user's credentials back that were issued until now."""
        until = int(self.wall_clock()) + self.longest_ttl
        self._revoked[ucsid, subject] = until
        self._revoked.move_to_end((ucsid, subject))
        if len(self._revoked) > MOST_REVOKED:
            self._revoked.popitem(last=False)

    def is_gone(self, ucsid: str) -> bool:
        """Tell whether a customer gets no relay (any more)."""
        return self._know(ucsid) is None

    def renew(self, ucsid: str) -> Tenant | None:
        """Take a change of a customer over.

        Returns:
            The tenant with its new policy, if anybody of it has come before and may still.
        """
        before = self._known.pop(ucsid, None)
        after = self._know(ucsid)
        if before is None or after is None:
            return None
        # The allocations that exist hold the tenant they were made with.
        before.tenant.policy = after.tenant.policy
        before.tenant.strict = after.tenant.strict
        after.tenant = before.tenant
        return before.tenant

    # Inside -------------------------------------------------------------------------------

    def _know(self, key: str) -> _Known | None:
        known = self._known.get(key)
        if known is not None:
            return known
        customer = self.customers.find(key)
        if customer is None or not customer.enabled or not customer.switches.turn:
            return None
        known = self._known.get(customer.ucsid)
        if known is None:
            rules = (*self.rules, *self.secrets.rules(customer.ucsid))
            policy = PeerPolicy(rules, self.surroundings)
            tenant = Tenant(customer.ucsid, policy, customer.switches.turn_strict)
            known = _Known(tenant, self.secrets.secrets(customer.ucsid))
            self._known[customer.ucsid] = known
        return known

    def _is_revoked(self, name: UserName) -> bool:
        until = self._revoked.get((name.ucsid, name.subject))
        return until is not None and (name.expiry is None or name.expiry <= until)
