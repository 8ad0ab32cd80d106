"""The demo server's end of the link, against the daemon's machine (Wire 4, 5)."""

import base64
import json
from typing import Any

import pytest

from examples.uc_demo.server.sessions import MOST_SESSIONS, SILENCE
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Invoke,
    InvokeProblem,
    JsonValue,
    Reject,
    Result,
)
from procall_mobility.protocols.ucserver.outputs import (
    BeginTls,
    Registering,
    SessionEnded,
    SessionInvoked,
)
from procall_mobility.protocols.ucserver.registration import Capability
from procall_mobility.protocols.ucserver.rules import Phase, StartTls
from tests.examples.uc_demo.server.meeting import ICE, Meeting, value

BASIC = {"auth": {"authBasic": {"credential": base64.b64encode(b"alice:alice").decode()}}}
NEGOTIATE = {"negotiate": {"iClientProtocolVersion": 70}}


def new_session(meeting: Meeting) -> str:
    session: str = value(meeting.asks("asnCreateUserSession", NEGOTIATE))["u8sSessionID"]
    return session


def enters(meeting: Meeting) -> str:
    session = new_session(meeting)
    assert "succceeded" in value(meeting.asks("asnLoginV2", BASIC, session))
    return session


def problem_of(answer: Any) -> InvokeProblem:
    assert isinstance(answer, Reject)
    assert answer.problem is not None
    return InvokeProblem(answer.problem.code)


@pytest.mark.parametrize(
    ("form", "framed"),
    [(Form.JSON_HEADER, True), (Form.JSON_BARE, True), (Form.BER, True), (Form.JSON_BARE, False)],
)
def test_it_registers_and_logs_users_on_in_every_form(form: Form, framed: bool) -> None:
    """C11, and bare JSON in a WebSocket."""
    meeting = Meeting(form=form, framed=framed).register()
    assert meeting.link.phase is Phase.OPEN
    (registering,) = (each for each in meeting.heard if isinstance(each, Registering))
    assert registering.registration.ucsid == "demo"
    assert registering.registration.presence_domains == ("demo.example",)
    assert [what for what, _ in meeting.news] == ["registered"]
    session = enters(meeting)
    contact = value(meeting.asks("asnGetLoggedInContactV2", {}, session))["ownContact"]
    assert contact["u8sContactId"] == "sip:alice@demo.example"


def test_it_asks_for_ice_servers_again_before_they_expire() -> None:
    """Wire 6.2: half of iTTL, 600 s here, and never later than an hour."""
    meeting = Meeting().register()
    assert meeting.asked_for_ice == 1
    meeting.company.now += 299
    meeting.uplink.keep_alive()
    meeting.settle()
    assert meeting.asked_for_ice == 1
    meeting.company.now += 1
    meeting.uplink.keep_alive()
    meeting.settle()
    assert meeting.asked_for_ice == 2
    servers = value(meeting.asks("asnAVGetIceServers", {}, enters(meeting)))["iceServers"]
    assert servers == [{"urls": ["stun:turn.example:3478"]}]


def test_it_asks_for_ice_servers_when_turn_is_switched() -> None:
    """Wire 5.3, 6.2: clients hear of it, and nobody dials with what is refused."""
    meeting = Meeting().register()
    session = enters(meeting)
    meeting.heard.clear()
    assert switched(meeting, ice=None) == []
    assert value(meeting.asks("asnAVGetIceServers", {}, session))["iceServers"] == []
    (entry,) = switched(meeting, ice=ICE)
    assert entry["listURIs"] == ["stun:turn.example:3478"]
    assert meeting.asked_for_ice == 3


def switched(meeting: Meeting, ice: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Switch TURN; return what clients are told by themselves."""
    meeting.ice = ice
    capability = Capability(kind="turn", value=int(ice is not None))
    argument = JsonValue.of({"capabilities": [capability.as_json()]})
    meeting.link.tell(Invoke(EVENT_ID, 0, "asnWebServiceCapabilitiesChanged", argument))
    meeting.settle()
    told = meeting.heard.pop()
    assert isinstance(told, SessionInvoked)
    assert told.invoke.operation_name == "asnSTUNandTURNConfigChanged"
    assert isinstance(told.invoke.argument, JsonValue)
    listed: list[dict[str, Any]] = told.invoke.argument.value()["listConfigSTUNandTURN"]
    return listed


def test_it_asks_for_ice_servers_again_within_a_minute_when_nobody_answers() -> None:
    meeting = Meeting(answers=False).register()
    meeting.company.now += 59
    meeting.uplink.keep_alive()
    meeting.settle()
    assert meeting.asked_for_ice == 1
    meeting.company.now += 1
    meeting.uplink.keep_alive()
    meeting.settle()
    assert meeting.asked_for_ice == 2


def test_starttls_comes_before_everything_else() -> None:
    """Wire 4.8."""
    meeting = Meeting(starttls=StartTls.DEMANDED)
    meeting.uplink.start_tls()
    meeting.settle()
    assert BeginTls() in meeting.heard
    assert [what for what, _ in meeting.news] == ["secure"]


def test_a_refusal_is_told_in_the_daemons_words() -> None:
    """Wire 5.2: AsnRequestError, whose text the administrator reads."""
    meeting = Meeting()
    answer = {
        "invokedID": 1,
        "error_value": 0,
        "error": {"iErrorDetail": 3, "u8sErrorString": "wrong password"},
    }
    meeting.uplink.register("demo", "secret")
    meeting.uplink.hears(_framed({"error": answer}))
    ((what, details),) = meeting.news
    assert what == "refused"
    assert details["u8sErrorString"] == "wrong password"


def test_a_redirect_is_told() -> None:
    meeting = Meeting()
    choice = {"redirect": {"redirectAddresses": ["enetctis://other.example:443"]}}
    meeting.uplink.register("demo", "secret")
    meeting.uplink.hears(
        _framed({"result": {"invokeID": 1, "result": {"resultValue": 0, "result": choice}}})
    )
    assert meeting.news == [("redirected", ["enetctis://other.example:443"])]


def test_every_json_message_names_its_operation_and_its_type() -> None:
    """Wire 4.1, 4.3: id and name, `_type` at the top, NULL as 0, a newline, nothing null."""
    meeting = Meeting().register()
    enters(meeting)
    meeting.uplink.keep_alive()
    meeting.settle()
    messages = []
    for octets in meeting.written:
        assert octets[:1] == b"J"
        assert int(octets[1:8]) == len(octets) - 8
        assert octets.endswith(b"\n")
        assert b"null" not in octets
        messages.append(json.loads(octets[8:]))
    invokes = [each["invoke"] for each in messages if "invoke" in each]
    results = [each["result"] for each in messages if "result" in each]
    assert all({"operationID", "operationName"} <= each.keys() for each in invokes)
    assert all(each["argument"]["_type"].startswith("Asn") for each in invokes)
    assert all("sessionID" not in each for each in results)
    assert {each["result"]["result"]["_type"] for each in results} >= {
        "AsnCreateUserSessionResult"
    }
    assert invokes[-1]["operationID"] == 1706
    assert invokes[-1]["argument"]["dummy"] == 0


def test_unknown_operations_and_sessions_are_rejected() -> None:
    """Wire 5.4: 1 and 8; with the session's id, as the C++ runtime does in rejects."""
    meeting = Meeting().register()
    unknown = InvokeProblem.UNRECOGNISED_OPERATION
    assert problem_of(meeting.asks("asnCreateMgmtSession", {"u8sAuthToken": "t"})) is unknown
    assert problem_of(meeting.asks("asnMakeCoffee", {}, enters(meeting))) is unknown
    missing = meeting.asks("asnGetTime", {}, "0" * 32)
    assert problem_of(missing) is InvokeProblem.INVALID_SESSION_ID


def test_the_connection_can_be_checked() -> None:
    """Wire 5.4: the administrator's test."""
    meeting = Meeting().register()
    assert value(meeting.asks("asnCheckConnection", {}))["iProtocolVersion"] == 70


def test_a_full_house_takes_nobody_more() -> None:
    meeting = Meeting().register()
    sessions = meeting.company.office.sessions
    while len(sessions) < MOST_SESSIONS:
        sessions.create(meeting.company.now)
    refused = meeting.asks("asnCreateUserSession", NEGOTIATE)
    assert problem_of(refused) is InvokeProblem.RESOURCE_LIMITATION


def test_sessions_end_by_command_by_logging_off_and_by_silence() -> None:
    """Wire 5.4: the last two are told by asnUserSessionDestroyed."""
    meeting = Meeting().register()
    first, second, third = (enters(meeting) for _ in range(3))
    assert isinstance(meeting.asks("asnDestroyUserSession", {"u8sSessionID": first}), Result)
    meeting.heard.clear()
    meeting.says("asnLogoff", {}, second)
    assert meeting.heard == [SessionEnded(second)]
    meeting.company.now += SILENCE + 1
    meeting.heard.clear()
    meeting.uplink.keep_alive()
    meeting.settle()
    assert meeting.heard == [SessionEnded(third)]
    assert len(meeting.company.office.sessions) == 0


def test_events_reach_the_session_they_are_for() -> None:
    meeting = Meeting().register()
    session = enters(meeting)
    meeting.asks("asnGetAndSubscribePresenceV2", {"seqContactIDs": []}, session)
    meeting.asks("asnSetUserAbsentState", {"absentstate": {"eAbsentState": 2}}, session)
    told = [each for each in meeting.heard if isinstance(each, SessionInvoked)]
    assert [each.session_id for each in told] == [session] * 2
    assert [each.invoke.operation_name for each in told] == [
        "asnUpdatePresenceV2",
        "asnUpdateMyAbsentStateV2",
    ]


@pytest.mark.parametrize(
    ("operation", "argument"),
    [
        ("asnGetUserToken", {"iTTL": "long"}),
        ("asnGetAndSubscribePresenceV2", {"seqContactIDs": 5}),
        ("asnSetUserAbsentState", {"absentstate": [1]}),
        ("asnChatTextMessage", {"u8sRecipientURIs": [{}], "u8sMessage": "x"}),
        ("asnChatSetMessagesStatus", {"asnSequenceIDSet": "all"}),
    ],
)
def test_one_clumsy_client_does_not_take_the_link_down(operation: str, argument: Any) -> None:
    """All users share the link; what one of them sends is rejected as mistyped."""
    meeting = Meeting().register()
    session = enters(meeting)
    meeting.asks("asnChatSubscribeEvents", {"bReceiveChatEvents": True}, session)
    answer = meeting.asks(operation, argument, session)
    assert problem_of(answer) is InvokeProblem.MISTYPED_ARGUMENT
    for event in ("asnAVDropCall", "asnAVConnectV2", "asnAVCallMessageV2"):
        meeting.says(event, {"dropTarget": "everything", "u8sCallID": {}}, session)
    assert isinstance(meeting.asks("asnGetTime", {}, session), Result)


def test_what_is_no_rose_is_the_callers_to_judge() -> None:
    with pytest.raises(PeerError):
        Meeting().uplink.hears(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_answers_nobody_waits_for_are_ignored() -> None:
    meeting = Meeting().register()
    meeting.uplink.hears(_framed({"result": {"invokeID": 4711}}))
    meeting.uplink.hears(
        _framed({"reject": {"invokedID": {"invokednull": 0}, "reject": {"generalProblem": 0}}})
    )
    assert [what for what, _ in meeting.news] == ["registered"]


def _framed(message: Any) -> bytes:
    payload = json.dumps(message).encode()
    return b"J%07d%s" % (len(payload), payload)
