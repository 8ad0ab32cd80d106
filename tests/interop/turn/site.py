"""A running relay and whoever calls it: clients from addresses of their own, and peers."""

import itertools
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack

from attrs import define, field

from tests.interop.turn.caller import Caller
from tests.interop.turn.namespaces import Namespace
from tests.interop.turn.servers import PASSWORD, USER, Relay
from tests.interop.turn.stun_codec import MD5, Address
from tests.interop.turn.turn_client import Identity, TurnClient
from tests.interop.turn.wires import StreamWire, UdpWire, Wire

ALICE = Identity.of(USER, PASSWORD)
HOSTS = itertools.count(1)
"""Every client that names no address gets one nobody had before: limits go by address."""


def new_host(*, v6: bool = False) -> str:
    number = next(HOSTS)
    return f"2a00:53:0:{number:x}::1" if v6 else f"53.0.{number >> 8 & 255}.{number & 255}"


@define
class Site:
    relay: Relay
    box: Namespace
    opened: ExitStack = field(factory=ExitStack)

    def server(self, transport: str = "udp", *, v6: bool = False) -> Address:
        relay = self.relay
        ports = {"tls": relay.tls_port, "shared": relay.shared_port}
        return relay.hosts[1 if v6 else 0], ports.get(transport, relay.port)

    def wire(
        self, transport: str = "udp", host: str | None = None, *, v6: bool = False, port: int = 0
    ) -> Wire:
        """Open a way to the relay: udp, tcp, tls, or `shared` (TLS on the port of everything)."""
        host = host or new_host(v6=v6)
        server = self.server(transport, v6=v6)
        if transport == "udp":
            return UdpWire(self.opened.enter_context(self.box.udp(host, port)), server)
        plain = self.opened.enter_context(self.box.connected(host, server, port))
        if transport == "tcp":
            return StreamWire(plain)
        context = self.tls_context()
        if transport == "shared":
            context.set_alpn_protocols(["stun.turn"])
        return StreamWire(self.opened.enter_context(context.wrap_socket(plain)))

    def tls_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.relay.folder / "ca.pem")
        context.check_hostname = False
        return context

    def caller(
        self,
        transport: str = "udp",
        identity: Identity = ALICE,
        host: str | None = None,
        *,
        v6: bool = False,
        algorithm: bytes = MD5,
        port: int = 0,
    ) -> Caller:
        wire = self.wire(transport, host, v6=v6, port=port)
        return Caller(wire, TurnClient(identity, algorithm))

    def peer(self, host: str = "52.0.0.1", port: int = 0) -> "Peer":
        return Peer(self.opened.enter_context(self.box.udp(host, port)))

    def listener(self, host: str = "52.0.0.1", port: int = 0) -> "socket.socket":
        return self.opened.enter_context(self.box.listener(host, port))

    def catcher(self, port: int) -> "Catcher":
        """Hear everything that goes to this port of any address, by UDP and TCP."""
        hosts = ("0.0.0.0", "::")
        datagrams = [self.opened.enter_context(self.box.udp(host, port)) for host in hosts]
        streams = [self.opened.enter_context(self.box.listener(host, port)) for host in hosts]
        return Catcher(datagrams, streams)


@define
class Peer:
    """Somebody with a UDP socket on the other side of the relay."""

    socket: socket.socket

    @property
    def address(self) -> Address:
        address: Address = self.socket.getsockname()[:2]
        return address

    def hear(self, seconds: float = 10.0) -> tuple[bytes, Address]:
        self.socket.settimeout(seconds)
        data, sender = self.socket.recvfrom(65_536)
        return data, sender[:2]

    def hears_nothing(self, seconds: float = 0.3) -> bool:
        try:
            self.hear(seconds)
        except TimeoutError:
            return True
        return False

    def say(self, data: bytes, to: Address) -> None:
        self.socket.sendto(data, to)


@define
class Catcher:
    """What a relay must not reach: sockets on every address there is."""

    datagrams: list[socket.socket]
    streams: list[socket.socket]

    def caught(self, seconds: float = 0.3) -> Iterator[tuple[str, Address]]:
        for each in self.datagrams + self.streams:
            each.settimeout(seconds / 4)
        for each in self.datagrams:
            while (got := _attempt(lambda s=each: s.recvfrom(65_536))) is not None:
                yield "datagram", got[1][:2]
        for each in self.streams:
            while (got := _attempt(lambda s=each: s.accept())) is not None:
                got[0].close()
                yield "connection", got[1][:2]


def _attempt(act):
    try:
        return act()
    except TimeoutError:
        return None
