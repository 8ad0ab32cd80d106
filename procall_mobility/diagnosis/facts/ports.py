"""Tries ports, and looks up who has those that are taken."""

import errno
import socket

import psutil

from procall_mobility.config import Settings
from procall_mobility.diagnosis.facts.listeners import Named, named
from procall_mobility.diagnosis.judgements.daemon import DaemonFacts
from procall_mobility.diagnosis.judgements.ipv6 import Ipv6Facts
from procall_mobility.diagnosis.judgements.ports import PortFacts
from procall_mobility.transports.own_addresses import own_addresses

MOST_HOLDERS = 3
"""Programs that are named; one whose processes share a port may have hundreds."""

WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  # Compared with, not listened on.


def look_at_ports(settings: Settings, daemon: DaemonFacts) -> list[PortFacts]:
    """Try each address that the running daemon does not have."""
    listening = () if daemon.status is None else [each.text for each in daemon.status["listening"]]
    places: dict[bool, set[str]] = {False: set(), True: set()}
    for each in listening:
        places[_is_udp(each)].add(each.rpartition(" ")[2])
    return [_look(each, places[each.is_udp]) for each in named(settings)]


def look_at_ipv6(settings: Settings) -> Ipv6Facts:
    """Find out whether there is IPv6."""
    turn = settings.turn
    names = [(each.setting, each.host) for each in named(settings)]
    names += [("turn.udp", host) for host, _ in turn.udp]
    names += [("turn.relay", host) for host in turn.relay]
    found = [(setting, host) for setting, host in names if ":" in host]
    return Ipv6Facts(
        named=tuple(dict.fromkeys(setting for setting, _ in found)),
        names_addresses=any(host not in WILDCARDS for _, host in found),
        has_sockets=_has_sockets(),
        has_addresses=any(":" in each for each in own_addresses()),
    )


def _has_sockets() -> bool:
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()
    except OSError:
        return False
    return True


def _look(place: Named, daemons: set[str]) -> PortFacts:
    host = f"[{place.host}]" if ":" in place.host else place.host
    has_it = f"{host}:{place.port}" in daemons
    number = None if has_it else _error(place)
    return PortFacts(
        setting=place.setting,
        host=place.host,
        port=place.port,
        is_udp=place.is_udp,
        daemon_has_it=has_it,
        error=number,
        holders=_holders(place) if number == errno.EADDRINUSE else (),
    )


def _is_udp(listener: str) -> bool:
    return listener.startswith(("turn-udp ", "turn-dtls ", "nat-discovery "))


def _error(place: Named) -> int | None:
    try:
        _open(place).close()
    except OSError as error:
        return error.errno
    return None


def _open(place: Named) -> socket.socket:
    """Open it as the daemon does."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM if place.is_udp else socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if not place.is_udp:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((place.host, place.port))
        if not place.is_udp:
            opened.listen(1)
    except OSError:
        opened.close()
        raise
    return opened


def _holders(place: Named) -> tuple[str, ...]:
    """Return who has a port; nobody where the system does not tell us."""
    kind = "udp" if place.is_udp else "tcp"
    try:
        connections = psutil.net_connections(kind)
    except (psutil.Error, OSError):
        return ()
    pids = {
        each.pid
        for each in connections
        if each.pid is not None
        and each.laddr
        and each.laddr.port == place.port
        and (place.is_udp or each.status == psutil.CONN_LISTEN)
    }
    return tuple(_name(pid) for pid in sorted(pids)[:MOST_HOLDERS])


def _name(pid: int) -> str:
    try:
        return f"{psutil.Process(pid).name()} (process {pid})"
    except psutil.Error:
        return f"process {pid}"
