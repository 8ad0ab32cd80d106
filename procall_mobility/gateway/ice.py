"""STUN/TURN servers for customers' servers, which hand them on to their clients (Wire 6.2)."""

import base64
import datetime
import hashlib
import hmac
from collections.abc import Callable

from attrs import field, frozen

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.turn_users import TurnUsers
from procall_mobility.protocols.turn.tenants import SHARED_SUBJECT
from procall_mobility.protocols.ucserver.registration import Capability

TURN_CAPABILITY = "asnWebServiceCapabilityTypeTurn"


@frozen(kw_only=True)
class IceServer:
    """One entry: addresses, and a shared secret, a fixed user, or neither (STUN)."""

    urls: tuple[str, ...]
    secret: bytes | None = field(default=None, repr=False)
    """Makes credentials after draft-uberti-behave-turn-rest-00."""
    username: str | None = None
    credential: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class OwnRelay:
    """Our own relay."""

    urls: tuple[str, ...]
    users: TurnUsers


@frozen(kw_only=True)
class IceIssuer:
    """Issues the configured servers with credentials that last `ttl` seconds."""

    servers: tuple[IceServer, ...]
    """Those of others."""
    own: OwnRelay | None = None
    ttl: int
    wall_clock: Callable[[], float]
    """Unix time in seconds."""
    capability: str = TURN_CAPABILITY
    """The text is not published (A-28)."""

    def is_available(self, customer: Customer) -> bool:
        """Whether this customer gets any."""
        return customer.switches.turn and bool(self.servers or self.own)

    def capabilities(self, customer: Customer) -> tuple[Capability, ...]:
        """Return what a registering server is told (Wire 5.3)."""
        return (Capability(kind=self.capability, value=int(self.is_available(customer))),)

    def issue(self, customer: Customer) -> dict[str, object] | None:
        """Return the result of asnWebGetIceServersV2; None when there is nothing to be had."""
        if not customer.switches.turn:
            return None
        expiry = int(self.wall_clock()) + self.ttl
        valid_to = datetime.datetime.fromtimestamp(expiry, datetime.UTC)
        entries = [self._entry(server, customer, expiry) for server in self.servers]
        if self.own is not None:
            entries[:0] = _own_entries(self.own, customer, self.ttl)
        if not entries:
            return None
        return {
            "_type": "AsnWebGetIceServersResult",
            "iceServers": entries,
            "stValidTo": valid_to.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "iTTL": self.ttl,
        }

    def _entry(self, server: IceServer, customer: Customer, expiry: int) -> dict[str, object]:
        entry: dict[str, object] = {"urls": list(server.urls)}
        if server.secret is not None:
            username = f"{expiry}:{customer.ucsid}:{SHARED_SUBJECT}"
            # The draft fixes SHA-1; as an HMAC it is not weakened by collisions.
            digest = hmac.new(server.secret, username.encode(), hashlib.sha1).digest()
            entry["username"] = username
            entry["credential"] = base64.b64encode(digest).decode()
        elif server.username is not None:
            entry["username"] = server.username
            entry["credential"] = server.credential or ""
        return entry


def _own_entries(own: OwnRelay, customer: Customer, ttl: int) -> list[dict[str, object]]:
    """Return our relay: those of its addresses that need no credential stand apart (Wire 6.2)."""
    try:
        credential = own.users.issue(customer, SHARED_SUBJECT, ttl)
    except ValueError:
        return []  # It has been switched off since, or there is no secret and none to be made.
    stun = [url for url in own.urls if url.startswith("stun")]
    turn = [url for url in own.urls if not url.startswith("stun")]
    entries: list[dict[str, object]] = [{"urls": stun}] if stun else []
    if turn:
        told = {"username": credential.username, "credential": credential.password}
        entries.append({"urls": turn, **told})
    return entries
