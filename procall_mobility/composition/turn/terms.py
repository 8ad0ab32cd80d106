"""Hands the relay's settings on, and where this machine is: what may change while calls go on."""

from collections.abc import Sequence
from ipaddress import IPv6Network, ip_address

import attrs
from attrs.filters import exclude

from procall_mobility.config import Settings
from procall_mobility.config.turn_settings import Turn
from procall_mobility.datapath.kernel import Sizes
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.peers import Surroundings
from procall_mobility.protocols.turn.relay_addresses import RelayHost
from procall_mobility.protocols.turn.rules import TurnRules
from procall_mobility.transports.own_addresses import own_addresses, resolvers


def turn_rules(turn: Turn) -> TurnRules:
    """Return the bounds of the relay."""
    return TurnRules(
        lifetime=turn.lifetime,
        longest_lifetime=turn.longest_lifetime,
        mobility=turn.mobility,
        tcp_relay=turn.tcp_relay,
        md5=turn.md5,
        old_channels=turn.old_channels,
        **attrs.asdict(turn.limits, filter=exclude("kernel_channels")),
    )


def peer_rules(turn: Turn) -> list[PeerRule]:
    """Return which peers every customer may reach, and which none."""
    return [
        *(PeerRule.parse(each) for each in turn.peers.allow),
        *(PeerRule.parse(each, allow=False) for each in turn.peers.deny),
    ]


def kernel_sizes(turn: Turn) -> Sizes:
    """Return how much the kernel is to have room for."""
    channels = turn.limits.kernel_channels
    # Whoever has no channel in the kernel needs no account there.
    return Sizes(channels=channels, allocations=min(channels, turn.limits.allocations))


def surroundings_of(settings: Settings, hosts: Sequence[RelayHost]) -> Surroundings:
    """Say where we are, so that nobody reaches our own services by way of the relay.

    Raises:
        OSError: this machine's addresses cannot be told.
    """
    turn, listen = settings.turn, settings.listen
    listeners = [
        *(listen.tls + listen.http + listen.link + settings.admin.http),
        *(turn.udp + turn.tcp + turn.tls + turn.dtls),
    ]
    services = {port for _, port in listeners}
    if turn.alternate:
        services |= {port + 1 for _, port in turn.udp}
    ours = {*own_addresses(), *(host for host, _ in listeners), turn.alternate}
    for each in hosts:
        ours |= {each.host, each.seen_as}
    return Surroundings(
        relay_hosts=frozenset(each.seen_as for each in hosts),
        own_hosts=frozenset(each for each in ours if each and not ip_address(each).is_unspecified),
        services=frozenset(services),
        resolvers=frozenset(resolvers()),
        nat64=tuple(map(IPv6Network, turn.peers.nat64)),
    )


def nat_pair(mapping: str) -> tuple[str, str]:
    """Return the addresses of a relay inside and outside a 1:1 NAT."""
    inside, _, outside = mapping.partition("=")
    return inside, outside
