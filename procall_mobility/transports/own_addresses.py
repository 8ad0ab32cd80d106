"""Which addresses this machine has, and which it asks for names."""

import contextlib
import ipaddress
import socket
from pathlib import Path

import psutil

RESOLVER_FILES = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))
"""resolv.conf(5); the second names those that systemd's own resolver, named by the first, asks."""

DEFAULT_RESOLVER = "127.0.0.1"
"""Where no other is named."""

_DOCUMENTATION = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Far away by every routing table; nothing is sent there (RFC 5737, RFC 3849)."""

_DISCARD = 9


def own_addresses() -> tuple[str, ...]:
    """Return every address of this machine in canonical text, loopback included.

    Those of one link only (fe80::/10) are left out: nobody beyond it can name them.
    """
    found = {
        str(address)
        for interface in psutil.net_if_addrs().values()
        for each in interface
        if each.family in (socket.AF_INET, socket.AF_INET6)
        and not (address := ipaddress.ip_address(each.address.partition("%")[0])).is_link_local
    }
    return tuple(sorted(found, key=lambda host: (":" in host, host)))


def leading_addresses() -> tuple[str, ...]:
    """Return the addresses that lead to the internet, one of each family there is a way for."""
    found = []
    for family, far in _DOCUMENTATION.items():
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, _DISCARD))
            found.append(str(probe.getsockname()[0]))
    return tuple(found)


def resolvers() -> tuple[str, ...]:
    """Return the addresses this machine asks for names, in canonical text and without a zone."""
    found = []
    for file in RESOLVER_FILES:
        with contextlib.suppress(OSError):  # Whoever cannot read it asks nobody it names.
            found += _name_servers(file.read_text("utf-8", errors="replace"))
    return tuple(dict.fromkeys(found)) or (DEFAULT_RESOLVER,)


def _name_servers(text: str) -> list[str]:
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            with contextlib.suppress(ValueError):
                address = ipaddress.ip_address(words[1].partition("%")[0])
                mapped = address.ipv4_mapped if address.version == 6 else None
                found.append(str(mapped or address))
    return found


def spelled_out(listeners: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    """Return listeners with a wildcard replaced by each of this machine's addresses of its family.

    Datagrams are answered from the address they came to only by a socket of that address.
    """
    spelled = []
    for host, port in listeners:
        if not ipaddress.ip_address(host).is_unspecified:
            spelled.append((host, port))
            continue
        is_ipv6 = ":" in host
        spelled += [(each, port) for each in own_addresses() if (":" in each) is is_ipv6]
    return tuple(dict.fromkeys(spelled))
