"""A running relay and whoever calls it: clients from addresses of their own, and peers."""

import itertools
import socket
import ssl
from contextlib import ExitStack

from attrs import define, field

from tests.interop.turn.caller import Caller
from tests.interop.turn.namespaces import Namespace
from tests.interop.turn.peers import Catcher, Peer, Sniffer
from tests.interop.turn.servers import PASSWORD, USER, Relay
from tests.interop.turn.stun_codec import IPV6, MD5, TCP, UDP, A, Address, Part, parse
from tests.interop.turn.turn_client import Identity, TurnClient
from tests.interop.turn.wires import StreamWire, UdpWire, Wire

ALICE = Identity.of(USER, PASSWORD)
HOSTS = itertools.count(1)
"""Every client that names no address gets one nobody had before: limits go by address."""

STREAMS = ("tcp", "tls", "alpn", "first-bytes")
TRANSPORTS = ("udp", *STREAMS)
"""TLS has a port of its own, and the one where everything is known by ALPN or first bytes."""


def new_host(*, v6: bool = False) -> str:
    number = next(HOSTS)
    return f"2a00:53:0:{number:x}::1" if v6 else f"53.0.{number >> 8 & 255}.{number & 255}"


@define
class Site:
    relay: Relay
    box: Namespace
    opened: ExitStack = field(factory=ExitStack)

    def advance(self, seconds: float) -> None:
        """Move the relay's clock, and have it notice."""
        clock = self.relay.clock
        assert clock is not None
        clock.advance(seconds)
        # Datagrams that come one after the other are read with one look at the clock; a connection
        # is not.  Alarms are looked at before what comes in: the second answer comes after them.
        probe = self.caller("tcp")
        probe.settle()
        probe.settle()
        probe.close()

    def user_of(self, customer: str) -> Identity:
        return Identity.of(f"{customer}:alice", PASSWORD)

    def server(self, transport: str = "udp", *, v6: bool = False) -> Address:
        relay = self.relay
        shared = relay.shared_port
        ports = {"tls": relay.tls_port, "alpn": shared, "first-bytes": shared}
        return relay.hosts[1 if v6 else 0], ports.get(transport, relay.port)

    def wire(
        self, transport: str = "udp", host: str | None = None, *, v6: bool = False, port: int = 0
    ) -> Wire:
        """Open a way to the relay."""
        if transport == "udp":
            return self.udp_wire(host, v6=v6, port=port)
        plain = self.connected(transport, host, v6=v6, port=port)
        if transport == "tcp":
            return StreamWire(plain)
        context = self.tls_context()
        if transport == "alpn":
            context.set_alpn_protocols(["stun.turn"])
        return StreamWire(self.opened.enter_context(context.wrap_socket(plain)))

    def udp_wire(self, host: str | None = None, *, v6: bool = False, port: int = 0) -> UdpWire:
        host = host or new_host(v6=v6)
        return UdpWire(self.opened.enter_context(self.box.udp(host, port)), self.server(v6=v6))

    def connected(
        self, transport: str, host: str | None = None, *, v6: bool = False, port: int = 0
    ) -> socket.socket:
        """Open a TCP connection to where this transport is spoken, and say nothing yet."""
        host = host or new_host(v6=v6)
        server = self.server(transport, v6=v6)
        return self.opened.enter_context(self.box.connected(host, server, port))

    def stream(self, transport: str) -> StreamWire:
        wire = self.wire(transport)
        assert isinstance(wire, StreamWire)
        return wire

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

    def allocated(
        self,
        transport: str = "udp",
        *parts: Part,
        identity: Identity = ALICE,
        host: str | None = None,
        v6: bool = False,
        tcp: bool = False,
    ) -> Caller:
        """Give a caller with an allocation; of IPv6, or for TCP, as is asked for."""
        caller = self.caller(transport, identity, host)
        family = [(A.REQUESTED_ADDRESS_FAMILY, IPV6)] if v6 else []
        caller.allocates(*family, *parts, transport=TCP if tcp else UDP)
        return caller

    @staticmethod
    def mapped(answer: bytes) -> Address:
        """Whom the relay sees where this answer went."""
        return parse(answer).address(A.XOR_MAPPED_ADDRESS)

    def peer(self, host: str = "52.0.0.1", port: int = 0) -> Peer:
        return Peer(self.opened.enter_context(self.box.udp(host, port)))

    def listener(self, host: str = "52.0.0.1", port: int = 0) -> socket.socket:
        return self.opened.enter_context(self.box.listener(host, port))

    def catcher(self) -> Catcher:
        """Hear everything that goes to a port of any address, by UDP and TCP."""
        made = Catcher.on(self.box)
        for each in made.sockets:
            self.opened.enter_context(each)
        return made

    def sniffer(self) -> Sniffer:
        """See every packet there is."""
        return Sniffer(self.opened.enter_context(self.box.packets()))
