"""Wire 5: the life of a server link, BER links, and any octets at all."""

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
    Reject,
    Result,
)
from procall_mobility.protocols.rose.operations import LearningTable
from procall_mobility.protocols.ucserver.calls import CallTable, Nobody
from procall_mobility.protocols.ucserver.link import ServerLink
from procall_mobility.protocols.ucserver.outputs import (
    CallAnswered,
    CloseLink,
)
from procall_mobility.protocols.ucserver.rules import LinkRules, Phase, StartTls
from tests.protocols.ucserver.plays import ARGUMENT, KEEP_ALIVE, STARTTLS, Play, problem, register


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
