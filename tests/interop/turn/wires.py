"""How the tests' client reaches a server: UDP, TCP and TLS sockets that give whole messages."""

import select
import socket
import ssl
import struct
from collections.abc import Iterator
from typing import Protocol

from attrs import define, field

from tests.interop.turn.stun_codec import Address

PATIENCE = 60.0
"""Seconds we wait for what must come; a busy machine needs some, and nobody else waits for it."""


class Lost(ConnectionError):
    """The server closed the connection."""


class Wire(Protocol):
    local: Address
    reliable: bool

    def send(self, data: bytes) -> None: ...

    def receive(self, seconds: float = PATIENCE) -> bytes:
        """Return the next whole message; TimeoutError, Lost."""

    def close(self) -> None: ...


@define
class UdpWire:
    socket: socket.socket
    server: Address
    reliable: bool = False

    @property
    def local(self) -> Address:
        address: Address = self.socket.getsockname()[:2]
        return address

    def send(self, data: bytes) -> None:
        self.socket.sendto(data, self.server)

    def receive(self, seconds: float = PATIENCE) -> bytes:
        self.socket.settimeout(max(seconds, 0.001))
        return self.socket.recv(65_536)

    def close(self) -> None:
        self.socket.close()


@define
class StreamWire:
    """TCP, or TLS upon it; cuts the stream into messages."""

    socket: socket.socket
    reliable: bool = True
    buffer: bytearray = field(factory=bytearray)

    @property
    def local(self) -> Address:
        address: Address = self.socket.getsockname()[:2]
        return address

    def send(self, data: bytes) -> None:
        self.socket.settimeout(PATIENCE)
        try:
            self.socket.sendall(data)
        except (ConnectionError, ssl.SSLEOFError) as error:
            raise Lost from error

    def receive(self, seconds: float = PATIENCE) -> bytes:
        whole = self._cut()
        while whole is None:
            self.buffer += self.octets(seconds)
            whole = self._cut()
        return whole

    def octets(self, seconds: float = PATIENCE) -> bytes:
        """Return what comes next, whatever it is; Lost at the end."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            data = self.socket.recv(65_536)
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise Lost from error
        if not data:
            raise Lost
        return data

    def close(self) -> None:
        self.socket.close()

    def _cut(self) -> bytes | None:
        if len(self.buffer) < 4:
            return None
        kind, length = struct.unpack_from(">HH", self.buffer)
        if kind & 0xC000 == 0x4000:
            size, padding = 4 + length, -length % 4
        else:
            size, padding = 20 + length, 0
        if len(self.buffer) < size + padding:
            return None
        whole = bytes(self.buffer[:size])
        # Line C1 of the checklist.
        assert not any(self.buffer[size : size + padding]), "padding is not zero"
        del self.buffer[: size + padding]
        return whole


def is_cut_off(sock: socket.socket, seconds: float = PATIENCE) -> bool:
    """Tell whether the other side ends a connection in time, without another word."""
    sock.settimeout(seconds)
    try:
        return sock.recv(1) == b""
    except (ConnectionError, ssl.SSLError):
        return True
    except TimeoutError:
        return False


def waiting(sockets: list[socket.socket], seconds: float) -> Iterator[tuple[bytes, Address]]:
    """Give every datagram that comes to any of these sockets until `seconds` pass in silence."""
    while ready := select.select(sockets, [], [], seconds)[0]:
        for each in ready:
            data, sender = each.recvfrom(65_536)
            yield data, sender[:2]
