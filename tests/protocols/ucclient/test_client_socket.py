"""Wire 3: a client's WebSocket, message by message."""

import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols import transcoding
from procall_mobility.protocols.rose import codec, own_operations, values
from procall_mobility.protocols.rose.ber_form import TagVariant, variant_of
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    BerValue,
    Error,
    Invoke,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from procall_mobility.protocols.ucclient.client_socket import (
    MOST_MISTAKES,
    ClientSocket,
    GiveUp,
    Ping,
    Said,
    SocketRules,
    Write,
)


def socket(**rules: float) -> ClientSocket:
    return ClientSocket(SocketRules(**rules), 0.0)  # type: ignore[arg-type]


def test_what_a_client_says_is_named_and_numbered() -> None:
    """Wire 4.1: id only, name only, or both."""
    machine = socket()
    machine.hears(b'{"invoke":{"invokeID":1,"operationID":1440}}', binary=False)
    machine.hears(b'{"invoke":{"invokeID":2,"operationName":"asnChatEvent"}}', binary=False)
    machine.hears(b'{"result":{"invokeID":3}}', binary=False)
    assert machine.take() == [
        Said(Invoke(1, 1440, "asnChatEvent")),
        Said(Invoke(2, 1440, "asnChatEvent")),
        Said(Result(3)),
    ]


def test_operations_of_ours_are_said_in_ber_too() -> None:
    """A-41: a document in both directions; the schema knows nothing of it."""
    machine = socket()
    asked = Invoke(1, 0, "mobilityPushPresent", JsonValue('{"tokens":[]}'))
    written = evolve(asked, argument=own_operations.as_ber(JsonValue('{"tokens":[]}')))
    machine.hears(codec.encode(written, Form.BER), binary=True)
    assert machine.take() == [Said(asked)]
    told = Invoke(2, 0, "mobilityPushArrived", JsonValue('{"id":"5f0c"}'))
    machine.says(told, told.operation_name)
    (write,) = machine.take()
    assert isinstance(write, Write)
    assert write.binary
    (heard,) = codec.decode(write.payload, Form.BER)
    assert isinstance(heard, Invoke)
    assert transcoding.argument_to_json(heard) == told


def test_json_clients_get_arrays_of_exactly_one() -> None:
    """C13 and trap 1: web pages read element 0 and break on a bare object."""
    machine = socket()
    machine.says(Result(1, JsonValue("{}")), None)
    (write,) = machine.take()
    assert isinstance(write, Write)
    assert not write.binary
    (only,) = json.loads(write.payload)
    assert "result" in only


@pytest.mark.parametrize(
    "answer", [Result(7, JsonValue.of("x" * 1000)), Error(7, JsonValue.of("x" * 1000))]
)
@pytest.mark.parametrize("binary", [False, True])
def test_an_answer_that_is_too_long_becomes_a_reject(answer: Result | Error, binary: bool) -> None:
    """Wire 4.1: `responseIsTooBig`; nothing longer ever reaches a client's socket."""
    machine = socket(message_size=500)
    if binary:
        machine.hears(bytes.fromhex("a10902010102 0203f03000".replace(" ", "")), binary=True)
        answer = evolve(
            answer,
            **{
                "result" if isinstance(answer, Result) else "error": BerValue(
                    b"\x0c\x82\x03\xe8" + b"x" * 1000
                )
            },
        )
    machine.take()
    machine.says(answer, "asnX")
    (write,) = machine.take()
    (told,) = codec.decode(write.payload, Form.BER if binary else Form.JSON_BARE)
    problem = Problem(ProblemKind.INVOKE, 3)
    assert told == Reject(7, problem, "responseIsTooBig")


def test_an_event_that_is_too_long_is_not_said() -> None:
    machine = socket(message_size=500)
    machine.says(Invoke(EVENT_ID, 0, "asnX", JsonValue.of("x" * 1000)), "asnX")
    assert machine.take() == []


def test_ber_clients_are_answered_in_ber_with_their_own_tags() -> None:
    """A-19 and Wire 4.4: implicit until a client shows explicit tags."""
    login = Invoke(1, 1008, "asnGetLoggedInContactV2", BerValue(b"\x30\x00"))
    for shown in TagVariant:
        machine = socket()
        machine.hears(codec.encode(login, Form.BER, shown), binary=True)
        assert machine.take() == [
            Said(Invoke(1, 1008, "asnGetLoggedInContactV2", JsonValue("{}")))
        ]
        event = Invoke(EVENT_ID, 1706, "asnTransportKeepAlive", JsonValue.of({"dummy": 0}))
        machine.says(event, "asnTransportKeepAlive")
        (write,) = machine.take()
        assert isinstance(write, Write)
        assert write.binary
        assert variant_of(write.payload) is shown


def test_results_for_ber_clients_are_written_by_type() -> None:
    machine = socket()
    machine.hears(codec.encode(Invoke(1, 1103), Form.BER), binary=True)
    machine.take()
    value = JsonValue.of({"iErrorDetail": 1, "u8sErrorString": "x"})
    result = JsonValue.of({"bSuccess": True})
    machine.says(Result(1, result), "asnSetUserAbsentState")
    machine.says(Invoke(EVENT_ID, 0, "asnUnheardOf", value), "asnUnheardOf")
    (write,) = machine.take()
    assert isinstance(write, Write)
    (message,) = codec.decode(write.payload, Form.BER)
    assert message == Result(1, values.to_ber("AsnSetUserAbsentStateResult", result))


def test_ber_nobody_can_read_is_rejected() -> None:
    machine = socket()
    unknown = BerValue(b"\x30\x00")
    machine.hears(codec.encode(Invoke(5, 0, "asnUnheardOf", unknown), Form.BER), binary=True)
    machine.hears(codec.encode(Invoke(EVENT_ID, 0, "asnX", unknown), Form.BER), binary=True)
    (write,) = machine.take()
    assert isinstance(write, Write)
    (message,) = codec.decode(write.payload, Form.BER)
    assert isinstance(message, Reject)
    assert message.details == "unrecognisedOperation"


def test_events_follow_the_form_of_the_last_message() -> None:
    """A-19."""
    machine = socket()
    machine.hears(codec.encode(Invoke(1, 1103), Form.BER), binary=True)
    machine.hears(b'{"invoke":{"invokeID":1}}', binary=False)
    machine.take()
    machine.says(Invoke(EVENT_ID, 1440, "asnChatEvent"), "asnChatEvent")
    (write,) = machine.take()
    assert isinstance(write, Write)
    assert not write.binary


def test_a_broken_message_is_answered_and_too_many_end_it() -> None:
    machine = socket()
    machine.hears(b'{"invoke":{"invokeID":99999,"operationID":{}}}', binary=False)
    assert machine.take() == []
    for _ in range(MOST_MISTAKES + 1):
        machine.hears(b"nonsense", binary=False)
    outputs = machine.take()
    assert outputs[-1] == GiveUp("protocol-error")
    assert outputs.count(GiveUp("protocol-error")) == 1
    assert isinstance(outputs[0], Write)


def test_a_silent_client_is_pinged_and_then_given_up() -> None:
    """A-20: every thirty seconds, two may go unanswered."""
    machine = socket()
    assert machine.wake_at() == 30.0
    for now in (10.0, 30.0, 60.0, 90.0):
        machine.wake(now)
    assert machine.take() == [Ping(), Ping(), GiveUp("ping-timeout")]
    assert machine.wake_at() is None


def test_any_sign_of_life_resets_the_count() -> None:
    machine = socket()
    for now in (30.0, 60.0, 90.0, 120.0):
        machine.wake(now)
        machine.lives()
    assert machine.take() == [Ping()] * 4


def test_a_client_that_is_held_back_is_not_blamed_for_its_silence() -> None:
    """A paused read pauses pongs as well."""
    machine = socket()
    machine.wake(30.0)
    machine.held(31.0)
    assert machine.wake_at() is None
    machine.wake(1000.0)
    machine.released(1000.0)
    assert machine.wake_at() == 1030.0
    assert machine.take() == [Ping()]


def test_a_given_up_client_is_given_up_once() -> None:
    machine = socket()
    machine.hears(b"[" + b",".join([b'{"invoke":{"invokeID":1}}'] * 2) + b"]", binary=False)
    assert len(machine.take()) == 2
    for _ in range(MOST_MISTAKES):
        machine.hears(b"nonsense", binary=False)
    machine.take()
    machine._mistake()  # As if one message held two mistakes.
    assert machine.take() == []


def test_after_the_end_nothing_is_heard() -> None:
    machine = socket()
    machine.over()
    machine.hears(b"nonsense", binary=False)
    machine.wake(100.0)
    assert machine.take() == []


@pytest.mark.parametrize("binary", [False, True])
@given(junk=st.binary(max_size=60))
def test_any_octets_give_legal_outputs(binary: bool, junk: bytes) -> None:
    machine = socket()
    machine.hears(junk, binary=binary)
    machine.take()
