"""Puts together what is spoken at which door, by settings that may become others."""

# mypy: allow-untyped-calls
# autobahn is typed in part only.

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import frozen
from autobahn.twisted.resource import WebSocketResource

from procall_mobility.composition.push.gateway import PushGateway
from procall_mobility.composition.terms import link_rules, socket_rules, turn_desk
from procall_mobility.composition.turn.relay import TurnRelay
from procall_mobility.config import Settings
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.first_bytes import Language
from procall_mobility.protocols.ucserver.rules import StartTls
from procall_mobility.transports.callers import Builder, Deadlines, DoorServices, Peer
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.link import StreamLink
from procall_mobility.transports.link_driver import LinkServices
from procall_mobility.transports.pump import Household
from procall_mobility.transports.visits import Visits
from procall_mobility.transports.web import WebServices, make_site
from procall_mobility.transports.websocket import SocketServices, socket_factory

Addresses = tuple[tuple[str, int], ...]


@frozen(kw_only=True)
class House:
    """Who is behind the doors, whatever the settings say."""

    gateway: Gateway
    household: Household
    connections: Connections
    customer_door: CustomerDoor
    turn: TurnRelay | None
    push: PushGateway | None
    refused: Callable[[Peer, Reason, str], None]
    visits: Visits


@frozen(kw_only=True)
class Entrance:
    """One kind of door."""

    purpose: str
    """One word for people."""
    setting: str
    """Names its addresses."""
    addresses: Addresses
    services: DoorServices


def entrances(
    settings: Settings, house: House, certificate: Certificate | None, reactor: Any
) -> tuple[Entrance, ...]:
    """Make every kind of door there is, those without an address as well; none is opened."""
    deadlines = Deadlines(
        silence=settings.connections.silence,
        handshake=settings.connections.handshake,
        first_bytes=settings.connections.handshake,
    )
    links = LinkServices(
        gateway=house.gateway, rules=link_rules(settings), household=house.household
    )
    site = _site(settings, house, links, reactor)

    def web(peer: Peer) -> Any:
        return site.buildProtocol(None)

    def link_in_tls(peer: Peer) -> StreamLink:
        return StreamLink(links, peer, StartTls.OVER_TLS, certificate)

    def plain_link(peer: Peer) -> StreamLink:
        may_skip = settings.ucserver.loopback_may_skip_tls and _is_loopback(peer.host)
        starttls = StartTls.ALLOWED if may_skip else StartTls.DEMANDED
        return StreamLink(links, peer, starttls, certificate)

    def entry(
        plain: dict[Language, Builder], secure: dict[Language, Builder], *, tls: bool = False
    ) -> DoorServices:
        return DoorServices(
            clock=reactor,
            plain=plain,
            secure=secure,
            tls=certificate if tls else None,
            proxy_networks=tuple(map(ipaddress.ip_network, settings.listen.proxy_from)),
            connections=house.connections,
            deadlines=deadlines,
            refused=house.refused,
        )

    stun: dict[Language, Builder] = (
        {} if house.turn is None else {Language.STUN: house.turn.stream}
    )
    inside: dict[Language, Builder] = {Language.HTTP: web, Language.ROSE: link_in_tls}
    link: dict[Language, Builder] = {Language.ROSE: plain_link}
    listen, turn = settings.listen, settings.turn
    return tuple(
        Entrance(purpose=purpose, setting=setting, addresses=addresses, services=services)
        for purpose, setting, addresses, services in (
            ("tls", "listen.tls", listen.tls, entry(link, inside | stun, tls=True)),
            ("link", "listen.link", listen.link, entry(link, inside, tls=True)),
            ("http", "listen.http", listen.http, entry({Language.HTTP: web}, {})),
            ("turn-tcp", "turn.tcp", turn.tcp, entry(stun, {})),
            ("turn-tls", "turn.tls", turn.tls, entry({}, stun, tls=True)),
        )
    )


def _site(settings: Settings, house: House, links: LinkServices, reactor: Any) -> Any:
    """Return a factory of HTTP connections."""
    turn, push = house.turn, house.push
    sockets = socket_factory(
        SocketServices(
            gateway=house.gateway,
            links=links,
            rules=socket_rules(settings),
            link_paths=settings.assumptions.a24_link_paths,
            bad_session_status=settings.assumptions.a16_bad_session_status,
        ),
        reactor,
    )
    return make_site(
        WebServices(
            gateway=house.gateway,
            household=house.household,
            sockets=WebSocketResource(sockets),
            link_paths=settings.assumptions.a24_link_paths,
            body_size=settings.ucclient.body_size,
            header_size=settings.ucclient.header_size,
            idle_timeout=settings.ucclient.idle_timeout,
            desks=(
                *(
                    ()
                    if turn is None
                    else (turn_desk(settings, turn.own(settings), house.customer_door),)
                ),
                *(() if push is None else push.desks),
            ),
            demo_root=Path(settings.demo.web_root) if settings.demo.web_root else None,
            visits=house.visits,
        ),
        reactor,
    )


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback
