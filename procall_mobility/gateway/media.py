"""The relay as operators see it: who uses it, and how to end that."""

from collections.abc import Iterable
from typing import Any

from attrs import define

from procall_mobility.gateway.customers import normalized
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.turn_users import TurnUsers
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.peers import Surroundings
from procall_mobility.protocols.turn.rules import TurnRules
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.protocols.turn.tenants import Tenant


@define(eq=False)
class Media:
    """The relay with its users."""

    server: TurnServer
    users: TurnUsers

    def account(self, now: float) -> dict[str, Any]:
        """Return all there is to tell."""
        return {"sessions": self.sessions(now), "counters": self.counters()}

    def sessions(self, now: float) -> list[dict[str, Any]]:
        """Return a readable account of every allocation; times are seconds."""
        allocations = self.server.allocations
        allocations.settle()
        return [_facts(each, now) for each in allocations]

    def counters(self) -> dict[str, int]:
        """Return what happened how often, and how much of everything there is and was relayed."""
        allocations = self.server.allocations
        allocations.settle()
        counted = {**allocations.counters, **allocations.relayed()}
        return {"allocations": len(allocations), **dict(sorted(counted.items()))}

    def revoke(self, target: str, now: float) -> int:
        """End what belongs to a customer (`acme`), a user (`acme:alice`) or an allocation's id.

        Whatever the customer's users, or the user, have to show until now is good for nothing
        any more: credentials that were issued, and fixed passwords.  An allocation that is ended
        by its id may be made again.

        Returns:
            How many allocations have ended.

        Raises:
            ValueError: there is nothing of that name.
        """
        key, colon, subject = target.partition(":")
        ucsid = normalized(key)
        if colon and not subject:
            raise ValueError(f"{target!r} names no user; that would be customer:user")
        if colon or self.users.is_customer(ucsid):
            self.users.revoke(ucsid, subject if colon else None)
            return self.server.revoke(
                lambda each: each.tenant.name == ucsid and (not colon or each.subject == subject),
                Reason.REVOKED,
                now,
            )
        ended = self.server.revoke(lambda each: each.id == ucsid, Reason.REVOKED, now)
        if not ended:
            raise ValueError(f"there is no customer and no session {target!r}")
        return ended

    def customer_changed(self, ucsid: str, now: float) -> bool:
        """Take a change of a customer over at once: its rules, keys, switches or end.

        Returns:
            Whether the customer's server should fetch new credentials: the last ones it got may
            be good for nothing now.
        """
        tenant = self.users.renew(ucsid)
        if tenant is None:
            self.server.revoke(
                lambda each: each.tenant.name == ucsid, Reason.CUSTOMER_DISABLED, now
            )
            return False
        self.server.revoke(lambda each: self._is_refused(each, tenant), Reason.REVOKED, now)
        self.server.policy_changed(tenant, now)
        return self.users.is_outdated(ucsid)

    def moved(self, surroundings: Surroundings, now: float) -> bool:
        """Take over where this machine is now: what has become its own is no peer any more.

        Returns:
            Whether that is another place than before.
        """
        if surroundings == self.users.surroundings:
            return False
        self.users.move(surroundings)
        self.server.policy_changed(None, now)
        return True

    def change(self, rules: TurnRules, peers: Iterable[PeerRule], now: float) -> None:
        """Take over other rules of the operator; what they forbid now ends at once."""
        self.server.change(rules)
        peers = tuple(peers)
        if peers != tuple(self.users.rules):
            self.users.change(peers)
            self.server.policy_changed(None, now)

    def shut_down(self, now: float) -> None:
        """End every allocation."""
        self.server.revoke(lambda _: True, Reason.SHUTTING_DOWN, now)

    def _is_refused(self, allocation: Allocation, tenant: Tenant) -> bool:
        return allocation.tenant is tenant and not self.users.still_knows(
            allocation.identity.username, allocation.identity.signature
        )


def _facts(allocation: Allocation, now: float) -> dict[str, Any]:
    path = allocation.path
    expires = min((each.until for each in allocation.relays), default=now)
    return {
        "id": allocation.id,
        "customer": allocation.tenant.name,
        "user": allocation.subject,
        "client": _text(path.client) if path is not None else None,
        "transport": path.kind.value if path is not None else None,
        "relayed": [_text(each.address) for each in allocation.relays],
        "seconds": round(now - allocation.opened, 1),
        "expires_in": round(max(0.0, expires - now), 1),
        "permissions": sum(until > now for until in allocation.permissions.values()),
        "channels": len(allocation.channels),
        "carried_channels": sum(each.flow is not None for each in allocation.channels.values()),
        "connections": len(allocation.connections) if allocation.connections is not None else 0,
        "mobility": allocation.ticket is not None,
        "sent_packets": allocation.sent_packets,
        "sent_octets": allocation.sent_octets,
        "received_packets": allocation.received_packets,
        "received_octets": allocation.received_octets,
        "carried_packets": allocation.carried_packets,
        "carried_octets": allocation.carried_octets,
    }


def _text(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
