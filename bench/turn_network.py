"""Clients, a server and peers in networks of their own, joined by virtual cables.

    clients --- server --- peers        and, where it is wanted, clients --- peers

The server routes nothing (`ip_forward` stays 0), so that what gets across was relayed.  Every
client has a host of its own behind the clients' end of the cable, as if that were a router.  At
the outer ends checksums are made in software: between virtual cables they would otherwise not be
made at all, which no network card does.
"""

import ctypes
import fcntl
import platform
import socket
import struct
from ctypes.util import find_library
from typing import Self

from attrs import frozen

from bench.namespaces import Namespace
from procall_mobility.datapath.kernel import OBJECT

Pair = tuple[str, str]
"""An address of IPv4, and one of IPv6."""

SERVER: Pair = ("10.77.1.1", "fd77:1::1")
"""Where clients find the server."""
CLIENT: Pair = ("10.77.1.2", "fd77:1::2")
RELAYS: Pair = ("10.77.2.1", "fd77:2::1")
"""Where its relayed addresses are."""
PEER: Pair = ("10.77.2.2", "fd77:2::2")
CLIENTS: Pair = ("10.78.0.0/16", "fd77:16::/64")
"""The hosts of clients; any of them may be taken."""
PEERS: Pair = ("10.77.32.0/20", "fd77:32::/64")
"""Hosts of peers behind the peers' end of the cable; any of them, too."""
SERVERS: Pair = ("10.77.48.0/20", "fd77:48::/64")
"""Addresses of the server machine that lead to it from both sides; any of them may be taken."""
NEAR: Pair = ("10.77.3.1", "fd77:3::1")
FAR: Pair = ("10.77.3.2", "fd77:3::2")
"""The ends of the cable that has no server in it."""

LENGTHS = ("24", "64")
KERNEL = (6, 6)
"""The first one whose links to network interfaces end with the process (tcx)."""
SIOCETHTOOL = 0x8946
SWITCHES = (0x17, 0x24, 0x1F)
"""ETHTOOL_STXCSUM, ETHTOOL_SGSO and ETHTOOL_STSO of linux/ethtool.h: what makes them set."""


@frozen
class Network:
    """Three namespaces and what joins them."""

    client: Namespace
    server: Namespace
    peer: Namespace

    @classmethod
    def make(cls, *, shortcut: bool = False) -> Self:
        """Make it; with a shortcut there is a way past the server.

        Raises:
            NoNamespaces: this is not allowed here.
        """
        made = cls(*(Namespace.make(f"turn-{name}") for name in ("client", "server", "peer")))
        for each in made.namespaces:
            each.switch("ipv6/conf/default/accept_dad", "0")
            each.switch("ipv6/ip_nonlocal_bind", "1")
        join(made.client, "uplink", CLIENT, made.server, "clients", SERVER)
        join(made.peer, "uplink", PEER, made.server, "peers", RELAYS)
        for hosts, end, gateway, device, server in (
            (CLIENTS, made.client, CLIENT, "clients", SERVER),
            (PEERS, made.peer, PEER, "peers", RELAYS),
        ):
            _at_home(end, hosts)
            _lead(made.server, hosts, gateway, device)
            _lead(end, SERVERS, server, "uplink")
        _at_home(made.server, SERVERS)
        if shortcut:
            join(made.client, "shortcut", NEAR, made.peer, "shortcut", FAR)
            make_checksums(made.peer, "shortcut")
            _lead(made.client, PEERS, FAR, "shortcut")
            _lead(made.peer, CLIENTS, NEAR, "shortcut")
            make_checksums(made.client, "shortcut")
        for each in (made.client, made.peer):
            make_checksums(each, "uplink")
        return made

    @property
    def namespaces(self) -> tuple[Namespace, Namespace, Namespace]:
        """All three."""
        return self.client, self.server, self.peer

    def remove(self) -> None:
        """Let go of all of it."""
        for each in self.namespaces:
            each.remove()


def join(
    one: Namespace, name: str, mine: Pair, other: Namespace, its_name: str, its: Pair
) -> None:
    """Lay a cable from one namespace to another."""
    one.ip(
        "link", "add", name, "type", "veth", "peer", "name", its_name, "netns", other.name
    )  # fmt: skip
    for namespace, device, addresses in ((one, name, mine), (other, its_name, its)):
        for address, length in zip(addresses, LENGTHS, strict=True):
            namespace.ip("addr", "add", f"{address}/{length}", "dev", device)
        namespace.ip("link", "set", device, "up")


def _at_home(namespace: Namespace, networks: Pair) -> None:
    """Make every address of these networks one of this namespace's own."""
    for version, network in zip("46", networks, strict=True):
        namespace.ip(f"-{version}", "route", "add", "local", network, "dev", "lo")


def _lead(namespace: Namespace, networks: Pair, gateways: Pair, device: str) -> None:
    for version, network, gateway in zip("46", networks, gateways, strict=True):
        namespace.ip(
            f"-{version}", "route", "add", network, "via", gateway, "dev", device
        )  # fmt: skip


def make_checksums(namespace: Namespace, device: str) -> None:
    """Have whole packets with whole checksums leave by a device."""
    with namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for switch in SWITCHES:
            value = ctypes.create_string_buffer(struct.pack("II", switch, 0))
            request = struct.pack("16sP", device.encode(), ctypes.addressof(value))
            fcntl.ioctl(asking, SIOCETHTOOL, request)


def hindrance() -> str | None:
    """Say why the kernel can relay nothing here; None where it can."""
    version = tuple(int(each) for each in platform.release().split(".")[:2])
    if version < KERNEL:
        return f"Linux {'.'.join(map(str, KERNEL))} is needed, this is {platform.release()}"
    if find_library("bpf") is None:
        return "libbpf is needed: apt install libbpf1"
    if not OBJECT.exists():
        return "the program for the kernel is not compiled: make datapath, which needs clang"
    return None
