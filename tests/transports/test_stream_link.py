"""A server link on a raw stream, over an in-memory transport, with a gateway behind."""

import pytest

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose import codec
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Error,
    Invoke,
    JsonValue,
    Reject,
    Result,
)
from procall_mobility.protocols.ucserver.rules import StartTls
from procall_mobility.transports.link import CLOSE_WITHIN
from tests.gateway.fakes import FakeClientWire, House, event, login
from tests.transports.stream_line import Line


def test_a_server_registers_and_asks_for_ice_servers() -> None:
    """C11 on the wire."""
    line = Line()
    (result,) = line.registers()
    assert isinstance(result, Result)
    (ice,) = line.says(Invoke(2, 0, "asnWebGetIceServersV2", JsonValue.of({})))
    assert isinstance(ice, Result)
    assert isinstance(ice.result, JsonValue)
    assert len(ice.result.value()["iceServers"]) == 3


@pytest.mark.parametrize(
    ("members", "detail"), [({"u8sServerID": "nobody"}, 2), ({"u8sServerPassword": "wrong"}, 3)]
)
def test_a_refused_server_is_told_why_and_closed(members: dict[str, str], detail: int) -> None:
    """C12; a peer that does not let us close is cut off."""
    line = Line()
    (error,) = line.registers(**members)
    assert isinstance(error, Error)
    assert isinstance(error.error, JsonValue)
    assert error.error.value()["iErrorDetail"] == detail
    assert line.wire.disconnecting
    assert not line.wire.aborted
    line.clock.advance(CLOSE_WITHIN)
    assert line.wire.aborted


def test_a_closed_connection_leaves_no_alarm() -> None:
    line = Line()
    line.registers(u8sServerID="nobody")
    line.breaks()
    line.breaks()
    assert line.clock.getDelayedCalls() == []


def test_a_server_can_be_sent_elsewhere() -> None:
    line = Line(house=House(redirect=("enetctis://b.example:443",)))
    (result,) = line.registers()
    assert b"enetctis" in codec.encode(result, Form.JSON_BARE)
    assert line.wire.disconnecting


def test_a_whole_log_on_and_a_relayed_call() -> None:
    """Wire 5.5 B, through real octets."""
    line = Line()
    line.registers()
    answers = line.house.asks("POST", "/ws/client/createsession", **login())
    (create,) = line.heard()
    assert create.operation_name == "asnCreateUserSession"
    (logon,) = line.says(
        Result(create.invoke_id, JsonValue.of({"u8sSessionID": "S1", "negotiateresult": {}}))
    )
    assert logon.session_id == "S1"
    line.says(
        Result(logon.invoke_id, JsonValue.of({"u8sLoggedInUser": "alice", "ownContact": {}}))
    )
    assert answers[0].status == 200
    client = FakeClientWire()
    session = line.house.gateway.attach("S1", client, "192.0.2.1", line.house.now)
    assert session is not None
    line.house.gateway.client_says(session, Invoke(7, 0, "asnX"), line.house.now)
    line.house.gateway.client_says(session, event("asnY"), line.house.now)
    called, told = line.heard()
    assert told.is_event
    line.says(Result(called.invoke_id), Invoke(3, 0, "asnZ", None, "S1"))
    answer, asked = client.sent
    assert isinstance(answer, Result)
    assert isinstance(asked, Invoke)
    line.house.gateway.client_says(session, Result(asked.invoke_id), line.house.now)
    (back,) = line.heard()
    assert back == Result(3, None, 0, "S1")
    line.says(Invoke(EVENT_ID, 0, "asnUserSessionDestroyed", JsonValue.of({"u8sSessionID": "S1"})))
    assert client.closed == (1008, "server-ended")


def test_capabilities_and_surprises_of_a_server() -> None:
    line = Line()
    line.registers()
    changed = {"capabilities": [{"u8sType": "x", "iValue": 1}]}
    line.says(Invoke(EVENT_ID, 0, "asnUCSCapabilitiesChanged", JsonValue.of(changed)))
    line.says(Invoke(EVENT_ID, 0, "asnUserSessionDestroyed", JsonValue.of({})))
    (link,) = line.house.gateway.links.all()
    assert link.capabilities[0].kind == "x"
    assert not link.wire.speaks_ber
    assert link.wire.heard == line.house.now


def test_a_probed_server_that_answers_keeps_its_link() -> None:
    """A-27, both ends real."""
    line = Line()
    line.registers(u8sSystemID="A")
    other = Line(house=line.house)
    other.registers(u8sSystemID="B")
    (probe,) = line.heard()
    assert probe.operation_name == "asnCheckConnection"
    line.house.now += 1.0
    line.says(Reject(probe.invoke_id))
    other.later(3.0)
    (error,) = other.heard()
    assert isinstance(error.error, JsonValue)
    assert error.error.value()["iErrorDetail"] == 5


def test_a_silent_server_is_kept_alive_and_then_given_up() -> None:
    line = Line()
    line.registers()
    line.later(30.0)
    (alive,) = line.heard()
    assert alive.operation_name == "asnTransportKeepAlive"
    for _ in range(2):
        line.later(30.0)
    assert line.wire.disconnecting
    line.breaks()
    assert line.house.book.said()[-1] == "server link lost: ping-timeout"


def test_a_server_that_takes_nothing_is_cut_off() -> None:
    line = Line()
    line.registers()
    line.wire.producer.pauseProducing()
    line.later(30.0)
    line.says(Invoke(EVENT_ID, 1706, "asnTransportKeepAlive"))
    line.wire.producer.resumeProducing()
    line.wire.producer.pauseProducing()
    line.later(30.0)
    line.says(Invoke(EVENT_ID, 1706, "asnTransportKeepAlive"))
    line.later(30.0)
    assert line.wire.aborted
    line.breaks()
    assert line.house.book.said()[-1] == "server link lost: slow-server"


def test_starttls_without_a_certificate_ends_the_connection() -> None:
    line = Line(StartTls.DEMANDED)
    line.says(Invoke(1, 1103, "asnStartTLS"))
    assert line.wire.aborted


def test_the_operator_can_close_a_link() -> None:
    line = Line()
    line.registers()
    line.house.gateway.customer_changed("acme", credentials=True)
    assert line.wire.disconnecting
    line.breaks()
    assert line.house.book.entries[-1].reason is Reason.WRONG_PASSWORD
