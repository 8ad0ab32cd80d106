"""What the kernel has to be told of a channel."""

import socket
import struct
from typing import Any, Final, NamedTuple

from procall_mobility.datapath.layout import FLOW4, FLOW6, INSIDE, KEY4, KEY6, LARGEST_MTU, key_sum
from procall_mobility.datapath.ports import Route, Routing
from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.turn.allocation import Channel
from procall_mobility.protocols.turn.ports import Transport

NOT_UDP, MIXED_FAMILIES, LINK_LOCAL = "not-udp", "mixed-families", "link-local"
NO_WAY: Final = "no-way"
"""Reasons to leave a channel to us."""

EXPIRES: Final = struct.Struct("=Q")
"""How a flow begins; the rest of it stays as long as the client's path and the routes."""

_AT_ONCE: Final = Route(0, LARGEST_MTU, b"")
"""The way to another client of ours: its own channel says where it is."""

_UNSPECIFIED: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  # Not to listen there.

_Question = tuple[bytes, bytes | None]


class Plan(NamedTuple):
    """Keys and flows of both directions of a channel: towards the peer, and towards the client."""

    is_ipv6: bool
    keys: tuple[bytes, bytes]
    path: Any
    flows: tuple[tuple[Any, ...], tuple[Any, ...]]
    """But for when they expire, and who pays."""
    flags: int
    questions: tuple[_Question | None, _Question]
    """What was asked about routes."""
    routes: tuple[Route, Route]

    def rests(self, slot: int) -> tuple[bytes, bytes]:
        """Return the flows without `EXPIRES`, for the account of a slot."""
        pack = FLOW6.pack if self.is_ipv6 else FLOW4.pack
        to_peer, to_client = self.flows
        size = EXPIRES.size
        up, down = map(key_sum, self.keys)
        one, other = map(_next_hop, self.routes)
        return (
            pack(0, *to_peer, slot, self.flags, up, *one)[size:],
            pack(0, *to_client, slot, 0, down, *other)[size:],
        )

    def stands(self, channel: Channel, routing: Routing, now: float) -> bool:
        """Tell whether the client's path and the routes are the same still."""
        if channel.relay.allocation.path is not self.path:
            return False
        (to_peer, to_client), routes = self.questions, self.routes
        return routing.find(*to_client, now) == routes[1] and (
            to_peer is None or routing.find(*to_peer, now) == routes[0]
        )


def plan(channel: Channel, routing: Routing, now: float) -> Plan | str:
    """Return what to tell the kernel of a channel whose client has a path; or why nothing."""
    relay, peer = channel.relay, channel.peer
    path = relay.allocation.path
    if path.kind is not Transport.UDP:
        return NOT_UDP
    client, server = path.client, path.server
    is_ipv6 = len(peer) == 4
    if len(client) != len(peer):
        return MIXED_FAMILIES
    if is_ipv6 and (client[-1] or peer[-1]):
        return LINK_LOCAL
    # Clients of ours know each other's relays by these addresses; nothing of it is on a wire.
    own = relay.address if channel.is_inside else relay.wire.address
    at_client, at_peer = _packed(client), _packed(peer)
    at_server, at_relay = _unless_wildcard(server), _unless_wildcard(own)
    to_client = routing.find(at_client, at_server, now)
    to_peer = _AT_ONCE if channel.is_inside else routing.find(at_peer, at_relay, now)
    if to_client is None or to_peer is None:
        return NO_WAY
    questions = None if channel.is_inside else (at_peer, at_relay), (at_client, at_server)
    # What a socket of a wildcard sends comes from the address that leads to whom it is for.
    at_server = at_server or to_client.source
    at_own = at_relay or to_peer.source or _packed(own)
    swap = socket.htons
    key = KEY6.pack if is_ipv6 else KEY4.pack
    flags = INSIDE if channel.is_inside else 0
    up = (at_own, at_peer, swap(own[1]), swap(peer[1]), 0)
    down = (at_server, at_client, swap(server[1]), swap(client[1]), swap(channel.number))
    return Plan(
        is_ipv6,
        (
            key(at_client, at_server, client[1], server[1], channel.number, 0),
            key(at_peer, at_own, peer[1], own[1], 0, flags),
        ),
        path,
        ((*up, to_peer.mtu, to_peer.ifindex), (*down, to_client.mtu, to_client.ifindex)),
        flags,
        questions,
        (to_peer, to_client),
    )


def _next_hop(route: Route) -> tuple[int, bytes, int]:
    """Return how a flow ends."""
    if not route.hop:
        return 0, b"", 0
    return socket.AF_INET if len(route.hop) == 4 else socket.AF_INET6, route.hop, 0


def _unless_wildcard(address: TransportAddress) -> bytes | None:
    return None if address[0] in _UNSPECIFIED else _packed(address)


def _packed(address: TransportAddress) -> bytes:
    family = socket.AF_INET6 if len(address) == 4 else socket.AF_INET
    return socket.inet_pton(family, address[0])
