"""Wire 4.1, 4.7: what is no ROSE in JSON, or too much of it, and how that is answered."""

import pytest

from procall_mobility.protocols.rose import json_form
from procall_mobility.protocols.rose.json_envelope import DEEPEST
from procall_mobility.protocols.rose.json_form import MOST_VALUES, Undecodable
from procall_mobility.protocols.rose.messages import (
    Invoke,
    InvokeProblem,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
)

MISTYPED = Problem(ProblemKind.INVOKE, InvokeProblem.MISTYPED_ARGUMENT)

# Too much ---------------------------------------------------------------------------------


def test_arrays_hold_any_number_of_messages_up_to_a_bound() -> None:
    one = '{"invoke":{"invokeID":1}}'
    assert json_form.decode("[]") == ()
    assert json_form.decode(f"[ {one} , {one} ]") == (Invoke(1), Invoke(1))
    with pytest.raises(Undecodable):
        json_form.decode("[" + ",".join([one] * 101) + "]")


def nested_argument(depth: int) -> str:
    lists, objects = depth // 2, depth - depth // 2
    value = '{"a":' * objects + "[" * lists + "0" + "]" * lists + "}" * objects
    return f'{{"invoke":{{"invokeID":7,"argument":{value}}}}}'


@pytest.mark.parametrize("depth", [1, DEEPEST])
def test_values_are_nested_up_to_a_bound(depth: int) -> None:
    """What walks a value later may recur without fear of the interpreter's own bound."""
    (message,) = json_form.decode(nested_argument(depth))
    assert isinstance(message, Invoke)


def test_many_brackets_are_no_nesting() -> None:
    argument = "[" + ",".join(["{}"] * 5 * DEEPEST) + "]"
    (message,) = json_form.decode(f'{{"invoke":{{"invokeID":1,"argument":{argument}}}}}')
    assert message == Invoke(1, argument=JsonValue(argument))


def test_the_values_of_a_message_are_bounded() -> None:
    """Long texts are welcome; a million short values would keep everybody else waiting."""
    texts = f'{{"invoke":{{"invokeID":1,"argument":["{"x" * MOST_VALUES}"]}}}}'
    assert len(json_form.decode(texts)) == 1
    with pytest.raises(Undecodable, match="too many"):
        json_form.decode("[" + "," * (MOST_VALUES + 1))


# None at all ------------------------------------------------------------------------------

BROKEN: dict[str, tuple[str, int | None]] = {
    "nothing": ("", None),
    "no JSON": ("{,}", None),
    "no object": ('"invoke"', None),
    "none of the four": ('{"hello":{}}', None),
    "an invoke that is no object": ('{"invoke":3}', None),
    "an invoke without id": ('{"invoke":{"operationID":1}}', None),
    "an id that is no number": ('{"invoke":{"invokeID":"x"}}', None),
    "an id beyond 64 bits": ('{"invoke":{"invokeID":1e400}}', None),
    "an id far beyond 64 bits": ('{"invoke":{"invokeID":99999999999999999999999}}', None),
    "an operationID that is a list": ('{"invoke":{"invokeID":7,"operationID":[]}}', 7),
    "a session that is an object": ('{"invoke":{"invokeID":7,"sessionID":{}}}', 7),
    "authentication that is none": ('{"invoke":{"invokeID":7,"authentication":{"auth":1}}}', 7),
    "authentication that is a text": ('{"invoke":{"invokeID":7,"authentication":"x"}}', 7),
    "a mark that is missing": ('{"invoke":{"invokeID":7 "a":1}}', None),
    "a colon that is missing": ('{"invoke" {"invokeID":7}}', None),
    "an escaped name without colon": ('{"inv\\u006fke" 1}', None),
    "a wrong bracket": ('{"invoke":{"invokeID":7]}', None),
    "something behind it": ('{"invoke":{"invokeID":7}} x', None),
    "NaN": ('{"invoke":{"invokeID":7,"argument":NaN}}', None),
    "nesting without end": ('{"invoke":{"invokeID":7,"argument":' + "[" * 100_000, None),
    "digits with two signs": ('{"invoke":{"invokeID":"--5"}}', None),
    "digits of another script": ('{"invoke":{"invokeID":"\u0663"}}', None),
    "a number beyond all floats": ('{"invoke":{"invokeID":7,"argument":[1e999]}}', None),
    "an argument nested too deeply": (nested_argument(DEEPEST + 1), None),
    "an array cut off": ('[{"invoke":{"invokeID":1}}', None),
    "an array with semicolons": ('[{"invoke":{"invokeID":1}};', None),
}


@pytest.mark.parametrize(("text", "invoke_id"), BROKEN.values(), ids=BROKEN)
def test_a_broken_message_is_answered_with_a_reject(text: str, invoke_id: int | None) -> None:
    """Wire 4.7: invokeProblem 2, under the invoke's id where it is known."""
    with pytest.raises(Undecodable) as raised:
        json_form.decode(text)
    assert raised.value.answer == Reject(invoke_id, MISTYPED, "mistypedArgument")


UNANSWERED = {
    "an event": '{"invoke":{"invokeID":99999,"operationID":{}}}',
    "a result without id": '{"result":{"result":{}}}',
    "a result that is no object": '{"result":{"invokeID":1,"result":3}}',
    "a result with a broken value": '{"result":{"invokeID":1,"result":{"resultValue":[]}}}',
    "an error without id": '{"error":{"error":{}}}',
    "a reject with a broken text": '{"reject":{"invokedID":1,"details":[]}}',
}


@pytest.mark.parametrize("text", UNANSWERED.values(), ids=UNANSWERED)
def test_broken_events_and_answers_are_never_answered(text: str) -> None:
    """Wire 4.1: nobody answers an event, and an answer to an answer would never end."""
    with pytest.raises(Undecodable) as raised:
        json_form.decode(text)
    assert raised.value.answer is None


def test_octets_that_are_no_utf8_are_rejected() -> None:
    with pytest.raises(Undecodable):
        json_form.decode(b'{"invoke":{"invokeID":1,"x":"\xff"}}')
