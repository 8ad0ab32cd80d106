"""What one connection suffers stays with it: the link carries all users of a company."""

import struct
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.task import Clock

from procall_mobility.protocols.rose.messages import Invoke, JsonValue, Result
from procall_mobility.protocols.ucclient.client_socket import SocketRules
from procall_mobility.protocols.ucclient.socket_rules import CloseCode
from procall_mobility.transports.client_driver import ClientDriver
from procall_mobility.transports.pump import AlarmClock, Household
from tests.gateway.fakes import CLIENT, House, event
from tests.transports.sites import Site, in_session
from tests.transports.stream_line import Line

CLOSING = {
    "a close frame": struct.pack(">BBI", 0x88, 0x80, 0),
    "text that is no UTF-8": struct.pack(">BBI", 0x81, 0x82, 0) + b"\xff\xff",
    "a frame without a mask": b"\x81\x02{}",
    "a frame that is too long": struct.pack(">BBQI", 0x81, 0xFF, 10_000_100, 0),
}


class FaultError(Exception):
    """A bug of ours."""


@define
class FaultyCarrier:
    """A client's socket with a bug in it."""

    closed: list[int] = field(factory=list)

    def write(self, payload: bytes, *, binary: bool) -> None:
        raise FaultError

    def ping(self) -> None: ...

    def close_socket(self, code: int, reason: str) -> None:
        self.closed.append(code)

    def hold_reading(self) -> None: ...

    def release_reading(self) -> None: ...


class FaultyCaller:
    def answered(self, operation: str | None, answer: Any, now: float) -> None:
        raise FaultError


@pytest.mark.parametrize("octets", CLOSING.values(), ids=CLOSING)
def test_a_client_that_is_closing_does_not_disturb_its_server(octets: bytes) -> None:
    """Until the connection has gone, its server may go on speaking to it."""
    site, server, socket = in_session()
    socket.wire.protocol.dataReceived(octets)
    assert socket.heard()[-1][0] == 8
    site.house.gateway.session_invoked(server, "SESSION1", event("asnChatEvent"), site.house.now)
    assert socket.heard() == []
    assert site.house.gateway.sessions.find("SESSION1") is not None


def test_a_message_longer_than_a_client_may_get_disturbs_nobody() -> None:
    """autobahn would raise, in whoever speaks."""
    site = Site(message_size=1000)
    server = site.house.registers()
    site.house.logs_in(server)
    socket, _ = site.upgrades("/ws/client/websocket?x-ucsessionid=SESSION1")
    said = event("asnChatEvent", {"u8s": "x" * 5000})
    site.house.gateway.session_invoked(server, "SESSION1", said, site.house.now)
    socket.sends(b'{"invoke":{"invokeID":5,"operationName":"asnX"}}')
    server.answers_with(site.house.now, {"u8s": "x" * 5000})
    ((_, payload),) = socket.heard()
    assert b"responseIsTooBig" in payload
    assert site.house.gateway.sessions.find("SESSION1") is not None


def test_a_fault_during_an_upgrade_is_not_told_to_the_peer() -> None:
    site = Site()

    def fault(session_id: str) -> None:
        raise FaultError("what only we should know")

    site.house.gateway.sessions.find = fault  # type: ignore[method-assign]
    _, answer = site.upgrades("/ws/client/websocket?x-ucsessionid=SESSION1")
    assert answer.startswith(b"HTTP/1.1 500")
    assert b"what only we" not in answer


def test_a_server_that_is_closing_its_websocket_does_not_disturb_its_clients() -> None:
    site = Site()
    socket, _ = site.upgrades("/ws/ucserver")
    socket.sends(b"", opcode=8)
    socket.heard()
    socket.wire.protocol.transmit(b"{}", binary=False)
    assert socket.heard() == []


def test_a_fault_on_the_way_to_a_client_ends_its_session_only() -> None:
    """The one that spoke is the server's link, which has other clients."""
    house = House()
    server = house.registers()
    house.logs_in(server)
    carrier = FaultyCarrier()
    household = Household(reactor=Clock(), now=lambda: house.now)
    driver = ClientDriver(house.gateway, household, SocketRules(), carrier)
    driver.attach("SESSION1", CLIENT)
    house.gateway.session_invoked(server, "SESSION1", event("asnChatEvent"), house.now)
    assert carrier.closed == [CloseCode.INTERNAL]
    assert house.gateway.sessions.find("SESSION1") is None
    assert server.asked("asnDestroyUserSession")


def test_a_fault_on_the_way_from_a_client_ends_its_session_only() -> None:
    house = House()
    server = house.registers()
    house.logs_in(server)
    carrier = FaultyCarrier()
    household = Household(reactor=Clock(), now=lambda: house.now)
    driver = ClientDriver(house.gateway, household, SocketRules(), carrier)
    driver.attach("SESSION1", CLIENT)
    # It cannot be said and is answered at once, which the carrier cannot do.
    driver.hears(b'{"invoke":{"invokeID":1,"operationID":0}}', binary=False)
    assert carrier.closed == [CloseCode.INTERNAL]


def test_a_fault_before_there_is_a_session_is_only_told() -> None:
    household = Household(reactor=Clock(), now=lambda: 0.0)
    driver = ClientDriver(House().gateway, household, SocketRules(), FaultyCarrier())
    driver.attach("NONE", CLIENT)
    driver.hears(b"{", binary=False)


def test_a_fault_with_one_answer_leaves_the_link_to_the_others() -> None:
    line = Line()
    line.registers()
    (link,) = line.house.gateway.links.all()
    link.wire.call(Invoke(0, 0, "asnCheckConnection", JsonValue("{}")), FaultyCaller())
    (asked,) = line.heard()
    line.says(Result(asked.invoke_id, JsonValue("{}")))
    assert line.house.gateway.links.all() == [link]
    assert not line.wire.disconnecting


def test_a_fault_with_one_question_leaves_the_link_to_the_others() -> None:
    line = Line()
    line.registers()
    (link,) = line.house.gateway.links.all()

    def fault(*_: Any) -> None:
        raise FaultError

    line.house.own.for_servers["mobilityFault"] = fault
    line.says(Invoke(7, 0, "mobilityFault", JsonValue("{}")))
    assert line.house.gateway.links.all() == [link]
    assert not line.wire.disconnecting


def test_a_fault_at_one_alarm_does_not_silence_the_others() -> None:
    """One alarm rings for everything the gateway waits for."""
    clock, rung = Clock(), []

    class Sleeper:
        at = [1.0, 2.0]

        def wake_at(self) -> float | None:
            return self.at[0] if self.at else None

        def wake(self, now: float) -> None:
            rung.append(self.at.pop(0))
            if len(rung) == 1:
                raise FaultError

    alarm = AlarmClock(Sleeper(), Household(reactor=clock, now=clock.seconds), lambda: None)
    alarm.arrange()
    with pytest.raises(FaultError):  # The reactor logs it.
        clock.advance(1.0)
    clock.advance(1.0)
    assert rung == [1.0, 2.0]


def test_a_client_that_was_held_back_is_read_again_when_its_socket_closes() -> None:
    """Its close frame would not be heard otherwise, and the connection cut off instead."""
    site, server, socket = in_session()
    site.house.gateway.link_paused(server, site.house.now)
    assert socket.wire.producerState == "paused"
    site.house.gateway.shut_down(site.house.now)
    assert socket.wire.producerState == "producing"
