"""Data on its way: Send and Data indications, ChannelData, and relays that face each other.

These are the general ways.  A loop over datagrams takes short cuts for bound channels, and comes
here for everything else (`transports/turn`).
"""

import struct

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.addresses import (
    TransportAddress,
    decode_xor_address,
    encode_xor_address,
    family_of,
)
from procall_mobility.protocols.stun.codes import Attribute, Class, Family, Method
from procall_mobility.protocols.stun.message import Message, build
from procall_mobility.protocols.turn.allocation import Allocation, Channel, Relay
from procall_mobility.protocols.turn.allocations import Allocations
from procall_mobility.protocols.turn.peers import Verdict
from procall_mobility.protocols.turn.permissions import turn_to

MOST_KNOWN_PEERS = 1024
"""Peers of one allocation that are remembered as known; more of them at once is no call."""

MOST_DATA = 65_504
"""Octets of data in an indication, beside an IPv6 address; a message's length has 16 bits."""

ICMP_TYPES = {Family.IPV4: ((3, 11), (3, 4)), Family.IPV6: ((1, 2, 3), (2, 0))}
"""The types clients are told of (RFC 8656 section 11.5), and type and code that bring an MTU."""

ICMP_EVERY = 0.1
"""Seconds between them; a peer that has gone answers every datagram with one."""

_CHANNEL_DATA = struct.Struct("!HH")


class Relaying:
    """Passes data on, within permissions and bounds."""

    def __init__(self, allocations: Allocations) -> None:
        self._allocations = allocations
        self._counters = allocations.counters

    def send_indication(self, message: Message, allocation: Allocation, now: float) -> None:
        """Relay a Send indication (RFC 8656 section 11.2); whatever is wrong, nothing is said."""
        value, data = message.get(Attribute.XOR_PEER_ADDRESS), message.get(Attribute.DATA)
        if (
            message.unknown()
            or value is None
            or data is None
            or allocation.connections is not None
        ):
            self._counters["send-dropped"] += 1
            return
        try:
            peer = decode_xor_address(value, message.transaction_id)
        except PeerError:
            self._counters["send-dropped"] += 1
            return
        relay = allocation.relay_of(family_of(peer))
        if relay is None or not peer[1] or not allocation.allows(peer[0], now):
            self._counters["no-permission"] += 1
            return
        if self._may_turn_to(allocation, peer, now):
            wanted = message.get(Attribute.DONT_FRAGMENT) is not None
            dont_fragment = wanted and _may_set_df(relay)
            self._to_peer(relay, peer, data, now, dont_fragment=dont_fragment)

    def channel_data(self, data: bytes, allocation: Allocation, now: float) -> None:
        """Relay ChannelData with its header (RFC 8656 section 12.6)."""
        if len(data) < 4:
            self._counters["channel-dropped"] += 1
            return
        number, size = _CHANNEL_DATA.unpack_from(data)
        channel = allocation.channels.get(number)
        if channel is None or channel.until <= now or size + 4 > len(data):
            self._counters["channel-dropped"] += 1
            return
        if channel.flow is not None:
            self._allocations.flows.spent(allocation, now)
        self._to_peer(channel.relay, channel.peer, data[4 : 4 + size], now)

    def from_peer(
        self, relay: Relay, data: bytes | memoryview, peer: TransportAddress, now: float
    ) -> None:
        """Relay what a peer sent to a relayed address (RFC 8656 sections 11.3 and 12.7)."""
        allocation = relay.allocation
        path = allocation.path
        if path is None or not allocation.allows(peer[0], now):
            self._counters["no-permission"] += 1
            return
        channel = relay.by_peer.get(peer)
        if channel is not None and channel.until <= now:
            channel = None
        if channel is None:
            if not self._may_hear_of(allocation, peer, len(data)):
                return
        elif channel.flow is not None:
            self._allocations.flows.spent(allocation, now)
        allocation.received_octets += len(data)
        if allocation.received_octets > allocation.received_allowed and not (
            allocation.draw_received(now)
        ):
            allocation.received_octets -= len(data)
            self._counters["over-rate"] += 1
            return
        allocation.received_packets += 1
        if channel is not None:
            path.send(self.framed(channel, data, padded=path.kind.is_stream))
            return
        transaction_id = self._allocations.dice(12)
        xored = encode_xor_address(peer, transaction_id)
        attributes = ((Attribute.XOR_PEER_ADDRESS, xored), (Attribute.DATA, bytes(data)))
        path.send(build(Method.DATA, Class.INDICATION, transaction_id, attributes))

    def icmp(
        self, relay: Relay, peer: TransportAddress, kind: int, code: int, info: int, now: float
    ) -> None:
        """Tell the client of an ICMP error about a datagram of its own (RFC 8656 section 11.5)."""
        allocation = relay.allocation
        path = allocation.path
        if path is None or not allocation.allows(peer[0], now):
            return
        known, too_big = ICMP_TYPES[relay.family]
        if kind not in known or allocation.quiet_until > now:
            return
        allocation.quiet_until = now + ICMP_EVERY
        transaction_id = self._allocations.dice(12)
        # Seven bits of type, nine of code; the MTU only where there is one (section 18.13).
        mtu = info if (kind, code) == too_big else 0
        value = bytes(2) + (kind << 9 | code).to_bytes(2) + mtu.to_bytes(4)
        attributes = (
            (Attribute.XOR_PEER_ADDRESS, encode_xor_address(peer, transaction_id)),
            (Attribute.ICMP, value),
        )
        path.send(build(Method.DATA, Class.INDICATION, transaction_id, attributes))

    def inside(self, channel: Channel, data: bytes | memoryview, now: float) -> None:
        """Relay to another client of ours on a bound channel; what is sent is counted before."""
        target = self._allocations.addresses.inside(channel.peer)
        if target is None:
            self._counters["inside-dropped"] += 1
            return
        self.from_peer(target, data, channel.relay.address, now)

    @staticmethod
    def framed(channel: Channel, data: bytes | memoryview, *, padded: bool) -> bytes:
        """Return ChannelData; over a stream it is padded to a multiple of four with zeros."""
        size = len(data)
        padding = bytes(-size & 3) if padded else b""
        return b"".join((_CHANNEL_DATA.pack(channel.number, size), data, padding))

    def _to_peer(
        self,
        relay: Relay,
        peer: TransportAddress,
        data: bytes,
        now: float,
        *,
        dont_fragment: bool = False,
    ) -> None:
        allocation = relay.allocation
        allocation.sent_octets += len(data)
        if allocation.sent_octets > allocation.sent_allowed and not allocation.draw_sent(now):
            allocation.sent_octets -= len(data)
            self._counters["over-rate"] += 1
            return
        allocation.sent_packets += 1
        target = self._allocations.addresses.inside(peer)
        if target is not None:
            self.from_peer(target, data, relay.address, now)
        elif allocation.tenant.policy.is_inside(peer[0]) and (
            allocation.tenant.policy.judge(peer[0], peer[1]) is not Verdict.ALLOWED
        ):
            self._counters["inside-dropped"] += 1
        else:
            relay.wire.send(data, peer, dont_fragment=dont_fragment)

    def _may_hear_of(self, allocation: Allocation, peer: TransportAddress, size: int) -> bool:
        """Judge the port of a peer that speaks first; one that was sent to has been judged."""
        if size > MOST_DATA:
            self._counters["too-large"] += 1
            return False
        if allocation.known_peers is not None and peer in allocation.known_peers:
            return True
        return self._is_good(allocation, peer)

    def _may_turn_to(self, allocation: Allocation, peer: TransportAddress, now: float) -> bool:
        """Judge a peer's port, which its permission said nothing about."""
        known = allocation.known_peers
        if known is None:
            known = allocation.known_peers = set()
        if peer in known:
            return True
        if not self._is_good(allocation, peer):
            return False
        # The first peer of a permission is counted with it.
        if known and not turn_to(allocation, self._allocations, 1, now):
            return False
        if len(known) >= MOST_KNOWN_PEERS:
            known.clear()
        known.add(peer)
        return True

    def _is_good(self, allocation: Allocation, peer: TransportAddress) -> bool:
        verdict = allocation.tenant.policy.judge(peer[0], peer[1])
        if not verdict.is_good:
            self._counters[f"peer-denied:{verdict.value}"] += 1
        return verdict.is_good


def _may_set_df(relay: Relay) -> bool:
    """RFC 8656 sections 13 to 15: not between datagrams of which one is of IPv6."""
    path = relay.allocation.path
    is_ipv4 = family_of(path.client) is relay.family is Family.IPV4
    return is_ipv4 or bool(path.kind.is_stream)
