"""Wire 4.3: what changes in a value between clients and servers; C13."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import json_form
from procall_mobility.protocols.rose.messages import (
    BerValue,
    Error,
    Invoke,
    JsonValue,
    Reject,
    Result,
)
from procall_mobility.protocols.rose.translate import towards_client, towards_server


def to_server(operation: str, value: Any) -> Any:
    message = towards_server(Invoke(1, argument=JsonValue.of(value)), operation)
    assert isinstance(message.argument, JsonValue)
    return message.argument.value()


def to_client(operation: str, value: Any) -> Any:
    message = towards_client(Result(1, JsonValue.of(value)), operation)
    assert isinstance(message.result, JsonValue)
    return message.result.value()


def test_nothing_towards_a_server_is_null() -> None:
    """C13: the C++ runtime throws a whole message away for one null."""
    value = {"u8sRecipientURIs": ["a", None], "u8sMessage": "null", "iReplyToSequenceID": None}
    assert to_server("asnChatTextMessage", value) == {
        "u8sRecipientURIs": ["a"],
        "u8sMessage": "null",
    }


def test_the_type_null_is_0_towards_servers_and_null_towards_clients() -> None:
    assert to_server("asnTransportKeepAlive", {"dummy": None}) == {"dummy": 0}
    event = Invoke(1, argument=JsonValue.of({"dummy": 0}))
    told = towards_client(event, "asnTransportKeepAlive").argument
    assert isinstance(told, JsonValue)
    assert told.value() == {"_type": "AsnTransportKeepAliveArgument", "dummy": None}


def test_optional_parameters_become_a_map_towards_servers() -> None:
    entries = [
        {"key": "a", "value": {"stringdata": "x"}},
        {"key": "n", "value": {"integerdata": 5}},
        {"key": "b", "value": {"binarydata": "QUI="}},
        {"key": "odd", "value": 7},
        {"key": "empty", "value": {}},
        {"nothing": 1},
    ]
    argument = {"bReceiveChatEvents": True, "optionalParams": entries}
    assert to_server("asnChatSubscribeEvents", argument)["optionalParams"] == {
        "a": "x",
        "n": 5,
        "b": {"binarydata": "QUI="},
        "odd": 7,
        "empty": {},
    }


def test_operations_nobody_knows_lose_their_nulls_all_the_same() -> None:
    assert to_server("asnUnheardOf", {"a": None, "b": [None, {"c": None}]}) == {"b": [{}]}
    assert to_server("asnUnheardOf", [None]) == []


@pytest.mark.parametrize("operation", [None, "", "odd"])
def test_nulls_are_dropped_even_where_no_operation_is_known(operation: str | None) -> None:
    message = towards_server(Invoke(1, argument=JsonValue('{"a":null,"b":1}')), operation)
    assert message == Invoke(1, argument=JsonValue('{"b":1}'))


def test_a_name_cannot_break_out_of_the_type() -> None:
    """A peer chooses the name of an operation we do not know."""
    event = Invoke(1, argument=JsonValue('{"a":1}'))
    for name in ('asnX","b":"', "asn", "asn\ud800", "asn" + "x" * 97):
        assert towards_client(event, name) is event


def test_lone_surrogates_can_be_relayed_after_a_rewrite() -> None:
    """Their escapes are JSON, though no Unicode."""
    (message,) = json_form.decode(
        '{"invoke":{"invokeID":1,"argument":{"a":"\\ud800","b":null,"c":"\u00e4"}}}'
    )
    told = json_form.encode(towards_server(message, "asnX"))
    assert b'{"a":"\\ud800","c":"\\u00e4"}' in told


def test_parameters_that_are_null_are_dropped_from_a_map() -> None:
    argument = {"optionalParams": {"a": None, "b": {"binarydata": "QUI="}}}
    told = to_server("asnChatSubscribeEvents", argument)
    assert told == {"optionalParams": {"b": {"binarydata": "QUI="}}}


def test_a_map_of_optional_parameters_is_left_alone() -> None:
    """Pictures are long: only the list is rewritten."""
    picture = {"optionalParams": {"jpegPhoto": {"binarydata": "QUI="}}}
    message = Invoke(1, argument=JsonValue.of(picture))
    assert towards_server(message, "asnChatSubscribeEvents") is message


def test_unknown_members_keep_everything_but_their_nulls() -> None:
    value = {"u8sMessage": "x", "later": {"a": None, "b": 1}}
    assert to_server("asnChatTextMessage", value)["later"] == {"b": 1}


def test_numeric_times_become_text_towards_clients() -> None:
    """C13: a number makes the TypeScript client use the current time."""
    entry = {"iType": 2, "stValidTo": 45000.5, "listURIs": []}
    told = to_client("asnGetSTUNandTURN", {"listConfigSTUNandTURN": [entry]})
    assert told["listConfigSTUNandTURN"][0]["stValidTo"] == "2023-03-15T12:00:00Z"


@pytest.mark.parametrize("time", [1e12, True])
def test_times_that_are_none_do_not_hurt(time: Any) -> None:
    entry = {"iType": 2, "stValidTo": time, "listURIs": [], "iTTL": 1}
    plain = {**entry, "stValidTo": 1}
    told = to_client("asnGetSTUNandTURN", {"listConfigSTUNandTURN": [entry, "odd", plain]})
    assert told["listConfigSTUNandTURN"][0]["stValidTo"] in ("", True)


def test_optional_times_that_are_not_set_are_left_out() -> None:
    """Wire 4.3: an empty text becomes an invalid date in a TypeScript client."""
    state = {"u8sContactId": "x", "eAbsentState": 0, "stTimeFrom": "", "stTimeTo": 0}
    told = to_client("asnGetUserAbsentState", {"absentstate": state, "later": 1})
    assert told["absentstate"] == {"u8sContactId": "x", "eAbsentState": 0}


def test_the_type_is_written_on_top_where_it_is_missing() -> None:
    """Wire 4.2: web pages dispatch on it."""
    typed = {"_type": "Own", "a": 1}
    assert to_client("asnLoginV2", typed) == typed
    assert to_client("asnLoginV2", {"a": 1})["_type"] == "AsnLoginV2Result"
    assert to_client("asnLoginV2", {})["_type"] == "AsnLoginV2Result"
    assert to_client("asnUnheardOf", {"a": {"_type": "x"}})["_type"] == "AsnUnheardOfResult"
    assert to_client("asnUnheardOf", {"a": 1, "_type": "late"})["_type"] == "late"
    assert to_client("asnUnheardOf", [1]) == [1]
    error = towards_client(Error(1, JsonValue.of({"a": 1})), "asnLogon")
    assert isinstance(error.error, JsonValue)
    assert error.error.value()["_type"] == "AsnLogonError"


def test_what_needs_no_change_is_the_same_object() -> None:
    """The text is relayed as it came."""
    for message in (
        Invoke(1, argument=JsonValue('{ "u8sMessage" : "x" }')),
        Invoke(1),
        Reject(1),
        Result(1, BerValue(b"\x30\x00")),
    ):
        assert towards_server(message, "asnChatTextMessage") is message
    typed = Result(1, JsonValue('{"_type":"A", "x" : 1}'))
    assert towards_client(typed, "asnChatTextMessage") is typed
    assert towards_client(Result(1, JsonValue("{}")), None) == Result(1, JsonValue("{}"))
    assert towards_client(Result(1, JsonValue("{}")), "odd") == Result(1, JsonValue("{}"))


json_values = st.recursive(
    st.none() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["u8sRecipientURIs", "optionalParams", "absentstate", "x", "stTimeTo"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
OPERATIONS = ["asnChatTextMessage", "asnGetUserAbsentState", "asnChatSubscribeEvents", "asnNo"]


@given(json_values, st.sampled_from(OPERATIONS))
def test_any_value_can_be_told_to_either_side(value: Any, operation: str) -> None:
    """C13 for whatever anybody sends: no null reaches a server."""
    message = Invoke(1, argument=JsonValue.of(value))
    told = towards_server(message, operation).argument
    assert isinstance(told, JsonValue)
    if value is not None:
        assert "null" not in json.dumps(_without_texts(told.value()))
    towards_client(message, operation)


ANY_JSON = st.recursive(
    st.none()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(), max_size=3)
    | st.sampled_from(["\ud800", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["stTimeTo", "dummy", "key", "\udfff"]), inner)
    ),
    max_leaves=8,
)


@given(ANY_JSON, st.sampled_from([*OPERATIONS, "asnTransportKeepAlive", None]))
def test_whatever_was_decoded_can_be_told_and_encoded(value: Any, operation: str | None) -> None:
    """The whole data path: after the decoder nothing a peer sent may raise."""
    text = f'{{"invoke":{{"invokeID":1,"argument":{json.dumps(value)}}}}}'
    try:
        (message,) = json_form.decode(text)
    except PeerError:
        return
    json_form.decode(json_form.encode(towards_server(message, operation)))
    json_form.decode(json_form.encode(towards_client(message, operation)))


def _without_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return [_without_texts(inner) for inner in value.values()]
    if isinstance(value, list):
        return [_without_texts(inner) for inner in value]
    return 0 if isinstance(value, str) else value
