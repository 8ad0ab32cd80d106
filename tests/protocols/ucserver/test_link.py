"""Wire 4.7, 4.8, 5: the machine of a server link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.rose import values
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    BerValue,
    Error,
    Invoke,
    InvokeProblem,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from procall_mobility.protocols.rose.operations import LearningTable
from procall_mobility.protocols.ucserver.calls import CallTable, Nobody
from procall_mobility.protocols.ucserver.link import MOST_MISTAKES, ServerLink
from procall_mobility.protocols.ucserver.outputs import (
    BeginTls,
    CallAnswered,
    CapabilitiesChanged,
    CloseLink,
    LinkInvoked,
    Registering,
    SessionEnded,
    SessionInvoked,
    Surprise,
)
from procall_mobility.protocols.ucserver.registration import Capability, Refusal, Registration
from procall_mobility.protocols.ucserver.rules import LinkRules, Phase, StartTls
from tests.protocols.ucserver.plays import ARGUMENT, Play, register

TURN = Capability(kind="asnWebServiceCapabilityTypeTurn", value=1)
STARTTLS = Invoke(1, 1103, "asnStartTLS", JsonValue.of({}))
KEEP_ALIVE = Invoke(EVENT_ID, 1706, "asnTransportKeepAlive", JsonValue.of({"dummy": 0}))


def problem(code: InvokeProblem) -> Problem:
    return Problem(ProblemKind.INVOKE, code)


class TestRegistration:
    def test_the_published_argument_is_read(self) -> None:
        """Wire 5.2."""
        (wanted,) = Play().says(register())
        assert wanted == Registering(
            Registration(
                ucsid="riroabc",
                password="secret",
                version=70,
                server_version="8.4.0.100",
                server_name="uc.example.test",
                system_id="SYS1",
                interface_version=410,
                presence_domains=("example.test",),
            )
        )
        assert "secret" not in repr(wanted)

    @pytest.mark.parametrize("form", Form)
    def test_a_server_registers_in_every_form(self, form: Form) -> None:
        """C11: J-JSON, bare JSON and BER."""
        play = Play(form)
        invoke = register()
        if form is Form.BER:
            argument = values.to_ber("AsnRegisterServerArgument", JsonValue.of(ARGUMENT))
            invoke = Invoke(2, 0, "asnRegisterServerV2", argument)
        (wanted,) = play.says(invoke)
        assert wanted.registration.ucsid == "riroabc"
        play.link.accept((TURN,), play.now)
        (answer,) = play.wants()
        assert isinstance(answer, Result)
        payload = answer.result
        if isinstance(payload, BerValue):
            payload = values.to_json("AsnRegisterServerV2ResultChoice", payload)
        assert isinstance(payload, JsonValue)
        entry = {"u8sType": TURN.kind, "iValue": 1}
        assert payload.value()["result"] == {"capabilities": [entry]}
        assert play.link.phase is Phase.OPEN
        assert play.link.form is form

    def test_the_first_generation_is_answered_in_its_own_form(self) -> None:
        play = Play()
        play.says(register("asnRegisterServer"))
        play.link.accept((TURN,), 0.0)
        (answer,) = play.wants()
        assert answer.result.value()["capabilities"][0]["iValue"] == 1

    def test_refusals_of_both_generations(self) -> None:
        """Wire 5.2: C12 at the wire; the text is for the admin's page."""
        for operation, kind in (
            ("asnRegisterServerV2", "AsnRequestError"),
            ("asnRegisterServer", "AsnRegisterServerError"),
        ):
            play = Play()
            play.says(register(operation))
            play.link.refuse(Refusal.INVALID_LOGIN, "the password is another", "wrong-password")
            error, closing = play.wants()
            assert error.error.value() == {
                "_type": kind,
                "iErrorDetail": 3,
                "u8sErrorString": "the password is another",
            }
            assert closing == CloseLink("wrong-password")

    def test_redirects_of_both_generations(self) -> None:
        """A result since the second generation, error 4 before (Wire 5.2)."""
        addresses = ("enetctis://a.example:443", "enetctis://b.example:443")
        play = Play()
        play.says(register())
        play.link.redirect(addresses)
        result, closing = play.wants()
        assert result.result.value()["redirect"] == {"redirectAddresses": list(addresses)}
        assert closing == CloseLink("redirected")
        play = Play()
        play.says(register("asnRegisterServer"))
        play.link.redirect(addresses)
        error, _ = play.wants()
        assert error.error.value()["iErrorDetail"] == 4
        assert error.error.value()["redirectAddresses"] == list(addresses)

    @pytest.mark.parametrize(
        "members",
        [
            {"u8sServerID": None},
            {"u8sServerPassword": None},
            {"u8sServerID": "x" * 2000},
            {"u8sVersion": []},
            {"iVersion": "seventy"},
            {"iVersion": True},
            {"presenceDomains": "example.test"},
            {"presenceDomains": ["x"] * 2000},
        ],
    )
    def test_a_malformed_registration_is_rejected_and_can_be_repeated(
        self, members: dict[str, object]
    ) -> None:
        play = Play()
        (reject,) = play.says(register(**members))
        assert reject.problem == problem(InvokeProblem.MISTYPED_ARGUMENT)
        (wanted,) = play.says(register())
        assert isinstance(wanted, Registering)

    def test_lenient_members_are_taken(self) -> None:
        (wanted,) = Play().says(
            register(iVersion="70", u8sServerID=77, presenceDomains=None, u8sHardwareID="H")
        )
        assert wanted.registration.version == 70
        assert wanted.registration.ucsid == "77"
        assert wanted.registration.hardware_id == "H"

    def test_a_registration_that_is_no_object_or_not_there_is_rejected(self) -> None:
        for argument in (None, JsonValue("[]")):
            (reject,) = Play().says(Invoke(2, 0, "asnRegisterServerV2", argument))
            assert reject.problem == problem(InvokeProblem.MISTYPED_ARGUMENT)

    @pytest.mark.parametrize("first", [False, True])
    def test_an_unnamed_first_call_of_the_right_shape_is_a_registration(self, first: bool) -> None:
        """A-38: the private id is not published."""
        (wanted,) = Play(guess_first_generation=first).says(register(None))
        assert wanted.registration.second_generation is not first

    def test_an_unnamed_call_of_another_shape_is_none(self) -> None:
        for argument in (JsonValue.of({"a": 1}), None):
            (reject,) = Play().says(Invoke(2, 4711, None, argument))
            assert reject.problem == problem(InvokeProblem.AUTHENTICATION_INCOMPLETE)

    def test_guessing_can_be_switched_off(self) -> None:
        (reject,) = Play(guess_registration=False).says(register(None))
        assert reject.problem == problem(InvokeProblem.AUTHENTICATION_INCOMPLETE)

    def test_nothing_else_is_answered_before_the_registration(self) -> None:
        play = Play()
        (reject,) = play.says(Invoke(3, 0, "asnWebGetIceServersV2"))
        assert reject.problem == problem(InvokeProblem.AUTHENTICATION_INCOMPLETE)
        assert play.says(Invoke(EVENT_ID, 0, "asnUserSessionDestroyed")) == []
        assert play.says(Invoke(EVENT_ID, 0, "asnRegisterServerV2")) == []

    def test_one_registration_at_a_time(self) -> None:
        play = Play()
        play.says(register())
        (reject,) = play.says(register())
        assert reject.problem == problem(InvokeProblem.AUTHENTICATION_INCOMPLETE)

    def test_decisions_without_a_registration_do_nothing(self) -> None:
        play = Play()
        assert not play.link.accept((), 0.0)
        play.link.redirect(())
        play.link.refuse(Refusal.GENERAL, "", "")
        assert play.wants() == []

    def test_a_server_that_left_meanwhile_is_not_let_in(self) -> None:
        play = Play()
        play.says(register())
        play.link.close("peer-closed")
        assert not play.link.accept((), 0.0)

    def test_a_server_that_does_not_register_is_closed(self) -> None:
        play = Play(registration_timeout=20.0)
        assert play.link.wake_at() == 20.0
        assert play.later(19.0) == []
        assert play.later(1.0) == [CloseLink("registration-timeout")]
        assert play.link.wake_at() is None
        assert play.later(100.0) == []


class TestStartTls:
    """Wire 4.8."""

    def test_where_it_is_demanded_nothing_else_is_heard(self) -> None:
        """A-23."""
        play = Play(starttls=StartTls.DEMANDED)
        (reject,) = play.says(register())
        assert reject == Reject(2, problem(InvokeProblem.RESOURCE_LIMITATION), "StartTLSRequired")
        assert play.says(KEEP_ALIVE) == []

    def test_the_result_comes_before_tls_and_plain_octets_behind_it_are_dropped(self) -> None:
        play = Play(starttls=StartTls.DEMANDED)
        wanted = play.says(STARTTLS, register())
        assert wanted == [Result(1, JsonValue('{"_type":"AsnStartTLSResult"}')), BeginTls()]
        assert play.raw(b"J2{}") == []

    def test_after_tls_everything_starts_afresh_even_the_form(self) -> None:
        play = Play(starttls=StartTls.ALLOWED)
        play.says(STARTTLS)
        play.link.secured(1.0)
        play.form = Form.JSON_BARE
        (wanted,) = play.says(register())
        assert isinstance(wanted, Registering)
        play.link.secured(2.0)
        assert play.link.form is Form.JSON_BARE

    def test_it_is_not_offered_twice(self) -> None:
        (reject,) = Play(starttls=StartTls.OVER_TLS).says(STARTTLS)
        assert reject.problem == problem(InvokeProblem.RESOURCE_LIMITATION)

    def test_it_is_no_event_and_nothing_for_later(self) -> None:
        play = Play(starttls=StartTls.ALLOWED)
        assert play.says(Invoke(EVENT_ID, 1103)) == []
        play.registered()
        assert play.says(STARTTLS) == []

    def test_in_ber_it_is_the_first_worked_example(self) -> None:
        """E1."""
        play = Play(Form.BER, StartTls.DEMANDED)
        play.link.hears(bytes.fromhex("a10e0201010202044f30051f80801500"), 0.0)
        assert play.wants() == [Result(1, BerValue(b"\x30\x00")), BeginTls()]


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


class TestLife:
    def test_keep_alives_go_out_every_thirty_seconds(self) -> None:
        """A-20."""
        play = Play().registered()
        assert play.link.wake_at() == 30.0
        assert play.later(29.0) == []
        (sent,) = play.later(1.0)
        assert sent.operation_name == "asnTransportKeepAlive"
        assert sent.invoke_id == EVENT_ID
        play.says(KEEP_ALIVE)
        assert play.link.heard == 30.0

    def test_a_silent_server_is_given_up(self) -> None:
        play = Play().registered()
        for _ in range(2):
            play.later(30.0)
        assert play.later(30.0) == [CloseLink("ping-timeout")]

    def test_a_probe_is_a_call_any_answer_to_which_is_a_sign_of_life(self) -> None:
        """A-27."""
        play = Play().registered()
        play.link.probe(play.now)
        (sent,) = play.wants()
        assert sent.operation_name == "asnCheckConnection"
        play.now = 2.0
        (answered,) = play.says(Reject(sent.invoke_id))
        answered.caller.answered(None, Reject(1), 2.0)
        assert play.link.heard == 2.0


class TestBer:
    """Wire 5.6."""

    def play(self) -> Play:
        play = Play(Form.BER)
        argument = values.to_ber("AsnRegisterServerArgument", JsonValue.of(ARGUMENT))
        play.says(Invoke(2, 0, "asnRegisterServerV2", argument))
        play.link.accept((), 0.0)
        play.wants()
        return play

    def test_arguments_and_results_are_transcoded(self) -> None:
        play = self.play()
        caller = Nobody()
        argument = JsonValue.of({"auth": {"authBasic": {"credential": "dTpw"}}})
        assert play.link.call(Invoke(0, 1005, "asnLoginV2", argument, "S1"), caller, 0.0)
        (sent,) = play.wants()
        assert sent.argument == values.to_ber("AsnLoginV2Argument", argument)
        result = JsonValue.of({"succceeded": {"u8sLoggedInUser": "alice"}})
        (answered,) = play.says(Result(1, values.to_ber("AsnLoginV2Result", result)))
        assert answered == CallAnswered(caller, "asnLoginV2", Result(1, result))

    def test_errors_are_transcoded_too(self) -> None:
        play = self.play()
        play.link.call(Invoke(0, 1005, "asnLoginV2", JsonValue.of({})), Nobody(), 0.0)
        value = JsonValue.of({"iErrorDetail": 3, "u8sErrorString": "no"})
        play.wants()
        (answered,) = play.says(Error(1, values.to_ber("AsnRequestError", value)))
        assert answered.answer == Error(1, value)

    def test_what_cannot_be_said_is_refused(self) -> None:
        play = self.play()
        for invoke in (
            Invoke(0, 0, "asnUnheardOf", JsonValue.of({})),
            Invoke(0, 1005, "asnLoginV2", JsonValue.of({"auth": {"nonsense": 1}})),
        ):
            assert not play.link.call(invoke, Nobody(), 0.0)
            assert not play.link.tell(invoke)

    def test_what_cannot_be_read_is_rejected_or_stands_as_a_reject(self) -> None:
        play = self.play()
        (reject,) = play.says(Invoke(9, 4711, None, BerValue(b"0\0"), "S1"))
        assert reject.problem == problem(InvokeProblem.UNRECOGNISED_OPERATION)
        play.link.call(Invoke(0, 1005, "asnLoginV2", JsonValue.of({})), Nobody(), 0.0)
        play.wants()
        (answered,) = play.says(Result(1, BerValue(b"\x02\x01\x05")))
        assert isinstance(answered.answer, Reject)

    def test_answers_are_written_by_type_and_a_reject_stands_for_what_cannot_be(self) -> None:
        play = self.play()
        ice = {"iceServers": [{"urls": ["stun:x:1"]}], "stValidTo": "2026-11-23T08:33:52Z"}
        play.link.answer(Result(5, JsonValue.of({**ice, "iTTL": 86_400})), "asnWebGetIceServersV2")
        play.link.answer(Result(6, JsonValue.of({"x": 1})), "asnWebGetIceServersV2")
        play.link.answer(Error(7, JsonValue.of({"iErrorDetail": 0, "u8sErrorString": ""})), None)
        play.link.answer(Error(8, JsonValue.of({"iErrorDetail": 0})), None)
        play.link.answer(Result(9, JsonValue.of({})), None)
        play.link.answer(Reject(10), None)
        good, bad, error, broken, unknown, reject = play.wants()
        assert values.to_json("AsnWebGetIceServersResult", good.result).value()["iTTL"] == 86_400
        assert isinstance(error, Error)
        assert [type(each) for each in (bad, broken, unknown, reject)] == [Reject] * 4

    def test_c11_the_call_that_creates_sessions_goes_by_name(self) -> None:
        """Wire 10: id 0 and the name, which the C++ runtime resolves in BER as well."""
        play = self.play()
        argument = JsonValue.of({"negotiate": {"iClientProtocolVersion": 70}})
        play.link.call(Invoke(0, 0, "asnCreateUserSession", argument), Nobody(), 0.0)
        (sent,) = play.wants()
        assert (sent.operation_id, sent.operation_name) == (0, "asnCreateUserSession")


class TestCallTable:
    def test_ids_go_round_and_skip_what_is_waiting(self) -> None:
        table = CallTable(most=3)
        table._last = 99_997  # The end of the range, where it matters.
        assert [table.add(Nobody(), None, 0.0) for _ in range(3)] == [99_998, 1, 2]
        assert table.add(Nobody(), None, 1.0) is None
        table.answered(1)
        table._last = 99_997
        assert table.add(Nobody(), None, 1.0) == 1
        assert len(table) == 3

    def test_old_calls_are_forgotten(self) -> None:
        table = CallTable(most=1)
        table.add(Nobody(), None, 0.0)
        assert table.add(Nobody(), None, 119.0) is None
        assert table.add(Nobody(), None, 120.0) == 2
        assert table.answered(1) is None


@given(st.lists(st.binary(max_size=60), max_size=5), st.sampled_from(list(StartTls)))
def test_any_octets_give_legal_outputs(pieces: list[bytes], starttls: StartTls) -> None:
    """Never an exception, whatever a stranger sends."""
    link = ServerLink(LinkRules(message_size=1000), LearningTable(), now=0.0, starttls=starttls)
    for piece in pieces:
        link.hears(piece, 0.0)
        link.take()


@given(
    st.lists(
        st.sampled_from(
            [
                STARTTLS, register(), register(None), KEEP_ALIVE, Result(1), Error(1),
                Reject(None),
                Invoke(3, 0, "asnX", None, "S"), Invoke(EVENT_ID, 0, "asnUserSessionDestroyed"),
            ]
        ),
        max_size=8,
    ),
    st.sampled_from(list(StartTls)),
    st.sampled_from(list(Form)),
)  # fmt: skip
def test_any_order_of_messages_is_answered(
    messages: list[Invoke | Result | Error | Reject], starttls: StartTls, form: Form
) -> None:
    play = Play(Form.JSON_BARE if form is Form.BER else form, starttls)
    for message in messages:
        play.says(message)
        play.later(1.0)
    assert play.link.phase in Phase


def test_a_server_is_the_same_by_its_installation_and_hardware() -> None:
    """A-27."""
    one = Registration(ucsid="a", password="", system_id="S", hardware_id="H")
    assert one.is_same_server_as(
        Registration(ucsid="a", password="", system_id="S", hardware_id="H")
    )
    assert not one.is_same_server_as(Registration(ucsid="a", password="", system_id="S"))
    assert not Registration(ucsid="a", password="").is_same_server_as(
        Registration(ucsid="a", password="")
    )
