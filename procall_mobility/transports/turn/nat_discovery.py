"""The four sockets of NAT behaviour discovery (RFC 5780)."""

import errno
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from ipaddress import ip_address

from twisted.internet.interfaces import IReactorFDSet

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.stun.nat_behaviour import NatBehaviour
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.transports.turn.udp_listener import RECEIVE_BUFFER, UdpListener
from procall_mobility.transports.turn.udp_relay import open_udp, send_again

Place = tuple[str, int]
Bind = Callable[[str, int, int], socket.socket]

LAST_PORT = 65_535
"""No port comes after it."""


def in_company(places: Sequence[Place], alternate: str) -> tuple[Place, list[Place]]:
    """Choose the UDP listener that gets the alternate host for company.

    Returns:
        the listener, and those that are none of the four then.

    Raises:
        OSError: there is none of the alternate's kind beside it.
    """
    other = ip_address(alternate)
    for host, port in places:
        address = ip_address(host)
        kind = (address.version, address.is_loopback)
        is_beside = address != other and kind == (other.version, other.is_loopback)
        if is_beside and port < LAST_PORT:
            four = {(each, at) for each in (host, alternate) for at in (port, port + 1)}
            return (host, port), [place for place in places if place not in four]
    text = "turn.alternate needs another address of its family in turn.udp"
    raise OSError(errno.EADDRNOTAVAIL, text, alternate)


def discovery_listeners(
    hosts: tuple[str, str],
    port: int,
    seen_as: Mapping[str, str],
    server: TurnServer,
    reactor: IReactorFDSet,
    now: Callable[[], float],
    bind: Bind = open_udp,
) -> list[UdpListener]:
    """Open four UDP listeners that serve clients like any other, and answer for each other.

    Args:
        hosts: two addresses of this machine, of one family; none of them a wildcard.
        port: of the pair; the port after it is the other one.
        seen_as: what clients see instead of a host that is behind a 1:1 NAT.
        server: whom they listen for.
        reactor: reads them, once each is started.
        now: monotonic seconds.
        bind: opens each socket.

    Raises:
        OSError: one of the four addresses is not to be had; none is held then.
    """
    listeners: dict[TransportAddress, UdpListener] = {}

    def send(message: bytes, origin: TransportAddress, to: TransportAddress) -> None:
        send_again(listeners[origin].sendto, message, to)

    behaviour = NatBehaviour(hosts=hosts, ports=(port, port + 1), send=send, seen_as=seen_as)
    with ExitStack() as opened:
        sockets = [
            opened.enter_context(bind(place[0], place[1], RECEIVE_BUFFER))
            for place in behaviour.places()
        ]
        opened.pop_all()  # All are there, so none is closed.
    for sock in sockets:
        listener = UdpListener(sock, server, reactor, now)
        listeners[listener.address] = listener
        server.nat_behaviour[listener.address] = behaviour
    return list(listeners.values())
