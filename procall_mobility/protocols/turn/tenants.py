"""Whose allocation it is, and what everybody who has one may use up together."""

from attrs import define, field

from procall_mobility.protocols.turn.buckets import Bucket
from procall_mobility.protocols.turn.peers import PeerPolicy
from procall_mobility.protocols.turn.rules import TurnRules

SHARED_SUBJECT = "link"
"""The user of credentials that a customer's server hands to all its clients: no single user."""


@define(eq=False)
class Tenant:
    """A customer, as the relay sees it."""

    name: str
    policy: PeerPolicy
    strict: bool = False
    """Whether an allocation ends when its credential expires."""


@define(eq=False)
class Share:
    """What a customer, a user, or the users behind one address use together."""

    most: int
    """Allocations at once."""
    up: Bucket
    """Octets to peers."""
    down: Bucket
    """Octets to clients."""
    allocations: int = 0


Shares = tuple[Share, ...]


@define(eq=False)
class Quotas:
    """Counts allocations.  It has entries only for those that have one."""

    rules: TurnRules
    total: int = 0
    _shares: dict[tuple[str, ...], Share] = field(factory=dict, init=False)

    def __len__(self) -> int:
        return len(self._shares)

    def change(self, rules: TurnRules) -> None:
        """Count by other bounds; who has more than is allowed now keeps it."""
        self.rules = rules
        for key, share in self._shares.items():
            share.most, rate = self._bounds(key[0])
            share.up.change(rate)
            share.down.change(rate)

    def claim(self, tenant: Tenant, subject: str, source: str, now: float) -> Shares | None:
        """Count one more allocation; None when somebody has enough."""
        if self.total >= self.rules.allocations:
            return None
        found = []
        for key in _keys(tenant, subject, source):
            share = self._shares.get(key)
            if share is None:
                most, rate = self._bounds(key[0])
                share = Share(most, Bucket(rate, now), Bucket(rate, now))
            elif share.allocations >= share.most:
                return None
            found.append((key, share))
        for key, share in found:
            self._shares[key] = share
            share.allocations += 1
        self.total += 1
        return tuple(share for _, share in found)

    def release(self, tenant: Tenant, subject: str, source: str) -> None:
        """Count one less; call it once for each claim."""
        self.total -= 1
        for key in _keys(tenant, subject, source):
            share = self._shares[key]
            share.allocations -= 1
            if not share.allocations:
                del self._shares[key]

    def _bounds(self, kind: str) -> tuple[int, float]:
        rules = self.rules
        if kind == "customer":
            return rules.allocations_per_customer, rules.customer_octets_per_second
        if kind == "user":
            return rules.allocations_per_user, rules.user_octets_per_second
        return rules.allocations_per_address, rules.address_octets_per_second


def _keys(tenant: Tenant, subject: str, source: str) -> tuple[tuple[str, ...], ...]:
    by_customer, by_address = ("customer", tenant.name), ("address", source)
    if subject == SHARED_SUBJECT:
        return by_customer, by_address
    return by_customer, ("user", tenant.name, subject), by_address
