"""The edge between a peer's own form and the JSON everything behind it speaks (Wire 5.6).

Towards a peer that speaks JSON these functions hand through what they get.  Towards one that
speaks BER they transcode by schema; what the schema does not know cannot be said to it.
"""

from attrs import evolve

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import own_operations, values
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    BerValue,
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
from procall_mobility.protocols.rose.operations import OPERATIONS

NOT_TRANSCODABLE = 500
"""As TypeScript peers do, an HTTP-like number (Wire 4.1)."""


def argument_to_json(invoke: Invoke) -> Invoke:
    """Return an invoke from a peer with its argument as JSON.

    Raises:
        PeerError: BER of an operation or shape the schema does not know.
    """
    if not isinstance(invoke.argument, BerValue):
        return invoke
    return evolve(invoke, argument=to_json(invoke.argument, _types(invoke.operation_name)[0]))


def argument_to_wire(invoke: Invoke, form: Form | None) -> Invoke:
    """Return an invoke for a peer with its argument in the peer's form.

    Raises:
        PeerError: the argument cannot be said in BER.
    """
    if form is not Form.BER or not isinstance(invoke.argument, JsonValue):
        return invoke
    argument = to_wire(invoke.argument, _types(invoke.operation_name)[0], form)
    return evolve(invoke, argument=argument)


def answer_to_json(
    answer: Result | Error | Reject, operation: str | None
) -> Result | Error | Reject:
    """Return an answer from a peer as JSON; a reject stands for one nobody can read."""
    try:
        if isinstance(answer, Result) and isinstance(answer.result, BerValue):
            return evolve(answer, result=to_json(answer.result, _types(operation)[1]))
        if isinstance(answer, Error) and isinstance(answer.error, BerValue):
            return evolve(answer, error=to_json(answer.error, _error_type(operation)))
    except PeerError:
        return _unreadable(answer)
    return answer


def answer_to_wire(
    answer: Result | Error | Reject, operation: str | None, form: Form | None
) -> Result | Error | Reject:
    """Return an answer for a peer in its form; a reject stands for one it cannot say."""
    if form is not Form.BER:
        return answer
    try:
        if isinstance(answer, Result) and isinstance(answer.result, JsonValue):
            return evolve(answer, result=to_wire(answer.result, _types(operation)[1], form))
        if isinstance(answer, Error) and isinstance(answer.error, JsonValue):
            return evolve(answer, error=to_wire(answer.error, _error_type(operation), form))
    except PeerError:
        return _unreadable(answer)
    return answer


def message_to_wire(message: Message, operation: str | None, form: Form | None) -> Message:
    """Return any message for a peer in its form.

    Raises:
        PeerError: an invoke's argument cannot be said in BER.
    """
    if isinstance(message, Invoke):
        return argument_to_wire(message, form)
    return answer_to_wire(message, operation, form)


def to_json(payload: Payload, type_name: str | None) -> JsonValue:
    """Return `payload`, a value of `type_name`, as JSON.

    Raises:
        PeerError: BER of a type that is not known, or of another shape.
    """
    if isinstance(payload, JsonValue):
        return payload
    if type_name is None:
        raise PeerError("protocol-error", "the schema does not know this operation")
    if type_name == own_operations.DOCUMENT:
        return own_operations.document(payload)
    return values.to_json(type_name, payload)


def to_wire(value: JsonValue, type_name: str | None, form: Form | None) -> Payload:
    """Return `value`, of `type_name`, in the form a peer speaks.

    Raises:
        PeerError: it cannot be said in BER.
    """
    if form is not Form.BER:
        return value
    if type_name is None:
        raise PeerError("protocol-error", "the schema does not know this operation")
    if type_name == own_operations.DOCUMENT:
        return own_operations.as_ber(value)
    return values.to_ber(type_name, value)


def _types(operation: str | None) -> tuple[str | None, str | None]:
    return OPERATIONS.types_of(operation) if operation is not None else (None, None)


def _error_type(operation: str | None) -> str:
    return OPERATIONS.error_of(operation or "")


def _unreadable(answer: Result | Error | Reject) -> Reject:
    return Reject(
        invoke_id=answer.invoke_id,
        problem=Problem(ProblemKind.INVOKE, NOT_TRANSCODABLE),
        details="notTranscodable",
        session_id=answer.session_id,
    )
