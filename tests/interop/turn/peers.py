"""The other side of the relay: peers, and those who watch that nothing reaches what it must not.

Nobody here waits for silence: once the relay has answered what came later, whatever it was going
to send has been sent, and loopback has delivered it.
"""

import socket
import struct
from collections.abc import Iterator

from attrs import define

from tests.interop.turn.namespaces import Namespace
from tests.interop.turn.stun_codec import Address
from tests.interop.turn.wires import PATIENCE

UDP, TCP = 17, 6


@define
class Peer:
    """Somebody with a UDP socket."""

    socket: socket.socket

    @property
    def address(self) -> Address:
        address: Address = self.socket.getsockname()[:2]
        return address

    def hear(self, seconds: float = PATIENCE) -> tuple[bytes, Address]:
        self.socket.settimeout(seconds)
        data, sender = self.socket.recvfrom(65_536)
        return data, sender[:2]

    def heard(self) -> list[bytes]:
        """Return what is there already."""
        return [data for data, _ in _all_of(self.socket, lambda: self.socket.recvfrom(65_536))]

    def say(self, data: bytes, to: Address) -> None:
        self.socket.sendto(data, to)


@define
class Catcher:
    """Sockets on one port of every address there is."""

    datagrams: list[socket.socket]
    streams: list[socket.socket]
    port: int

    @classmethod
    def on(cls, box: Namespace) -> "Catcher":
        first = box.listener("0.0.0.0")
        port = first.getsockname()[1]
        streams = [first, box.listener("::", port)]
        return cls([box.udp(host, port) for host in ("0.0.0.0", "::")], streams, port)

    @property
    def sockets(self) -> list[socket.socket]:
        return self.datagrams + self.streams

    def caught(self) -> list[str]:
        found = []
        for each in self.datagrams:
            found += [f"{data!r}" for data, _ in _all_of(each, lambda s=each: s.recvfrom(65_536))]
        for each in self.streams:
            for connection, peer in _all_of(each, each.accept):
                connection.close()
                found.append(f"a connection from {peer}")
        return found


@define(frozen=True)
class Packet:
    """A packet of UDP or TCP as it was on the network."""

    protocol: int
    source: Address
    target: Address
    data: bytes
    """What follows the transport's eight first octets."""


@define
class Sniffer:
    """Sees IPv4 on the namespace's loopback, where everything passes twice: out, and in."""

    socket: socket.socket

    def seen(self) -> list[Packet]:
        found = []
        for data, where in _all_of(self.socket, lambda: self.socket.recvfrom(65_536)):
            if (
                where[2] != socket.PACKET_OUTGOING
                and data[:1] == b"\x45"
                and data[9] in (UDP, TCP)
            ):
                ports = struct.unpack_from(">HH", data, 20)
                hosts = (socket.inet_ntoa(data[at : at + 4]) for at in (12, 16))
                source, target = zip(hosts, ports, strict=True)
                found.append(Packet(data[9], source, target, data[28:]))
        return found


def _all_of(sock: socket.socket, read) -> Iterator[tuple]:
    sock.setblocking(False)
    while True:
        try:
            yield read()
        except BlockingIOError:
            return
