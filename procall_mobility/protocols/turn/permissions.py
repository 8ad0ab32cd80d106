"""CreatePermission and ChannelBind (RFC 8656 sections 10.2 and 12.2)."""

from procall_mobility.protocols.stun.addresses import TransportAddress, family_of
from procall_mobility.protocols.stun.codes import Attribute, Code
from procall_mobility.protocols.turn.allocation import Allocation, Channel, Relay
from procall_mobility.protocols.turn.allocations import Allocations
from procall_mobility.protocols.turn.peers import Verdict
from procall_mobility.protocols.turn.refusal import Refusal
from procall_mobility.protocols.turn.request import Answer, Request
from procall_mobility.protocols.turn.rules import (
    CHANNEL_GUARD,
    CHANNEL_LIFETIME,
    PERMISSION_LIFETIME,
)

FIRST_CHANNEL, LAST_CHANNEL = 0x4000, 0x4FFF
"""RFC 8656 section 12."""

OLD_LAST_CHANNEL = 0x7FFF
"""RFC 5766 section 11; later the first octets of other protocols were put there (RFC 7983)."""


def create_permission(request: Request, allocations: Allocations) -> Answer:
    """Install permissions for all peers named, or for none.

    Raises:
        Refusal: 400, 403, 437, 443, 508.
    """
    allocation = request.needed_allocation()
    hosts = dict.fromkeys(peer[0] for peer in _peers_of_ours(request, allocation))
    for host in hosts:
        judge(allocation, allocations, host)
    _make_room(allocation, allocations, set(hosts), request.now)
    for host in hosts:
        permit(allocation, allocations, host, request.now)
    return ()


def channel_bind(request: Request, allocations: Allocations) -> Answer:
    """Bind a channel to a peer, or prolong a binding.

    Raises:
        Refusal: 400, 403, 437, 443, 508.
    """
    allocation = request.needed_allocation()
    now = request.now
    value = request.number(Attribute.CHANNEL_NUMBER, 4)
    if allocation.connections is not None:
        raise Refusal(Code.FORBIDDEN)  # RFC 6062 knows no channels.
    peer = _peers_of_ours(request, allocation)[0]
    last = OLD_LAST_CHANNEL if allocations.rules.old_channels else LAST_CHANNEL
    if value is None or not FIRST_CHANNEL <= value >> 16 <= last or not peer[1]:
        raise Refusal(Code.BAD_REQUEST)
    number = value >> 16
    relay = relay_towards(allocation, peer)
    channel = allocation.channels.get(number)
    if channel is not None and channel.peer != peer:
        if channel.bound_until + CHANNEL_GUARD > now:
            raise Refusal(Code.BAD_REQUEST)
        unbind(channel, allocations)
        channel = None
    other = relay.by_peer.get(peer)
    if other is not None and other is not channel:
        if other.bound_until + CHANNEL_GUARD > now:
            raise Refusal(Code.BAD_REQUEST)
        unbind(other, allocations)
    verdict = judge(allocation, allocations, peer[0], peer[1])
    if verdict is Verdict.INSIDE and allocations.addresses.inside(peer) is None:
        allocations.counters["peer-denied:inside"] += 1
        raise Refusal(Code.FORBIDDEN)
    if channel is None:
        _make_room(allocation, allocations, {peer[0]}, now)
        _make_channel_room(allocation, allocations, now)
        channel = Channel(number, peer, relay, is_inside=verdict is Verdict.INSIDE)
        allocation.channels[number] = channel
        relay.by_peer[peer] = channel
    channel.bound_until = now + CHANNEL_LIFETIME
    permit(allocation, allocations, peer[0], now)
    return ()


def permit(allocation: Allocation, allocations: Allocations, host: str, now: float) -> None:
    """Install or prolong the permission for a host; its channels live on with it."""
    until = now + PERMISSION_LIFETIME
    allocation.permissions[host] = until
    prolonged = [each for each in allocation.channels.values() if each.peer[0] == host]
    for channel in prolonged:
        channel.until = min(until, channel.bound_until)
    allocations.carry(prolonged, now)


def unbind(channel: Channel, allocations: Allocations) -> None:
    """Forget a channel."""
    allocations.flows.drop(channel)
    del channel.relay.allocation.channels[channel.number]
    del channel.relay.by_peer[channel.peer]


def review(allocation: Allocation, allocations: Allocations) -> None:
    """Take away what the customer's policy allows no longer."""
    policy, is_tcp = allocation.tenant.policy, allocation.connections is not None
    for channel in list(allocation.channels.values()):
        if not policy.judge(channel.peer[0], channel.peer[1]).is_good:
            unbind(channel, allocations)
            allocations.counters["revoked-by-policy"] += 1
    for host in list(allocation.permissions):
        if not policy.judge(host, tcp=is_tcp).is_good:
            del allocation.permissions[host]
            allocations.counters["revoked-by-policy"] += 1
    allocation.known_peers = None


def _peers_of_ours(request: Request, allocation: Allocation) -> list[TransportAddress]:
    """Return the peers; each is of a family the allocation has."""
    peers = request.peers()
    for peer in peers:
        relay_towards(allocation, peer)
    return peers


def relay_towards(allocation: Allocation, peer: TransportAddress) -> Relay:
    """Return the allocation's relay of a peer's family.

    Raises:
        Refusal: 443.
    """
    # An IPv4 peer in IPv6 clothes is one of IPv4 and of no family we relay (RFC 8656 section 5).
    relay = allocation.relay_of(family_of(peer))
    is_mapped = peer[0].startswith("::ffff:") and "." in peer[0]
    if relay is None or is_mapped:
        raise Refusal(Code.PEER_ADDRESS_FAMILY_MISMATCH)
    return relay


def judge(
    allocation: Allocation, allocations: Allocations, host: str, port: int | None = None
) -> Verdict:
    """Return what the customer's policy says of a peer.

    Raises:
        Refusal: 403.
    """
    verdict = allocation.tenant.policy.judge(host, port, tcp=allocation.connections is not None)
    if not verdict.is_good:
        allocations.counters[f"peer-denied:{verdict.value}"] += 1
        raise Refusal(Code.FORBIDDEN)
    return verdict


def _make_room(
    allocation: Allocation, allocations: Allocations, hosts: set[str], now: float
) -> None:
    """See that new permissions fit; those that exist may always be prolonged."""
    permissions = allocation.permissions
    new = len(hosts - permissions.keys())
    if new and len(permissions) + new > allocations.rules.permissions:
        for host in [each for each, until in permissions.items() if until <= now]:
            del permissions[host]
        new = len(hosts - permissions.keys())
        if new and len(permissions) + new > allocations.rules.permissions:
            # No call has so many peers.
            allocations.book.scanning(allocation, now)
            raise Refusal(Code.INSUFFICIENT_CAPACITY)
    if new and not turn_to(allocation, allocations, new, now):
        raise Refusal(Code.INSUFFICIENT_CAPACITY)


def turn_to(allocation: Allocation, allocations: Allocations, new: int, now: float) -> bool:
    """Count peers never turned to before; False when there are more than calls need (a scan)."""
    rules = allocations.rules
    grown = (now - allocation.peers_since) * rules.new_peers_per_second
    allocation.peers_left = min(float(rules.permissions), allocation.peers_left + max(0.0, grown))
    allocation.peers_since = now
    if allocation.peers_left < new:
        allocations.counters["too-many-new-peers"] += 1
        allocations.book.scanning(allocation, now)
        return False
    allocation.peers_left -= new
    return True


def _make_channel_room(allocation: Allocation, allocations: Allocations, now: float) -> None:
    channels = allocation.channels
    if len(channels) >= allocations.rules.channels:
        for channel in [
            each for each in channels.values() if each.bound_until + CHANNEL_GUARD <= now
        ]:
            unbind(channel, allocations)
        if len(channels) >= allocations.rules.channels:
            raise Refusal(Code.INSUFFICIENT_CAPACITY)
