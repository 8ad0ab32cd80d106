"""A site over an in-memory transport: requests, upgrades and frames as octets."""

import base64
import struct
from pathlib import Path
from typing import Any

from autobahn.twisted.resource import WebSocketResource
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from procall_mobility.gateway.desks import Desk
from procall_mobility.protocols.ucclient.client_socket import SocketRules
from procall_mobility.protocols.ucserver.rules import LinkRules
from procall_mobility.transports.link_driver import LinkServices
from procall_mobility.transports.pump import Household
from procall_mobility.transports.visits import Visits
from procall_mobility.transports.web import WebServices, make_site
from procall_mobility.transports.websocket import SocketServices, socket_factory
from tests.gateway.fakes import House

KEY = base64.b64encode(b"0123456789abcdef").decode()


class Wire(StringTransport):
    """A transport that knows how it ended, and who holds it back."""

    aborted = False
    TLS = False

    def abortConnection(self) -> None:
        self.aborted = True

    def setTcpNoDelay(self, on: bool) -> None:
        pass

    def said(self) -> bytes:
        value = self.value()
        self.clear()
        return value


class Site:
    def __init__(
        self, demo: Path | None = None, desks: tuple[Desk, ...] = (), **rules: Any
    ) -> None:
        self.house = House()
        self.clock = Clock()
        household = Household(reactor=self.clock, now=lambda: self.house.now)
        paths = ("/ws/ucserver",)
        links = LinkServices(gateway=self.house.gateway, rules=LinkRules(), household=household)
        sockets = socket_factory(
            SocketServices(
                gateway=self.house.gateway,
                links=links,
                rules=SocketRules(**rules),
                link_paths=paths,
                bad_session_status=403,
            ),
            self.clock,
        )
        self.visits = Visits()
        self.factory = make_site(
            WebServices(
                gateway=self.house.gateway,
                household=household,
                sockets=WebSocketResource(sockets),
                link_paths=paths,
                body_size=1000,
                header_size=8000,
                idle_timeout=60.0,
                desks=desks,
                demo_root=demo,
                visits=self.visits,
            ),
            self.clock,
        )

    def connects(self) -> tuple[Any, Wire]:
        channel = self.factory.buildProtocol(None)
        wire = Wire()
        wire.protocol = channel
        channel.makeConnection(wire)
        return channel, wire

    def asks(
        self, head: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        channel, wire = self.connects()
        lines = [head + " HTTP/1.1", "Host: mobility.example.net"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        channel.dataReceived("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return parsed(wire.said())

    def upgrades(self, path: str) -> tuple["Socket", bytes]:
        channel, wire = self.connects()
        channel.dataReceived(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        return Socket(self, wire), wire.said()


class Socket:
    def __init__(self, site: Site, wire: Wire) -> None:
        self.site = site
        self.wire = wire

    def sends(self, payload: bytes, opcode: int = 1) -> None:
        mask = b"\1\2\3\4"
        size = (
            bytes((0x80 | len(payload),))
            if len(payload) < 126
            else struct.pack(">BH", 0xFE, len(payload))
        )
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        self.wire.protocol.dataReceived(bytes((0x80 | opcode,)) + size + mask + masked)

    def heard(self) -> list[tuple[int, bytes]]:
        """Frames from us: opcode and payload."""
        data, frames = self.wire.said(), []
        while data:
            size, at = data[1] & 0x7F, 2
            if size == 126:
                (size,), at = struct.unpack_from(">H", data, 2), 4
            frames.append((data[0] & 0x0F, data[at : at + size]))
            data = data[at + size :]
        return frames


def parsed(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body


def in_session() -> tuple[Site, Any, Socket]:
    site = Site()
    server = site.house.registers()
    site.house.logs_in(server)
    socket, answer = site.upgrades("/ws/client/websocket/?x-ucsessionid=SESSION1")
    assert answer.startswith(b"HTTP/1.1 101")
    return site, server, socket
