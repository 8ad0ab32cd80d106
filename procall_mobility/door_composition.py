"""Puts together where connections are taken, and what may be spoken at which door."""

import ipaddress
from collections.abc import Callable
from typing import Any

from attrs import frozen
from twisted.internet.protocol import Factory

from procall_mobility.config import Settings
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.first_bytes import Language
from procall_mobility.protocols.ucserver.rules import StartTls
from procall_mobility.transports.callers import Builder, Deadlines, DoorServices, Peer
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.door import DoorFactory
from procall_mobility.transports.link import StreamLink
from procall_mobility.transports.link_driver import LinkServices
from procall_mobility.transports.listening import Bind, TcpListener
from procall_mobility.turn_composition import TurnRelay


@frozen(kw_only=True)
class HouseServices:
    """Who is behind the doors."""

    connections: Connections
    certificate: Certificate | None
    links: LinkServices
    site: Any
    """A factory of HTTP connections."""
    turn: TurnRelay | None
    refused: Callable[[Peer, Reason, str], None]
    bind: Bind
    """Opens a port."""


def compose_doors(settings: Settings, house: HouseServices, reactor: Any) -> list[TcpListener]:
    """Make what listens for connections; nothing does before it is started."""
    deadlines = Deadlines(
        silence=settings.connections.silence,
        handshake=settings.connections.handshake,
        first_bytes=settings.connections.handshake,
    )

    def web(peer: Peer) -> Any:
        return house.site.buildProtocol(None)

    def link_in_tls(peer: Peer) -> StreamLink:
        return StreamLink(house.links, peer, StartTls.OVER_TLS, house.certificate)

    def plain_link(peer: Peer) -> StreamLink:
        may_skip = settings.ucserver.loopback_may_skip_tls and _is_loopback(peer.host)
        starttls = StartTls.ALLOWED if may_skip else StartTls.DEMANDED
        return StreamLink(house.links, peer, starttls, house.certificate)

    def entry(
        plain: dict[Language, Builder], secure: dict[Language, Builder], *, tls: bool = False
    ) -> Factory:
        return DoorFactory(
            DoorServices(
                clock=reactor,
                plain=plain,
                secure=secure,
                tls=house.certificate if tls else None,
                proxy_networks=tuple(map(ipaddress.ip_network, settings.listen.proxy_from)),
                connections=house.connections,
                deadlines=deadlines,
                refused=house.refused,
            )
        )

    stun: dict[Language, Builder] = (
        {} if house.turn is None else {Language.STUN: house.turn.stream}
    )
    inside: dict[Language, Builder] = {Language.HTTP: web, Language.ROSE: link_in_tls}
    link: dict[Language, Builder] = {Language.ROSE: plain_link}
    listen = settings.listen
    doors = [
        ("tls", listen.tls, entry(link, inside | stun, tls=True)),
        ("link", listen.link, entry(link, inside, tls=True)),
        ("http", listen.http, entry({Language.HTTP: web}, {})),
        ("turn-tcp", settings.turn.tcp, entry(stun, {})),
        ("turn-tls", settings.turn.tls, entry({}, stun, tls=True)),
    ]
    return [
        TcpListener(reactor, host, port, factory, purpose, house.bind)
        for purpose, addresses, factory in doors
        for host, port in addresses
    ]


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback
