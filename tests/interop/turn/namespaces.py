"""Networks of the tests' own: Linux network namespaces in which every address is at home.

In a `Box` all of IPv4 and IPv6 is local: servers, clients and peers take the addresses they like,
public or private, and a socket that listens on the wildcard address hears whatever a server lets
out, to whomever it is addressed. Nothing of it leaves the machine.
"""

import socket

from attrs import define

from bench import namespaces
from bench.namespaces import NoNamespaces as NoNamespaces
from tests.interop.turn.stun_codec import Address

IP_FREEBIND = 15
SO_RCVBUFFORCE = 33
ETH_P_ALL = 3


@define
class Namespace(namespaces.Namespace):
    """One in which sockets are opened."""

    def udp(self, host: str, port: int = 0) -> socket.socket:
        return self._socket(socket.SOCK_DGRAM, host, port)

    def tcp(self, host: str, port: int = 0) -> socket.socket:
        return self._socket(socket.SOCK_STREAM, host, port)

    def listener(self, host: str, port: int = 0) -> socket.socket:
        made = self.tcp(host, port)
        made.listen()
        return made

    def connected(self, host: str, server: Address, port: int = 0) -> socket.socket:
        made = self.tcp(host, port)
        made.settimeout(10)
        made.connect(server)
        return made

    def packets(self) -> socket.socket:
        """Return a socket that sees what passes this network's loopback."""
        with self.entered():
            made = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8_000_000)
        return made

    def raw(self, protocol: int) -> socket.socket:
        """Return a socket that sends packets with headers we write ourselves."""
        with self.entered():
            made = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
        return made

    def _socket(self, kind: int, host: str, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with self.entered():
            made = socket.socket(family, kind)
        # A socket that shares its port gets one that others share as well, when it may be any:
        # one of the two would hear what was meant for the other.
        shares = socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        if port or kind != socket.SOCK_DGRAM:
            made.setsockopt(*shares)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
        if kind == socket.SOCK_DGRAM:
            # Bursts of a whole test fit: nothing may be lost on our side of the wire.
            made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8_000_000)
        made.bind((host, port))
        made.setsockopt(*shares)
        return made


def make_box() -> Namespace:
    """Make a namespace where every address is local."""
    box = Namespace.make()
    box.ip("route", "add", "local", "0.0.0.0/0", "dev", "lo")
    box.ip("-6", "route", "add", "local", "::/0", "dev", "lo")
    # IPv6 wants to be told once more that what is routed here may be bound.
    box.switch("ipv6/ip_nonlocal_bind", "1")
    return box
