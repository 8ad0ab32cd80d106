"""Puts the STUN/TURN relay together: its machine, its users, its sockets."""

import os
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from attrs import define, frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from procall_mobility.config import Settings
from procall_mobility.gateway.ice import OwnRelay
from procall_mobility.gateway.media import Media
from procall_mobility.gateway.ports import AccessBook, Customers, TurnSecrets
from procall_mobility.gateway.turn_book import TurnBook
from procall_mobility.gateway.turn_users import TurnUsers
from procall_mobility.protocols.turn.allocations import Allocations, Newcomers
from procall_mobility.protocols.turn.port_pool import PortPool
from procall_mobility.protocols.turn.relay_addresses import RelayAddresses, RelayHost
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.told import turn_realm, turn_urls
from procall_mobility.transports.callers import Peer, Refused
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.own_addresses import leading_addresses, spelled_out
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
from procall_mobility.turn_told import (
    kernel_sizes,
    nat_pair,
    peer_rules,
    surroundings_of,
    turn_rules,
)

KEPT_AT_ONCE = 50
"""Clients that get sockets of their own before others are looked after: some milliseconds."""

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
        return self.media.moved(surroundings_of(self.settings, self.hosts), self.now())

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
        self.media.change(turn_rules(settings.turn), peer_rules(settings.turn), self.now())

    def turn_away(self) -> None:
        """Take no new clients; those who are relayed go on."""
        self.media.server.allocations.newcomers = Newcomers.REFUSED

    def part(self, clock: IReactorTime) -> "Deferred[None]":
        """Leave new clients to the process that has our sockets, too; the others go on.

        Fires when no socket of ours is read any more that others may read.
        """
        self.media.server.allocations.newcomers = Newcomers.ELSEWHERE
        parted: Deferred[None] = Deferred()

        def go_on() -> None:
            if any(port.keep(self.hub, KEPT_AT_ONCE) for port in self.ports):
                clock.callLater(0, go_on)
                return
            for port in self.ports:
                port.part(self.hub)
            parted.callback(None)

        go_on()
        return parted

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
    outside = dict(nat_pair(each) for each in turn.external)
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
        rules=peer_rules(turn),
        surroundings=surroundings_of(settings, hosts),
        realm=turn_realm(settings),
        wall_clock=time.time,
        longest_ttl=settings.ice.ttl,
    )
    places = list(spelled_out(turn.udp))
    datapath = open_datapath(
        turn.datapath,
        turn.interfaces,
        {*(host for host, _ in places), *(each.host for each in hosts), turn.alternate} - {""},
        kernel_sizes(turn),
        household,
    )
    hub = DatagramHub(reactor, household.now)
    sockets = HostSockets(hub, reactor, household)
    allocations = Allocations(
        rules=turn_rules(turn),
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
