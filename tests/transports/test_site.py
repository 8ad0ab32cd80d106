"""The HTTP site and its WebSockets, over an in-memory transport: Wire 1 to 3 as octets."""

import base64
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from autobahn.twisted.resource import WebSocketResource
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from procall_mobility.protocols.rose.messages import Invoke, JsonValue
from procall_mobility.protocols.ucclient.client_socket import SocketRules
from procall_mobility.protocols.ucserver.rules import LinkRules
from procall_mobility.transports.link_driver import LinkServices
from procall_mobility.transports.pump import Household
from procall_mobility.transports.web import WebServices, make_site
from procall_mobility.transports.websocket import SocketServices, socket_factory
from tests.gateway.fakes import House, event

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
    def __init__(self, demo: Path | None = None, **rules: Any) -> None:
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
        self.factory = make_site(
            WebServices(
                gateway=self.house.gateway,
                household=household,
                sockets=WebSocketResource(sockets),
                link_paths=paths,
                body_size=1000,
                header_size=8000,
                idle_timeout=60.0,
                demo_root=demo,
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


class TestHttp:
    def test_a_look_up_has_its_length_and_no_chunks(self) -> None:
        """Wire 1.1: the published Node client looks for Content-Length."""
        site = Site()
        site.house.registers()
        status, headers, body = site.asks("GET /controller/client/ucws?ucsid=acme")
        assert status == 200
        assert headers["content-length"] == str(len(body))
        assert "transfer-encoding" not in headers
        assert json.loads(body) == {"redirect": "https://mobility.example.net"}

    def test_nothing_is_said_in_a_204(self) -> None:
        status, headers, body = Site().asks("GET /controller/client/ucws?ucsid=nobody")
        assert (status, body) == (204, b"")
        assert "server" not in headers

    def test_head_has_no_body(self) -> None:
        site = Site()
        site.house.registers()
        _, _, body = site.asks("HEAD /controller/client/ucws?ucsid=acme")
        assert body == b""

    def test_a_body_that_is_too_large_is_refused_whatever_it_says_of_its_length(self) -> None:
        status, _, _ = Site().asks("POST /ws/client/createsession?ucsid=acme", b"x" * 2000)
        assert status == 413
        channel, wire = Site().connects()
        channel.dataReceived(
            b"POST /ws/client/createsession?ucsid=acme HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + b"5dc\r\n" + b"x" * 1500 + b"\r\n0\r\n\r\n"
        )
        assert parsed(wire.said())[0] == 413

    def test_headers_are_bounded(self) -> None:
        channel, wire = Site().connects()
        channel.dataReceived(b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000 + b"\r\n\r\n")
        assert wire.said().startswith(b"HTTP/1.1 400") or wire.disconnecting

    def test_a_client_that_left_gets_no_answer(self) -> None:
        site = Site()
        server = site.house.registers()
        channel, wire = site.connects()
        head = b"GET /ws/client/createsession?ucsid=acme&user=a&pass=a HTTP/1.1\r\nHost: x\r\n\r\n"
        channel.dataReceived(head)

        channel.connectionLost(Failure(ConnectionDone()))
        server.answers_with(site.house.now, {"u8sSessionID": "S", "negotiateresult": {}})
        server.errs_with(site.house.now, {"iErrorDetail": 101})
        assert wire.said() == b""

    def test_no_access_line_shows_passwords(self, capsys: pytest.CaptureFixture[str]) -> None:
        Site().asks("GET /ws/client/createsession?ucsid=acme&user=alice&pass=topsecret")
        assert "topsecret" not in "".join(capsys.readouterr())


class TestDemoFiles:
    def test_files_are_served_under_a_strict_policy(self, tmp_path: Path) -> None:
        (tmp_path / "index.html").write_text("<p>hello")
        # HEAD: the body of a file is sent in pieces by a running reactor.
        status, headers, _ = Site(tmp_path).asks("HEAD /demo/")
        assert (status, headers["content-length"]) == (200, "8")
        assert headers["content-security-policy"].startswith("default-src 'none'")

    def test_nothing_outside_the_folder_and_no_listing(self, tmp_path: Path) -> None:
        (tmp_path / "web").mkdir()
        (tmp_path / "secret").write_text("x")
        site = Site(tmp_path / "web")
        assert site.asks("GET /demo/../secret")[0] == 404
        assert site.asks("GET /demo/%2e%2e/secret")[0] == 404
        assert site.asks("GET /demo/")[0] == 404

    def test_without_a_demo_there_is_none(self) -> None:
        assert Site().asks("GET /demo/")[0] == 404


class TestClientSockets:
    @pytest.mark.parametrize("path", ["/ws/client/websocket", "/ws/client/websocket/"])
    def test_both_spellings_are_upgraded(self, path: str) -> None:
        """Wire 2.1."""
        site = Site()
        server = site.house.registers()
        site.house.logs_in(server)
        _, answer = site.upgrades(f"{path}?x-ucsessionid=SESSION1")
        assert answer.startswith(b"HTTP/1.1 101")
        assert b"extensions" not in answer.lower()

    def test_without_a_session_the_upgrade_is_403(self) -> None:
        """A-16."""
        _, answer = Site().upgrades("/ws/client/websocket?x-ucsessionid=NONE")
        assert answer.startswith(b"HTTP/1.1 403")

    def test_a_call_goes_out_and_its_answer_comes_back_as_an_array_of_one(self) -> None:
        """C1."""
        site, server, socket = in_session()
        socket.sends(b'{"invoke":{"invokeID":5,"operationName":"asnChatTextMessage"}}')
        assert server.asked("asnChatTextMessage").session_id == "SESSION1"
        server.answers_with(site.house.now, {"iResult": 0})
        ((opcode, payload),) = socket.heard()
        assert opcode == 1
        (message,) = json.loads(payload)
        assert message["result"]["invokeID"] == 5

    def test_a_ber_message_is_a_binary_frame(self) -> None:
        _, server, socket = in_session()
        socket.sends(bytes.fromhex("a10902010102 0203f03000".replace(" ", "")), opcode=2)
        assert server.asked("asnGetLoggedInContactV2").argument == JsonValue("{}")

    @pytest.mark.parametrize(
        ("ends", "code"),
        [("server", 1008), ("link", 1012), ("shutdown", 1001)],
    )
    def test_close_codes_reach_the_wire(self, ends: str, code: int) -> None:
        """A-22: also those that autobahn keeps to itself."""
        site, server, socket = in_session()
        gateway = site.house.gateway
        if ends == "server":
            gateway.session_ended(server, "SESSION1", site.house.now)
        elif ends == "link":
            gateway.link_lost(server, site.house.book.entries[0].reason, site.house.now)  # type: ignore[arg-type]
        else:
            gateway.shut_down(site.house.now)
        ((opcode, payload),) = socket.heard()
        assert opcode == 8
        assert struct.unpack_from(">H", payload) == (code,)

    def test_pings_are_answered_and_ours_are_sent(self) -> None:
        """A-20."""
        site, _, socket = in_session()
        socket.sends(b"hello", opcode=9)
        assert socket.heard() == [(10, b"hello")]
        for _ in range(2):
            site.house.now += 30.0
            site.clock.advance(30.0)
            ((opcode, _),) = socket.heard()
            assert opcode == 9
        socket.sends(b"", opcode=10)
        site.house.now += 30.0
        site.clock.advance(30.0)
        assert [opcode for opcode, _ in socket.heard()] == [9]

    def test_a_client_that_answers_no_ping_is_given_up(self) -> None:
        site, _, socket = in_session()
        for _ in range(3):
            site.house.now += 30.0
            site.clock.advance(30.0)
        assert socket.heard()[-1][0] == 8
        assert len(site.house.gateway.sessions) == 0

    def test_back_pressure_queues_and_a_recovery_sends(self) -> None:
        site, server, socket = in_session()
        producer = socket.wire.producer
        producer.pauseProducing()
        site.house.gateway.session_invoked(
            server, "SESSION1", event("asnChatEvent"), site.house.now
        )
        assert socket.heard() == []
        producer.resumeProducing()
        assert len(socket.heard()) == 1
        producer.stopProducing()

    def test_a_slow_server_holds_its_clients_back(self) -> None:
        site, server, socket = in_session()
        site.house.gateway.link_paused(server, site.house.now)
        assert socket.wire.producerState == "paused"
        site.house.gateway.link_resumed(server, site.house.now)
        assert socket.wire.producerState == "producing"

    def test_a_lost_socket_ends_its_session_after_the_grace(self) -> None:
        site, _, socket = in_session()

        socket.wire.protocol.connectionLost(Failure(ConnectionLost()))
        site.house.later(11.0)
        assert len(site.house.gateway.sessions) == 0

    def test_a_session_that_ends_during_the_handshake_closes_its_socket(self) -> None:
        site = Site()
        server = site.house.registers()
        site.house.logs_in(server)
        channel, wire = site.connects()
        original = site.house.gateway.sessions.find
        answers = iter([original("SESSION1"), None])
        site.house.gateway.sessions.find = lambda _: next(answers)  # type: ignore[method-assign]
        channel.dataReceived(
            b"GET /ws/client/websocket?x-ucsessionid=SESSION1 HTTP/1.1\r\nHost: x\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert struct.pack(">H", 1008) in wire.said()

    def test_a_message_that_is_too_long_ends_it(self) -> None:
        site, _, socket = in_session()
        del site
        head = struct.pack(">BBQ", 0x81, 0xFF, 10_000_100) + b"\0\0\0\0"
        socket.wire.protocol.dataReceived(head)
        assert socket.heard()[-1][0] == 8


class TestLinkSockets:
    """Wire 5.1, A-24: servers that come as WebSockets."""

    def registration(self) -> bytes:
        argument = {"u8sServerID": "acme", "u8sServerPassword": "x", "iVersion": 70}
        invoke = {"invokeID": 1, "operationName": "asnRegisterServerV2", "argument": argument}
        return json.dumps({"invoke": invoke}).encode()

    def test_a_server_registers_by_bare_objects(self) -> None:
        site = Site()
        socket, answer = site.upgrades("/ws/ucserver")
        assert answer.startswith(b"HTTP/1.1 101")
        socket.sends(self.registration())
        (opcode, payload), (closing, _) = socket.heard()
        assert (opcode, closing) == (1, 8)
        assert json.loads(payload)["error"]["error"]["iErrorDetail"] == 3

    def test_its_calls_and_its_end(self) -> None:
        site = Site()
        site.house.customers.slow = True
        socket, _ = site.upgrades("/ws/ucserver")
        socket.sends(self.registration())
        site.house.customers.waiting.clear()
        wire = site.house.gateway
        assert wire.links.all() == []
        site.house.now += 20.0
        site.clock.advance(20.0)
        assert socket.heard()[-1][0] == 8

    def test_a_stuck_server_is_cut_off(self) -> None:
        site = Site()
        socket, _ = site.upgrades("/ws/ucserver/")
        socket.wire.protocol.abort()
        assert socket.wire.aborted or socket.wire.disconnecting
        again, _ = site.upgrades("/ws/ucserver/")
        again.wire.protocol.begin_tls()
        assert again.wire.aborted or again.wire.disconnecting


def test_the_argument_of_a_call_reaches_the_server_as_it_came() -> None:
    _, server, socket = in_session()
    socket.sends(b'{"invoke":{"invokeID":5,"operationName":"asnX","argument":{ "a" : 1.50 }}}')
    invoke: Invoke = server.asked("asnX")
    assert invoke.argument == JsonValue('{ "a" : 1.50 }')
