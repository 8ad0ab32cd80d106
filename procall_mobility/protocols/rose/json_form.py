"""ROSE messages as JSON (Wire 4.2, 4.3): the envelope is read, what it carries is kept as text."""

from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from procall_mobility.protocols.rose import json_authentication
from procall_mobility.protocols.rose.integers import integer_of
from procall_mobility.protocols.rose.json_envelope import (
    Descent,
    Members,
    blanks_at,
    members_at,
    unicode_of,
)
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    AuthenticationRequest,
    Error,
    Invoke,
    JsonValue,
    Message,
    Payload,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from procall_mobility.protocols.rose.undecodable import Undecodable, mistyped

__all__ = ["Undecodable", "decode", "encode"]

MOST_IN_ARRAY = 100
"""Messages in one array; towards clients it is always one (Wire 3)."""

MOST_VALUES = 1_000_000
"""Members and items of a message, told by their commas.  Nearly all of a message that is as long
as one may be can be texts, but short values take a hundred times longer than those to rewrite."""

PROBLEMS = {
    "generalProblem": ProblemKind.GENERAL,
    "invokeProblem": ProblemKind.INVOKE,
    "returnResultProblem": ProblemKind.RETURN_RESULT,
    "returnErrorProblem": ProblemKind.RETURN_ERROR,
}
_PROBLEM_NAMES = {kind: name for name, kind in PROBLEMS.items()}


def decode(payload: bytes | str) -> tuple[Message, ...]:
    """Read one message, or an array of them.

    Raises:
        Undecodable: with the reject its sender gets.
    """
    try:
        text = unicode_of(payload) if isinstance(payload, str) else str(payload, "utf-8")
    except UnicodeDecodeError as error:
        raise mistyped("a message is not UTF-8", None) from error
    if len(text) > MOST_VALUES and text.count(",") > MOST_VALUES:
        raise mistyped("a message has too many members", None)
    at = blanks_at(text, 0)
    if not text.startswith("[", at):
        message, at = _message_at(text, at)
        messages = [message]
    else:
        messages, at = _array_at(text, at + 1)
    if blanks_at(text, at) != len(text):
        raise mistyped("something follows the message", None)
    return tuple(messages)


def _array_at(text: str, at: int) -> tuple[list[Message], int]:
    messages: list[Message] = []
    at = blanks_at(text, at)
    if text.startswith("]", at):
        return messages, at + 1
    while len(messages) < MOST_IN_ARRAY:
        message, at = _message_at(text, blanks_at(text, at))
        messages.append(message)
        at = blanks_at(text, at) + 1
        if text.startswith("]", at - 1):
            return messages, at
        if not text.startswith(",", at - 1):
            break
    raise mistyped("an array of messages is too long or no JSON", None)


def _message_at(text: str, at: int) -> tuple[Message, int]:
    outer, end = members_at(text, at, _ENVELOPE)
    for kind, read in _READERS.items():
        entry = outer.get(kind)
        if entry is not None and entry[0] is not None:
            if not isinstance(entry[0], dict):
                break
            return read(entry[0]), end
    raise mistyped("a message is neither invoke nor result, error or reject", None)


def _invoke(members: Members) -> Invoke:
    invoke_id = _integer(members.get("invokeID"), None)
    if invoke_id is None:
        raise mistyped("an invoke has no invokeID", None)
    try:
        return Invoke(
            invoke_id=invoke_id,
            operation_id=_integer(members.get("operationID"), invoke_id) or 0,
            operation_name=_text(members.get("operationName"), invoke_id) or None,
            argument=_any(members.get("argument")),
            session_id=_text(members.get("sessionID"), invoke_id),
            linked_id=_integer(members.get("linked_ID"), invoke_id),
            authentication=_request(members.get("authentication"), invoke_id),
        )
    except Undecodable as error:
        raise mistyped(error.text, invoke_id) from error


def _result(members: Members) -> Result:
    body = members.get("result")
    payload, value = None, 0
    if body is not None and body[0] is not None:
        if not isinstance(body[0], dict):
            raise Undecodable("the result of a call is no object")
        payload = _any(body[0].get("result"))
        value = _integer(body[0].get("resultValue"), EVENT_ID) or 0
    session_id = _text(members.get("sessionID"), EVENT_ID)
    return Result(_answered(members.get("invokeID")), payload, value, session_id)


def _error(members: Members) -> Error:
    return Error(
        invoke_id=_answered(members.get("invokedID") or members.get("invokeID")),
        error=_any(members.get("error")),
        error_value=_integer(members.get("error_value"), EVENT_ID) or 0,
        session_id=_text(members.get("sessionID"), EVENT_ID),
    )


def _reject(members: Members) -> Reject:
    invoked = members.get("invokedID", (None, ""))[0]
    if isinstance(invoked, dict):
        invoked = invoked.get("invokedID")
    return Reject(
        invoke_id=_integer((invoked, ""), EVENT_ID),
        problem=_problem(members.get("reject", (None, ""))[0]),
        details=_text(members.get("details"), EVENT_ID),
        session_id=_text(members.get("sessionID"), EVENT_ID),
        authentication=json_authentication.read_offer(
            members.get("authentication", (None, ""))[0]
        ),
    )


_ENVELOPE: Descent = {"invoke": {}, "result": {"result": {}}, "error": {}, "reject": {}}
_READERS: dict[str, Callable[[Members], Message]] = {
    "invoke": _invoke,
    "result": _result,
    "error": _error,
    "reject": _reject,
}


def _answered(entry: tuple[Any, str] | None) -> int:
    invoke_id = _integer(entry, EVENT_ID)
    if invoke_id is None:
        raise Undecodable("an answer names no invoke")
    return invoke_id


def _integer(entry: tuple[Any, str] | None, invoke_id: int | None) -> int | None:
    """Read a number, digits as text, or a boolean; None for absent and null (Wire 4.3)."""
    value = entry[0] if entry is not None else None
    number = integer_of(value)
    if number is None and value is not None:
        raise mistyped("a number of the envelope is none", invoke_id)
    return number


def _text(entry: tuple[Any, str] | None, invoke_id: int | None) -> str | None:
    value = entry[0] if entry is not None else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if value is None:
        return None
    if isinstance(value, str):
        return unicode_of(value)
    raise mistyped("a text of the envelope is none", invoke_id)


def _any(entry: tuple[Any, str] | None) -> JsonValue | None:
    return None if entry is None or entry[0] is None else JsonValue(entry[1])


def _problem(value: object) -> Problem | None:
    if isinstance(value, dict):
        for name, kind in PROBLEMS.items():
            code = integer_of(value.get(name))
            if code is not None:
                return Problem(kind, code)
    return None


def _request(entry: tuple[Any, str] | None, invoke_id: int) -> AuthenticationRequest | None:
    value = entry[0] if entry is not None else None
    request = json_authentication.read_request(value)
    if request is None and value is not None:
        raise mistyped("the authentication of an invoke cannot be read", invoke_id)
    return request


def encode(message: Message) -> bytes:
    """Write one bare object, members sorted by name as the C++ runtime does, without nulls."""
    match message:
        case Invoke():
            kind, members = "invoke", _invoke_members(message)
        case Result():
            kind, members = "result", [f'"invokeID":{message.invoke_id}']
            inner = "" if message.result is None else f'"result":{_plain(message.result)},'
            members.append(f'"result":{{{inner}"resultValue":{message.result_value}}}')
        case Error():
            value = "" if message.error is None else f'"error":{_plain(message.error)},'
            kind, members = "error", [f'{value}"error_value":{message.error_value}']
            members.append(f'"invokedID":{message.invoke_id}')
        case _:
            kind, members = "reject", _reject_members(message)
    if message.session_id is not None:
        members.append(f'"sessionID":{quoted(message.session_id)}')
    return f'{{"{kind}":{{{",".join(members)}}}}}'.encode()


def _invoke_members(invoke: Invoke) -> list[str]:
    members = [] if invoke.argument is None else [f'"argument":{_plain(invoke.argument)}']
    if invoke.authentication is not None:
        value = json_authentication.written_request(invoke.authentication)
        members.append(f'"authentication":{value.text}')
    members.append(f'"invokeID":{invoke.invoke_id}')
    if invoke.linked_id is not None:
        members.append(f'"linked_ID":{invoke.linked_id}')
    members.append(f'"operationID":{invoke.operation_id}')
    if invoke.operation_name is not None:
        members.append(f'"operationName":{quoted(invoke.operation_name)}')
    return members


def _reject_members(reject: Reject) -> list[str]:
    members = []
    if reject.authentication is not None:
        value = json_authentication.written_offer(reject.authentication)
        members.append(f'"authentication":{value.text}')
    if reject.details is not None:
        members.append(f'"details":{quoted(reject.details)}')
    # The wire says NULL is written as 0 by C++ peers; both runtimes read that (Wire 4.3).
    invoked = '"invokednull":0' if reject.invoke_id is None else f'"invokedID":{reject.invoke_id}'
    members.append(f'"invokedID":{{{invoked}}}')
    if reject.problem is not None:
        name = _PROBLEM_NAMES[reject.problem.kind]
        members.append(f'"reject":{{"{name}":{reject.problem.code}}}')
    return members


def _plain(payload: Payload) -> str:
    if not isinstance(payload, JsonValue):
        raise TypeError("a BER value cannot be written as JSON")
    return payload.text
