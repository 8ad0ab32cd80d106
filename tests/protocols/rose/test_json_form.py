"""Wire 4.1 to 4.3: ROSE as JSON; test_json_refusals.py has what is none of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.rose import codec, json_form
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.json_form import Undecodable
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    AuthenticationItem,
    AuthenticationRequest,
    AuthenticationResult,
    BerValue,
    Error,
    Invoke,
    JsonValue,
    Message,
    Problem,
    ProblemKind,
    Reject,
    Result,
)

CANONICAL: dict[str, tuple[str, Message]] = {
    "a call": (
        '{"invoke":{"argument":{"_type":"AsnAVGetIceServersArgument"},"invokeID":3,'
        '"operationID":1558,"operationName":"asnAVGetIceServers","sessionID":"7C0E"}}',
        Invoke(
            3,
            1558,
            "asnAVGetIceServers",
            JsonValue('{"_type":"AsnAVGetIceServersArgument"}'),
            "7C0E",
        ),
    ),
    "a result": (
        '{"result":{"invokeID":3,"result":{"result":{"iceServers":[]},"resultValue":0},'
        '"sessionID":"7C0E"}}',
        Result(3, JsonValue('{"iceServers":[]}'), 0, "7C0E"),
    ),
    "a result of nothing": (
        '{"result":{"invokeID":3,"result":{"resultValue":1}}}',
        Result(3, None, 1),
    ),
    "an error": (
        '{"error":{"error":{"iErrorDetail":5},"error_value":2,"invokedID":3}}',
        Error(3, JsonValue('{"iErrorDetail":5}'), 2),
    ),
    "an error without a value": (
        '{"error":{"error_value":0,"invokedID":3}}',
        Error(3),
    ),
    "a reject": (
        '{"reject":{"details":"unrecognisedOperation","invokedID":{"invokedID":3},'
        '"reject":{"invokeProblem":1},"sessionID":"7C0E"}}',
        Reject(3, Problem(ProblemKind.INVOKE, 1), "unrecognisedOperation", "7C0E"),
    ),
    "a reject of who knows what": (
        '{"reject":{"invokedID":{"invokednull":0},"reject":{"generalProblem":2}}}',
        Reject(None, Problem(ProblemKind.GENERAL, 2)),
    ),
    "a reject without a problem": (
        '{"reject":{"invokedID":{"invokedID":1}}}',
        Reject(1),
    ),
    "an invoke with authentication": (
        '{"invoke":{"authentication":{"auth":{"authdata":"dTpw","method":"Basic"},'
        '"context":"c"},"invokeID":4,"linked_ID":2,"operationID":1005}}',
        Invoke(
            4,
            1005,
            linked_id=2,
            authentication=AuthenticationRequest(AuthenticationItem("Basic", b"u:p"), "c"),
        ),
    ),
    "a reject that offers authentication": (
        '{"reject":{"authentication":{"authList":[{"authdata":"","method":"NTLM"}],'
        '"context":"c"},"invokedID":{"invokedID":4}}}',
        Reject(
            4,
            authentication=AuthenticationResult((AuthenticationItem("NTLM", b""),), "c"),
        ),
    ),
    "authentication without a context": (
        '{"invoke":{"authentication":{"auth":{"authdata":"","method":"m"}},"invokeID":4,'
        '"operationID":0}}',
        Invoke(4, authentication=AuthenticationRequest(AuthenticationItem("m", b""))),
    ),
    "an offer without a context": (
        '{"reject":{"authentication":{"authList":[]},"invokedID":{"invokedID":4}}}',
        Reject(4, authentication=AuthenticationResult(())),
    ),
}


@pytest.mark.parametrize(("text", "message"), CANONICAL.values(), ids=CANONICAL)
def test_a_message_reads_and_writes_as_the_cpp_side_does_it(text: str, message: Message) -> None:
    """Members sorted by name; 4.1's spelling of invokeID and invokedID."""
    assert json_form.decode(text.encode()) == (message,)
    assert json_form.encode(message).decode() == text


LENIENT: dict[str, tuple[str, Message]] = {
    "TypeScript's types everywhere and its order": (
        '{"_type":"ROSEMessage","invoke":{"_type":"ROSEInvoke","invokeID":3,'
        '"operationID":0,"operationName":"asnX","argument":{"a":1}}}',
        Invoke(3, 0, "asnX", JsonValue('{"a":1}')),
    ),
    "nulls for absent members": (
        '{"invoke":{"invokeID":3,"operationID":1,"operationName":null,"sessionID":null,'
        '"linked_ID":null,"argument":null,"authentication":null},"result":null}',
        Invoke(3, 1),
    ),
    "no operationID": ('{"invoke":{"invokeID":3,"operationName":"asnX"}}', Invoke(3, 0, "asnX")),
    "numbers as text": (
        '{"invoke":{"invokeID":"3","operationID":"-1558"}}',
        Invoke(3, -1558),
    ),
    "a boolean for a number": ('{"invoke":{"invokeID":true,"operationID":1}}', Invoke(1, 1)),
    "a number for a text": (
        '{"invoke":{"invokeID":1,"sessionID":77}}',
        Invoke(1, session_id="77"),
    ),
    "blanks wherever JSON has them": (
        ' { "invoke" :\n{ "invokeID" : 3 ,\t"argument" : { "a" : [ 1 ] } } } \n',
        Invoke(3, argument=JsonValue('{ "a" : [ 1 ] }')),
    ),
    "an escaped name": ('{"inv\\u006fke":{"invoke\\u0049D" :3}}', Invoke(3)),
    "an empty operation name": ('{"invoke":{"invokeID":3,"operationName":""}}', Invoke(3)),
    "invokeID where invokedID belongs": ('{"error":{"invokeID":3}}', Error(3)),
    "a problem as digits": (
        '{"reject":{"invokedID":3,"reject":{"invokeProblem":"8"}}}',
        Reject(3, Problem(ProblemKind.INVOKE, 8)),
    ),
    "a problem beyond 64 bits": (
        '{"reject":{"invokedID":3,"reject":{"invokeProblem":99999999999999999999999}}}',
        Reject(3),
    ),
    "a flat invokedID in a reject": ('{"reject":{"invokedID":3}}', Reject(3)),
    "a result without a body": ('{"result":{"invokeID":3}}', Result(3)),
    "a result with a null body": ('{"result":{"invokeID":3,"result":null}}', Result(3)),
    "a problem nobody knows": (
        '{"reject":{"invokedID":{"invokednull":null},"reject":{"otherProblem":1}}}',
        Reject(None),
    ),
    "base64 without padding": (
        '{"invoke":{"invokeID":1,"authentication":{"auth":{"method":"m","authdata":"dQ"}}}}',
        Invoke(1, authentication=AuthenticationRequest(AuthenticationItem("m", b"u"))),
    ),
    "an offer with junk in it": (
        '{"reject":{"invokedID":3,"authentication":{"authList":[1,{"method":"m","authdata":1}]}}}',
        Reject(3, authentication=AuthenticationResult(())),
    ),
    "an offer that is none": (
        '{"reject":{"invokedID":3,"authentication":{"authList":1}}}',
        Reject(3),
    ),
    "the last of two equal members": (
        '{"invoke":{"invokeID":1,"sessionID":"mine","sessionID":"last"}}',
        Invoke(1, session_id="last"),
    ),
    "empty objects": (
        '{"invoke":{"invokeID":1,"argument":{ }}}',
        Invoke(1, argument=JsonValue("{ }")),
    ),
    "an array of one": ('[{"invoke":{"invokeID":1}}]', Invoke(1)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), LENIENT.values(), ids=LENIENT)
def test_what_peers_write_differently_is_accepted(text: str, message: Message) -> None:
    """Wire 4.3, the column "we must accept"."""
    assert json_form.decode(text) == (message,)


def test_an_argument_is_relayed_as_the_text_it_came_as() -> None:
    """Nothing is rounded, reordered or re-escaped on the way."""
    argument = '{"big":12345678901234567890123,"f":1.10,"u":"\\u00e4\\ud800","x":[ 1,2 ]}'
    (message,) = json_form.decode(f'{{"invoke":{{"argument":{argument},"invokeID":1}}}}')
    assert argument in json_form.encode(message).decode()


def test_a_ber_value_is_never_written_into_json() -> None:
    with pytest.raises(TypeError):
        json_form.encode(Invoke(1, argument=BerValue(b"0\0")))


def test_control_characters_of_the_envelope_survive() -> None:
    """Texts of the envelope are written as ASCII, so that nothing can break out of them."""
    message = Reject(1, details='a"\n\u00fc}', session_id="s")
    assert json_form.decode(json_form.encode(message)) == (message,)


def test_lone_surrogates_of_the_envelope_are_replaced() -> None:
    """JSON can escape them, but neither UTF-8 nor BER can say them: a relay must not trip."""
    method = '{"method":"\\ud800","authdata":"YQ"}'
    text = (
        '{"invoke":{"invokeID":1,"operationName":"a\\ud800","sessionID":"\\udfff",'
        f'"authentication":{{"auth":{method},"context":"\\ud800"}}}}}}'
    )
    (message,) = json_form.decode(text)
    assert message == Invoke(
        1,
        operation_name="a?",
        session_id="?",
        authentication=AuthenticationRequest(AuthenticationItem("?", b"a"), "?"),
    )
    for form in Form:
        codec.encode(message, form)


def test_the_codec_is_one_door_to_all_forms() -> None:
    message = Invoke(1, 1103)
    for form in Form:
        assert codec.decode(codec.encode(message, form), form) == (message,)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
members = st.dictionaries(
    st.sampled_from(
        [
            "invokeID",
            "invokedID",
            "operationID",
            "operationName",
            "sessionID",
            "argument",
            "result",
            "error",
            "reject",
            "error_value",
            "details",
            "linked_ID",
            "authentication",
            "resultValue",
        ]
    ),
    json_values,
)
messages = st.dictionaries(st.sampled_from(["invoke", "result", "error", "reject", "x"]), members)


@given(messages)
def test_any_json_gives_messages_or_an_undecodable(value: object) -> None:
    """And what was read can be written and read again."""
    try:
        decoded = json_form.decode(json.dumps(value))
    except Undecodable:
        return
    for message in decoded:
        assert json_form.decode(json_form.encode(message)) == (message,)


@given(st.binary(max_size=80) | st.text(alphabet='{}[]":, \\invoke1', max_size=60))
def test_any_octets_give_messages_or_an_undecodable(junk: bytes | str) -> None:
    try:
        json_form.decode(junk)
    except Undecodable as error:
        assert error.answer is None or error.answer.invoke_id != EVENT_ID
