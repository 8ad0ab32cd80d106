"""What the relay remembers of a client.

Thousands of these are in memory and every packet passes two, so they are plain slots: a loop over
packets reads and counts on them directly.
"""

from typing import Any

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.stun.codes import Family
from procall_mobility.protocols.turn.identity import Identity
from procall_mobility.protocols.turn.tenants import Shares

DRAWN_AT_ONCE = 65_536.0
"""Octets an allocation takes from the shared buckets at a time."""


class Channel:
    """A channel binding (RFC 8656 section 12)."""

    __slots__ = (
        "bound_until", "flow", "is_inside", "number", "peer", "relay", "sendto", "until",
    )  # fmt: skip

    def __init__(
        self, number: int, peer: TransportAddress, relay: "Relay", *, is_inside: bool
    ) -> None:
        self.number = number
        self.peer = peer
        self.relay = relay
        self.is_inside = is_inside
        """Whether the peer is the relayed address of another client of ours."""
        self.sendto = None if is_inside else relay.wire.sendto
        """The relay socket's own call, where a loop over packets may use it."""
        self.bound_until = 0.0
        """When the binding expires."""
        self.until = 0.0
        """When data stops: with the binding or with the permission, whichever ends first."""
        self.flow: Any = None
        """What `Flows` keeps here of a channel it carries; None for one that it does not."""


class Relay:
    """One relayed transport address of an allocation."""

    __slots__ = ("address", "allocation", "by_peer", "family", "until", "wire")

    def __init__(
        self, allocation: "Allocation", address: TransportAddress, family: Family, wire: Any
    ) -> None:
        self.allocation = allocation
        self.address = address
        """As peers see it."""
        self.family = family
        self.wire = wire
        """A `RelayWire`."""
        self.until = 0.0
        """When this address expires; the two of a dual allocation may differ."""
        self.by_peer: dict[TransportAddress, Channel] = {}


class Allocation:
    """An allocation (RFC 8656 section 2.2).  Times are monotonic seconds."""

    __slots__ = (
        "alarm", "answered", "carried_octets", "carried_packets", "channels", "connections",
        "id", "identity", "interim_at", "known_peers", "next_path", "opened", "path",
        "peers_left", "peers_since", "permissions", "quiet_until", "received_allowed",
        "received_octets", "received_packets", "relays", "resumed_until", "sent_allowed",
        "sent_octets", "sent_packets", "shares", "source", "subject", "tenant", "ticket",
        "transaction_id",
    )  # fmt: skip

    def __init__(
        self,
        *,
        name: str,
        identity: Identity,
        shares: Shares,
        source: str,
        path: Any,
        transaction_id: bytes,
        now: float,
    ) -> None:
        self.id = name
        self.identity = identity
        """Its user, by the credential shown last."""
        self.tenant = identity.tenant
        self.subject = identity.subject
        self.shares = shares
        self.source = source
        """The address it was counted for; it stays when the client moves."""
        self.path = path
        """A `ClientPath`; None when a mobile client's connection is gone."""
        self.next_path: Any = None
        """Where a mobile client is going to be: it has resumed there, but sent nothing yet."""
        self.resumed_until = 0.0
        """How long that is waited for."""
        self.transaction_id = transaction_id
        self.answered: tuple[tuple[int, bytes], ...] = ()
        """What its Allocate was answered beside addresses and lifetime; most have nothing."""
        self.opened = now
        self.interim_at = 0.0
        self.ticket: bytes | None = None
        self.relays: tuple[Relay, ...] = ()
        self.channels: dict[int, Channel] = {}
        self.permissions: dict[str, float] = {}
        """Peers' hosts, and when the permission expires."""
        self.connections: Any = None
        """A `PeerConnections`, for a TCP allocation (RFC 6062)."""
        self.sent_packets = self.sent_octets = 0
        """From the client to peers."""
        self.received_packets = self.received_octets = 0
        self.carried_packets = self.carried_octets = 0
        """Of both together, what `Flows` has carried."""
        self.sent_allowed = self.received_allowed = 0.0
        """Octets that may be relayed until the shared buckets are asked again."""
        self.peers_left = 0.0
        """How many more new peers it may turn to now (the rate of scans is bounded)."""
        self.peers_since = now
        self.known_peers: set[TransportAddress] | None = None
        """Peers that were sent to without a channel."""
        self.quiet_until = 0.0
        """Until when its client is told of no ICMP error."""
        self.alarm: Any = None
        """Its place among the deadlines; None when it has ended."""

    def relay_of(self, family: Family) -> Relay | None:
        """Return the relayed address of a family."""
        for relay in self.relays:
            if relay.family is family:
                return relay
        return None

    def allows(self, host: str, now: float) -> bool:
        """Tell whether there is a permission for a peer's host."""
        return self.permissions.get(host, 0.0) > now

    def draw_sent(self, now: float) -> bool:
        """Take more from the shared buckets, towards peers; False when they are empty."""
        granted = min(DRAWN_AT_ONCE, *(share.up.holds(now) for share in self.shares))
        for share in self.shares:
            share.up.take(granted)
        self.sent_allowed += granted
        return self.sent_octets <= self.sent_allowed

    def draw_received(self, now: float) -> bool:
        """Take more from the shared buckets, towards the client; False when they are empty."""
        granted = min(DRAWN_AT_ONCE, *(share.down.holds(now) for share in self.shares))
        for share in self.shares:
            share.down.take(granted)
        self.received_allowed += granted
        return self.received_octets <= self.received_allowed
