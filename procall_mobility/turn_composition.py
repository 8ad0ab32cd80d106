"""Puts the STUN/TURN relay together: its machine, its users, its sockets."""

import os
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import IPv6Network, ip_address
from typing import Any

import attrs
from attrs import define, frozen
from attrs.filters import exclude

from procall_mobility.config import Settings
from procall_mobility.config.turn_settings import Turn
from procall_mobility.datapath.kernel import Sizes
from procall_mobility.gateway.ice import OwnRelay
from procall_mobility.gateway.media import Media
from procall_mobility.gateway.ports import AccessBook, Customers, TurnSecrets
from procall_mobility.gateway.turn_book import TurnBook
from procall_mobility.gateway.turn_users import TurnUsers
from procall_mobility.protocols.turn.allocations import Allocations, Newcomers
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.peers import Surroundings
from procall_mobility.protocols.turn.port_pool import PortPool
from procall_mobility.protocols.turn.relay_addresses import RelayAddresses, RelayHost
from procall_mobility.protocols.turn.rules import TurnRules
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.told import turn_realm, turn_urls
from procall_mobility.transports.callers import Peer, Refused
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.own_addresses import (
    leading_addresses,
    own_addresses,
    resolvers,
    spelled_out,
)
from procall_mobility.transports.passed import Passed
from procall_mobility.transports.pump import AlarmClock, Household, Now
from procall_mobility.transports.turn.datagram_port import DatagramPort
from procall_mobility.transports.turn.dtls_listener import DtlsListener
from procall_mobility.transports.turn.hub import DatagramHub
from procall_mobility.transports.turn.nat_discovery import discovery_listeners, in_company
from procall_mobility.transports.turn.relay_sockets import HostSockets
from procall_mobility.transports.turn.stream import StreamServices, TurnStream
from procall_mobility.transports.turn.udp_listener import RECEIVE_BUFFER, UdpListener
from procall_mobility.turn_datapath import Datapath, open_datapath
from procall_mobility.turn_ports import TurnPorts, named

KEY_SIZE = 32
"""Octets; a restarted daemon has other keys, and its clients ask once more."""


@define(kw_only=True, eq=False)
class TurnRelay:
    """The relay, ready to be started."""

    settings: Settings
    """In force; `change` takes others over."""
    media: Media
    hosts: Sequence[RelayHost]
    """Where relays are opened."""
    hub: DatagramHub
    alarm: AlarmClock
    datapath: Datapath
    udp: TurnPorts
    stream: Callable[[Peer], TurnStream]
    """Makes the protocol of a client that comes by TCP or TLS."""
    now: Now

    def start(self) -> None:
        """Begin to relay; listening is another thing."""
        self.datapath.start()
        self.hub.start()

    def look_around(self) -> bool:
        """Take over addresses and resolvers that this machine has got or lost.

        Returns:
            Whether there are any.

        Raises:
            OSError: it cannot be told; all stays as it was.
        """
        self.udp.tidy()
        return self.media.moved(_surroundings(self.settings, self.hosts), self.now())

    @property
    def ports(self) -> list[DatagramPort]:
        """Return where clients come by UDP and DTLS."""
        return self.udp.listeners

    def own(self, settings: Settings) -> OwnRelay:
        """Return what clients are told of it."""
        urls = turn_urls(settings, [each.seen_as for each in self.hosts])
        return OwnRelay(urls=urls, users=self.media.users)

    def change(self, settings: Settings) -> None:
        """Go by other settings from now on, as far as they may change; call `look_around` then."""
        self.settings = settings
        self.media.users.longest_ttl = settings.ice.ttl
        self.media.change(_rules(settings.turn), _peer_rules(settings.turn), self.now())

    def turn_away(self) -> None:
        """Take no new clients; those who are relayed go on."""
        self.media.server.allocations.newcomers = Newcomers.REFUSED

    def part(self) -> None:
        """Leave new clients to the process that has our sockets, too; the others go on."""
        self.media.server.allocations.newcomers = Newcomers.ELSEWHERE
        for port in self.ports:
            port.part(self.hub)

    def stop(self, now: float) -> None:
        """End every allocation and relay no more."""
        self.media.shut_down(now)
        self.alarm.stop()
        self.datapath.stop()
        self.udp.stop()
        self.hub.stop()


@frozen(kw_only=True)
class Neighbours:
    """What the relay needs of the rest of the house."""

    customers: Customers
    secrets: TurnSecrets
    book: AccessBook
    connections: Connections
    certificate: Certificate | None
    """Needed for DTLS only."""
    refused: Refused


def compose_relay(
    settings: Settings,
    neighbours: Neighbours,
    household: Household,
    reactor: Any,
    passed: Passed | None = None,
) -> TurnRelay:
    """Make the relay; its clients' sockets may have been passed to us.

    Raises:
        CannotCarry: the kernel cannot relay, and is told to.
    """
    turn = settings.turn
    passed = passed or Passed()
    outside = dict(_pair(each) for each in turn.external)
    hosts = [
        RelayHost(
            host=host,
            seen_as=outside.get(host, host),
            ports=PortPool(*turn.ports, secrets.randbelow),
        )
        for host in turn.relay or leading_addresses()
    ]
    users = TurnUsers(
        customers=neighbours.customers,
        secrets=neighbours.secrets,
        rules=_peer_rules(turn),
        surroundings=_surroundings(settings, hosts),
        realm=turn_realm(settings),
        wall_clock=time.time,
        longest_ttl=settings.ice.ttl,
    )
    places = list(spelled_out(turn.udp))
    datapath = open_datapath(
        turn.datapath,
        turn.interfaces,
        {*(host for host, _ in places), *(each.host for each in hosts), turn.alternate} - {""},
        _sizes(turn),
        household,
    )
    hub = DatagramHub(reactor, household.now)
    sockets = HostSockets(hub, reactor, household)
    allocations = Allocations(
        rules=_rules(turn),
        addresses=RelayAddresses(
            hosts=hosts, sockets=sockets, dice=os.urandom, choose=secrets.randbelow
        ),
        book=TurnBook(neighbours.book),
        dice=os.urandom,
        flows=datapath.flows,
    )
    server = TurnServer(users.realm, os.urandom(KEY_SIZE), users, allocations)
    sockets.server = server
    alarm = AlarmClock(server, household, lambda: None)
    allocations.sooner = alarm.arrange
    services = StreamServices(server=server, household=household, refused=neighbours.refused)

    def udp(host: str, port: int) -> UdpListener:
        sock = passed.udp(host, port, RECEIVE_BUFFER)
        return UdpListener(sock, server, reactor, household.now)

    def discovery(host: str, port: int) -> list[UdpListener]:
        pair = (host, turn.alternate)
        now = household.now
        return discovery_listeners(pair, port, outside, server, reactor, now, passed.udp)

    def dtls(host: str, port: int) -> list[DtlsListener]:
        assert neighbours.certificate is not None  # Whoever listens for DTLS has one.
        listener = DtlsListener(
            passed.udp(host, port, RECEIVE_BUFFER),
            server,
            neighbours.certificate,
            reactor,
            household.now,
            connections=neighbours.connections,
            cookie_key=os.urandom(KEY_SIZE),
            handshake=settings.connections.handshake,
            idle=services.idle,
        )
        return [listener]

    fixed = []
    if turn.alternate:
        first, places = in_company(places, turn.alternate)
        fixed.append(named("nat-discovery", first, partial(discovery, *first)))
    for place in spelled_out(turn.dtls):
        fixed.append(named("turn-dtls", place, partial(dtls, *place)))  # noqa: PERF401
    ports = TurnPorts(udp, fixed)
    ports.begin(places)
    return TurnRelay(
        settings=settings,
        media=Media(server, users),
        hosts=hosts,
        hub=hub,
        alarm=alarm,
        datapath=datapath,
        udp=ports,
        stream=lambda peer: TurnStream(services, peer),
        now=household.now,
    )


def _rules(turn: Turn) -> TurnRules:
    return TurnRules(
        lifetime=turn.lifetime,
        longest_lifetime=turn.longest_lifetime,
        mobility=turn.mobility,
        tcp_relay=turn.tcp_relay,
        md5=turn.md5,
        old_channels=turn.old_channels,
        **attrs.asdict(turn.limits, filter=exclude("kernel_channels")),
    )


def _peer_rules(turn: Turn) -> list[PeerRule]:
    return [
        *(PeerRule.parse(each) for each in turn.peers.allow),
        *(PeerRule.parse(each, allow=False) for each in turn.peers.deny),
    ]


def _sizes(turn: Turn) -> Sizes:
    channels = turn.limits.kernel_channels
    # Whoever has no channel in the kernel needs no account there.
    return Sizes(channels=channels, allocations=min(channels, turn.limits.allocations))


def _surroundings(settings: Settings, hosts: Sequence[RelayHost]) -> Surroundings:
    """Say where we are, so that nobody reaches our own services by way of the relay."""
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


def _pair(mapping: str) -> tuple[str, str]:
    inside, _, outside = mapping.partition("=")
    return inside, outside
