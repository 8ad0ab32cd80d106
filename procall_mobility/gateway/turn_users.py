"""Whose name a TURN client shows: the port `Authority` of the relay."""

import hmac
from collections.abc import Callable, Iterable

from attrs import define, field, frozen

from procall_mobility.gateway.customers import Customer, normalized
from procall_mobility.gateway.issued_names import IssuedNames
from procall_mobility.gateway.ports import Customers, TurnSecrets
from procall_mobility.gateway.turn_keys import TurnKeys
from procall_mobility.protocols.stun.message import Signature, md5_key, sha256_key
from procall_mobility.protocols.turn.authentication import LONGEST_NAME
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.peers import PeerPolicy, Surroundings
from procall_mobility.protocols.turn.ports import Account
from procall_mobility.protocols.turn.rest_names import parse
from procall_mobility.protocols.turn.tenants import Tenant

MD5_SIZE = 16
"""Octets of a key made with MD5; one made with SHA-256 has twice as many."""


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

    tenant: Tenant | None
    """None when it gets no relay."""
    keys: TurnKeys


@define(eq=False, kw_only=True)
class TurnUsers:
    """Judges names, and issues them."""

    customers: Customers
    secrets: TurnSecrets
    rules: Iterable[PeerRule]
    """The operator's, for every customer."""
    surroundings: Surroundings
    """Where this machine is; `move` changes it."""
    realm: str
    wall_clock: Callable[[], float]
    longest_ttl: int
    """Seconds; no credential we issue lives longer."""
    _known: dict[str, _Known | None] = field(init=False)
    """Every customer there is, so that a name which is made up costs no look into the store; what
    there is to know of one is read when the first of its users comes."""
    _names: IssuedNames = field(init=False)
    _outdated: set[str] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        self._known = dict.fromkeys(self.secrets.customers())
        self._names = IssuedNames(self.realm.encode())

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
        if known is None or known.tenant is None:
            return None
        passwords = known.keys.passwords(name, username.decode())
        if not passwords:
            return None
        return Account(
            tenant=known.tenant,
            subject=name.subject,
            passwords=passwords,
            until=None if name.expiry is None else now + (name.expiry - unix),
        )

    def name_of(self, hashed: bytes) -> bytes | None:
        """Return the user name behind a USERHASH, of those we have issued."""
        return self._names.find(hashed)

    # Issuing and taking back --------------------------------------------------------------

    def issue(self, customer: Customer, subject: str, ttl: int) -> Credential:
        """Return a new credential for a user of a customer.

        Raises:
            ValueError: nobody can be called that, or the customer gets no relay.
        """
        self._known.setdefault(customer.ucsid, None)
        known = self._know(customer.ucsid)
        if known is None or known.tenant is None:
            raise ValueError("the customer gets no relay")
        ttl = min(ttl, self.longest_ttl)
        expiry = int(self.wall_clock()) + ttl
        username, password = known.keys.mint(customer.ucsid, subject, expiry)
        self._names.remember(customer.ucsid, username.encode())
        return Credential(username=username, password=password, ttl=ttl, expiry=expiry)

    def remember(self, username: str) -> None:
        """Know a name again by its USERHASH that was issued elsewhere, for one of our customers.

        Raises:
            ValueError: it is no such name.
        """
        octets = username.encode()
        name = parse(octets) if len(octets) <= LONGEST_NAME else None
        if name is None or name.expiry is None or name.ucsid not in self._known:
            raise ValueError("no time-limited name of a customer's user")
        self._names.remember(name.ucsid, octets)

    def revoke(self, ucsid: str, subject: str | None) -> None:
        """Take back whatever a customer's user has to show until now; None is for all its users.

        Raises:
            ValueError: there is no such customer.
        """
        if ucsid not in self._known:
            raise ValueError(f"there is no customer {ucsid}")
        self.secrets.revoke(ucsid, subject)
        self.renew(ucsid)

    def is_customer(self, ucsid: str) -> bool:
        """Tell whether there is a customer with this UCSID."""
        return ucsid in self._known

    # Changes ------------------------------------------------------------------------------

    def renew(self, ucsid: str) -> Tenant | None:
        """Take a change of a customer over.

        Returns:
            The tenant with its new policy; None when the customer gets no relay (any more).
        """
        before = self._known.pop(ucsid, None)
        customer = self.customers.find(ucsid)
        if customer is None or customer.ucsid != ucsid:
            self._names.forget(ucsid)
            self._outdated.discard(ucsid)
            return None
        self._known[ucsid] = after = self._read(customer)
        if before is None:
            return after.tenant
        if before.tenant is not None and after.tenant is not None:
            # The allocations that exist hold the tenant they were made with.
            before.tenant.policy = after.tenant.policy
            before.tenant.strict = after.tenant.strict
            after.tenant = before.tenant
        if _loses(before.keys, after.keys):
            self._outdated.add(ucsid)
        return after.tenant

    def move(self, surroundings: Surroundings) -> None:
        """Judge everybody's peers by where this machine is now."""
        self.surroundings = surroundings
        self._judge_anew()

    def change(self, rules: Iterable[PeerRule]) -> None:
        """Judge everybody's peers by other rules of the operator."""
        self.rules = rules
        self._judge_anew()

    def _judge_anew(self) -> None:
        for known in self._known.values():
            if known is not None and known.tenant is not None:
                known.tenant.policy = self._policy(known.keys)

    def is_outdated(self, ucsid: str) -> bool:
        """Tell whether what was issued to a customer is worth less since this was last asked."""
        found = ucsid in self._outdated
        self._outdated.discard(ucsid)
        return found

    def still_knows(self, username: bytes, signature: Signature) -> bool:
        """Tell whether a user that was found once would be found again, but for its age."""
        name = parse(username)
        known = self._know(name.ucsid) if name is not None else None
        if name is None or known is None:
            return False
        make = md5_key if len(signature.key) == MD5_SIZE else sha256_key
        realm = self.realm.encode()
        return any(
            hmac.compare_digest(make(username, realm, each), signature.key)
            for each in known.keys.passwords(name, username.decode())
        )

    # Inside -------------------------------------------------------------------------------

    def _know(self, key: str) -> _Known | None:
        ucsid = key if key in self._known else normalized(key)
        if ucsid not in self._known:
            return None
        known = self._known[ucsid]
        if known is None:
            customer = self.customers.find(ucsid)
            if customer is None:
                return None  # Removed a moment ago: we are going to be told.
            known = self._known[ucsid] = self._read(customer)
        return known

    def _read(self, customer: Customer) -> _Known:
        if not customer.enabled or not customer.switches.turn:
            return _Known(None, TurnKeys())
        keys = self.secrets.keys(customer.ucsid)
        tenant = Tenant(customer.ucsid, self._policy(keys), customer.switches.turn_strict)
        return _Known(tenant, keys)

    def _policy(self, keys: TurnKeys) -> PeerPolicy:
        return PeerPolicy((*self.rules, *keys.rules), self.surroundings)


def _loses(before: TurnKeys, after: TurnKeys) -> bool:
    """Tell whether something that `before` has issued is good no longer."""
    return bool(set(before.secrets) - set(after.secrets)) or before.taken_back != after.taken_back
