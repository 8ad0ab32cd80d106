"""What the kernel has to be told of a channel."""

import socket
from typing import Final

from attrs import frozen

from procall_mobility.datapath.layout import (
    FLOW4,
    FLOW6,
    INSIDE,
    KEY4,
    KEY6,
    LARGEST_MTU,
)
from procall_mobility.datapath.ports import Route, Routing
from procall_mobility.protocols.turn.allocation import Channel
from procall_mobility.protocols.turn.ports import Transport

NOT_UDP, MIXED_FAMILIES, LINK_LOCAL = "not-udp", "mixed-families", "link-local"
NO_WAY: Final = "no-way"
"""Reasons to leave a channel to us."""

_NOWHERE: Final = Route(0, LARGEST_MTU, b"")
"""Between clients of ours nothing is sent to a peer, but at once to the other client."""

_UNSPECIFIED: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  # Not to listen there.


@frozen
class Plan:
    """Keys and flows of both directions of a channel."""

    is_ipv6: bool
    keys: tuple[bytes, bytes]
    """Of the client's ChannelData, and of the peer's datagrams."""
    _to_peer: tuple[bytes, bytes, int, int, int, int, int]
    _to_client: tuple[bytes, bytes, int, int, int, int, int]
    _flags: int

    def values(self, expires: int, slot: int) -> tuple[bytes, bytes]:
        """Return the flows, until a nanosecond and for the account of a slot."""
        pack = FLOW6.pack if self.is_ipv6 else FLOW4.pack
        return (
            pack(expires, *self._to_peer, slot, self._flags, 0),
            pack(expires, *self._to_client, slot, 0, 0),
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
    if any((*client[3:], *peer[3:])):
        return LINK_LOCAL
    # Between clients of ours addresses are those they know each other by; nothing is on a wire.
    own = relay.address if channel.is_inside else relay.wire.address
    family = socket.AF_INET6 if is_ipv6 else socket.AF_INET
    client_host = socket.inet_pton(family, client[0])
    peer_host = socket.inet_pton(family, peer[0])
    own_host = socket.inet_pton(family, own[0])
    at = None if server[0] in _UNSPECIFIED else socket.inet_pton(family, server[0])
    to_client = routing.find(client_host, at, now)
    to_peer = _NOWHERE if channel.is_inside else routing.find(peer_host, own_host, now)
    if to_client is None or to_peer is None:
        return NO_WAY
    # A client that sent to a wildcard is answered from the address that leads back to it.
    at = at or to_client.source
    key = KEY6.pack if is_ipv6 else KEY4.pack
    swap = socket.htons
    own_port, peer_port, number = swap(own[1]), swap(peer[1]), swap(channel.number)
    client_port, server_port = swap(client[1]), swap(server[1])
    return Plan(
        is_ipv6,
        (
            key(client_host, at, client[1], server[1], channel.number, 0),
            key(peer_host, own_host, peer[1], own[1], 0, 0),
        ),
        (own_host, peer_host, own_port, peer_port, 0, to_peer.mtu, to_peer.ifindex),
        (at, client_host, server_port, client_port, number, to_client.mtu, to_client.ifindex),
        INSIDE if channel.is_inside else 0,
    )
