"""The relay as operators see it: who uses it, and how to end that."""

from collections.abc import Callable
from typing import Any

from attrs import define

from procall_mobility.gateway.customers import normalized
from procall_mobility.gateway.turn_users import TurnUsers
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.server import TurnServer


@define(eq=False)
class Media:
    """The relay with its users."""

    server: TurnServer
    users: TurnUsers

    def sessions(self, now: float) -> list[dict[str, Any]]:
        """Return a readable account of every allocation; times are seconds."""
        return [_facts(each, now) for each in self.server.allocations]

    def counters(self) -> dict[str, int]:
        """Return what happened how often, and how much of everything there is."""
        allocations = self.server.allocations
        return {"allocations": len(allocations), **sorted_counters(allocations.counters)}

    def revoke(self, target: str, now: float) -> int:
        """End what belongs to a customer (`acme`), a user (`acme:alice`) or an allocation's id.

        A user's credentials are good for nothing from now on; a customer's are until its secret
        is rotated.

        Returns:
            How many allocations have ended.
        """
        is_meant: Callable[[Allocation], bool]
        ucsid, colon, subject = target.partition(":")
        ucsid = normalized(ucsid)
        if colon:
            self.users.revoke(ucsid, subject)

            def is_meant(each: Allocation) -> bool:
                return (each.tenant.name, each.subject) == (ucsid, subject)
        else:

            def is_meant(each: Allocation) -> bool:
                return ucsid in (each.tenant.name, each.id)

        return self.server.revoke(is_meant, "revoked", now)

    def customer_changed(self, ucsid: str, now: float) -> None:
        """Take a change of a customer over at once: its rules, secrets, switches or end."""
        tenant = self.users.renew(ucsid)
        if tenant is not None:
            self.server.policy_changed(tenant)
        elif self.users.is_gone(ucsid):
            self.server.revoke(lambda each: each.tenant.name == ucsid, "customer-disabled", now)

    def shut_down(self, now: float) -> None:
        """End every allocation."""
        self.server.revoke(lambda _: True, "shutting-down", now)


def sorted_counters(counters: dict[str, int]) -> dict[str, int]:
    """Return counters by name."""
    return dict(sorted(counters.items()))


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
        "connections": len(allocation.connections) if allocation.connections is not None else 0,
        "mobility": allocation.ticket is not None,
        "sent_packets": allocation.sent_packets,
        "sent_octets": allocation.sent_octets,
        "received_packets": allocation.received_packets,
        "received_octets": allocation.received_octets,
    }


def _text(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
