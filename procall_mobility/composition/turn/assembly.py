"""Puts the STUN/TURN relay together: its machine, its users, its sockets."""

import os
import secrets
import time
from functools import partial
from typing import Any

from attrs import frozen

from procall_mobility.composition.terms import turn_realm
from procall_mobility.composition.turn.datapath import Datapath, open_datapath
from procall_mobility.composition.turn.ports import TurnPorts, named
from procall_mobility.composition.turn.relay import TurnRelay
from procall_mobility.composition.turn.terms import (
    kernel_sizes,
    nat_pair,
    peer_rules,
    surroundings_of,
    turn_rules,
)
from procall_mobility.config import Settings
from procall_mobility.config.turn_settings import Turn
from procall_mobility.gateway.media import Media
from procall_mobility.gateway.ports import AccessBook, Customers, TurnSecrets
from procall_mobility.gateway.turn_book import TurnBook
from procall_mobility.gateway.turn_users import TurnUsers
from procall_mobility.protocols.turn.allocations import Allocations
from procall_mobility.protocols.turn.port_pool import PortPool
from procall_mobility.protocols.turn.relay_addresses import RelayAddresses, RelayHost
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.transports.callers import Refused
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.own_addresses import leading_addresses, spelled_out
from procall_mobility.transports.passed import Passed
from procall_mobility.transports.pump import AlarmClock, Household
from procall_mobility.transports.turn.dtls_listener import DtlsListener
from procall_mobility.transports.turn.hub import DatagramHub
from procall_mobility.transports.turn.nat_discovery import discovery_listeners, in_company
from procall_mobility.transports.turn.relay_sockets import HostSockets
from procall_mobility.transports.turn.stream import StreamServices, TurnStream
from procall_mobility.transports.turn.udp_listener import RECEIVE_BUFFER, UdpListener

KEY_SIZE = 32
"""Octets; a restarted daemon has other keys, and its clients ask once more."""


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


def compose_datapath(settings: Settings, household: Household) -> Datapath:
    """Load the kernel's part of the relay; nothing else of it needs privileges.

    Raises:
        CannotCarry: the kernel cannot relay, and is told to.
    """
    turn = settings.turn
    clients = {host for host, _ in spelled_out(turn.udp)}
    ours = clients | {*_relay_hosts(turn), turn.alternate} - {""}
    sizes = kernel_sizes(turn)
    return open_datapath(turn.datapath, turn.interfaces, ours, sizes, household)


def _relay_hosts(turn: Turn) -> tuple[str, ...]:
    return turn.relay or leading_addresses()


def compose_relay(
    settings: Settings,
    neighbours: Neighbours,
    datapath: Datapath,
    household: Household,
    reactor: Any,
    passed: Passed | None = None,
) -> TurnRelay:
    """Make the relay; its clients' sockets may have been passed to us."""
    turn = settings.turn
    passed = passed or Passed()
    outside = dict(nat_pair(each) for each in turn.external)
    hosts = [
        RelayHost(
            host=host,
            seen_as=outside.get(host, host),
            ports=PortPool(*turn.ports, secrets.randbelow),
        )
        for host in _relay_hosts(turn)
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
