"""Wire 4.7, 5.4: what is said over an open link."""

import pytest

from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Error,
    Invoke,
    JsonValue,
    Reject,
    Result,
)
from procall_mobility.protocols.ucserver.calls import CallTable, Nobody
from procall_mobility.protocols.ucserver.mistakes import MOST_MISTAKES
from procall_mobility.protocols.ucserver.outputs import (
    CallAnswered,
    CapabilitiesChanged,
    CloseLink,
    LinkInvoked,
    SessionEnded,
    SessionInvoked,
    Surprise,
)
from procall_mobility.protocols.ucserver.registration import Capability
from procall_mobility.protocols.ucserver.rules import Phase
from tests.protocols.ucserver.plays import Play, register

TURN = Capability(kind="asnWebServiceCapabilityTypeTurn", value=1)


STARTTLS = Invoke(1, 1103, "asnStartTLS", JsonValue.of({}))


KEEP_ALIVE = Invoke(EVENT_ID, 1706, "asnTransportKeepAlive", JsonValue.of({"dummy": 0}))


class TestMessages:
    def test_what_a_server_says_to_a_session_is_news(self) -> None:
        play = Play().registered()
        invoke = Invoke(EVENT_ID, 1440, "asnChatEvent", JsonValue.of({"a": 1}), "S1")
        assert play.says(invoke) == [SessionInvoked("S1", invoke)]

    def test_a_known_id_gets_its_name_and_a_learned_one_too(self) -> None:
        """Wire 4.1, 10: names go into every message to clients."""
        play = Play().registered()
        play.says(Invoke(EVENT_ID, 9001, "asnPrivate", None, "S1"))
        (known,) = play.says(Invoke(EVENT_ID, 1440, None, None, "S1"))
        (learned,) = play.says(Invoke(EVENT_ID, 9001, None, None, "S1"))
        assert known.invoke.operation_name == "asnChatEvent"
        assert learned.invoke.operation_name == "asnPrivate"

    @pytest.mark.parametrize("name", ["asnUserSessionDestroyed", "asnMgmtSessionDestroyed"])
    def test_ended_sessions_are_named(self, name: str) -> None:
        play = Play().registered()
        ended = Invoke(EVENT_ID, 0, name, JsonValue.of({"u8sSessionID": "S1"}))
        assert play.says(ended) == [SessionEnded("S1")]
        (odd,) = play.says(Invoke(EVENT_ID, 0, name, JsonValue.of([])))
        assert isinstance(odd, Surprise)

    def test_capabilities_are_read_and_junk_among_them_is_left_out(self) -> None:
        """Wire 5.3."""
        play = Play().registered()
        junk = [1, {}, {"u8sType": "x", "iValue": "1", "u8sValue": 1}, {"u8sType": "y"}]
        value = {"capabilities": [TURN.as_json(), *junk, {"u8sType": "z", "u8sValue": "v"}]}
        changed = Invoke(EVENT_ID, 0, "asnUCSCapabilitiesChanged", JsonValue.of(value))
        assert play.says(changed) == [
            CapabilitiesChanged(
                (
                    TURN,
                    Capability(kind="x"),
                    Capability(kind="y"),
                    Capability(kind="z", text="v"),
                )
            )
        ]
        assert Capability(kind="z", text="v").as_json() == {"u8sType": "z", "u8sValue": "v"}
        nothing = Invoke(EVENT_ID, 0, "asnUCSCapabilitiesChanged")
        assert play.says(nothing) == [CapabilitiesChanged(())]

    def test_other_calls_are_for_the_owner(self) -> None:
        play = Play().registered()
        asked = Invoke(9, 0, "asnWebGetIceServersV2", JsonValue.of({}))
        assert play.says(asked) == [LinkInvoked(asked)]

    def test_calls_are_numbered_by_the_link_and_answered_to_their_caller(self) -> None:
        play = Play().registered()
        for answer in (Result(1, JsonValue("{}")), Error(2), Reject(3)):
            caller = Nobody()
            assert play.link.call(Invoke(77, 1420, "asnChatTextMessage"), caller, play.now)
            (sent,) = play.wants()
            assert sent.invoke_id == answer.invoke_id
            assert play.says(answer) == [CallAnswered(caller, "asnChatTextMessage", answer)]
            assert play.says(answer) == []

    @pytest.mark.parametrize("answer", [Reject(EVENT_ID), Reject(None), Result(5)])
    def test_answers_nobody_waits_for_are_dropped(self, answer: Reject | Result) -> None:
        """C10."""
        assert Play().registered().says(answer) == []

    def test_nothing_can_be_said_before_the_link_is_open(self) -> None:
        play = Play()
        assert not play.link.call(STARTTLS, Nobody(), 0.0)
        assert not play.link.tell(KEEP_ALIVE)
        play.link.answer(Result(1), None)
        assert play.wants() == []

    def test_answers_carry_the_servers_own_id(self) -> None:
        play = Play().registered()
        play.link.answer(Result(500, JsonValue("{}")), "asnX")
        assert play.wants() == [Result(500, JsonValue("{}"))]

    def test_a_message_beyond_the_limit_is_not_sent(self) -> None:
        play = Play(message_size=1000).registered()
        assert play.link.tell(Invoke(EVENT_ID, 0, "asnX", JsonValue.of("x" * 2000)))
        (surprise,) = play.wants()
        assert isinstance(surprise, Surprise)

    def test_a_broken_message_is_rejected_and_the_link_stays(self) -> None:
        """Wire 4.7, last line."""
        play = Play().registered()
        play.raw(b"J2{}")
        assert play.link.phase is Phase.OPEN
        play.raw(b'J0000043{"invoke":{"invokeID":99999,"operationID":[]}}'[:51])

    def test_too_many_mistakes_end_it(self) -> None:
        play = Play().registered()
        outputs = play.raw(b"J2{}" * (MOST_MISTAKES + 5))
        assert outputs[-1] == CloseLink("protocol-error")
        assert sum(isinstance(o, CloseLink) for o in outputs) == 1

    def test_broken_framing_ends_it_at_once(self) -> None:
        assert Play().raw(b"GET / HTTP/1.1\r\n") == [CloseLink("framing")]
        assert Play(message_size=100).raw(b"J0000101") == [CloseLink("message-too-big")]

    def test_after_the_end_nothing_is_heard(self) -> None:
        play = Play().registered()
        play.link.close("shutting-down")
        play.link.close("shutting-down")
        assert play.wants() == [CloseLink("shutting-down")]
        assert play.says(register()) == []

    def test_what_follows_an_end_in_one_array_is_not_heard(self) -> None:
        two = b'[{"invoke":{"invokeID":1}},{"invoke":{"invokeID":2}}]'
        play = Play(Form.JSON_BARE)
        outputs = play.raw(b"{}" + two * MOST_MISTAKES)
        assert outputs[-1] == CloseLink("protocol-error")

    def test_broken_answers_are_not_answered(self) -> None:
        assert Play(Form.JSON_BARE).registered().raw(b'{"result":{}}') == []

    def test_a_full_table_takes_no_more_calls(self) -> None:
        play = Play().registered()
        play.link._calls = CallTable(most=0)  # Fifty thousand calls would take a while.
        assert not play.link.call(Invoke(0, 0, "asnX"), Nobody(), 0.0)


class TestOverWebSocket:
    """Wire 5.1: one message for each, bare objects both ways, arrays accepted."""

    def test_json_and_ber_are_told_by_the_first_octet(self) -> None:
        play = Play(Form.JSON_BARE, framed=False).registered()
        assert play.link.form is Form.JSON_BARE
        ber = Play(Form.BER, framed=False)
        ber.raw(bytes.fromhex("a10a 020101 0202044f 3000".replace(" ", "")))
        assert ber.link.form is Form.BER

    def test_a_framed_message_is_bare_inside(self) -> None:
        play = Play(Form.JSON_BARE, framed=False)
        play.raw(b"J0000002{}")
        assert play.link.form is Form.JSON_BARE

    def test_an_empty_message_says_nothing_and_a_long_one_ends_it(self) -> None:
        play = Play(Form.JSON_BARE, framed=False, message_size=100)
        assert play.raw(b"") == []
        assert play.raw(b"x" * 101) == [CloseLink("message-too-big")]
