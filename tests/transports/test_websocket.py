"""WebSockets of clients and of servers: Wire 3 and 5.1 as octets."""

import json
import struct

import pytest
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from procall_mobility.protocols.rose.messages import Invoke, JsonValue
from procall_mobility.protocols.ucserver.speech import LARGEST_OF_A_STRANGER
from tests.gateway.fakes import PASSWORD, event
from tests.transports.sites import KEY, Site, in_session


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

    def test_long_messages_are_for_those_who_are_let_in(self) -> None:
        """autobahn gathers fragments: of a stranger's it must not gather much."""
        head = struct.pack(">BBQI", 0x81, 0xFF, LARGEST_OF_A_STRANGER + 100, 0)
        site = Site()
        stranger, _ = site.upgrades("/ws/ucserver")
        stranger.wire.protocol.dataReceived(head)
        assert stranger.heard()[-1][0] == 8
        server, _ = site.upgrades("/ws/ucserver")
        server.sends(self.registration().replace(b'"x"', f'"{PASSWORD}"'.encode()))
        assert len(site.house.gateway.links.all()) == 1
        server.heard()
        server.wire.protocol.dataReceived(head)
        assert server.heard() == []


def test_the_argument_of_a_call_reaches_the_server_as_it_came() -> None:
    _, server, socket = in_session()
    socket.sends(b'{"invoke":{"invokeID":5,"operationName":"asnX","argument":{ "a" : 1.50 }}}')
    invoke: Invoke = server.asked("asnX")
    assert invoke.argument == JsonValue('{ "a" : 1.50 }')
