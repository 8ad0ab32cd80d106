"""Answers operations of our own: what servers ask over their links, and clients in their sessions.

None of them is ever passed on: a client's never reaches the customer's server, which does not know
them, nor the other way round.
"""

from collections.abc import Callable
from typing import Any

from attrs import define, field

from procall_mobility.gateway.links import Link
from procall_mobility.gateway.push.ports import NotReadable
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.sessions import Session
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.messages import (
    Error,
    Invoke,
    InvokeProblem,
    JsonValue,
    Reject,
    Result,
    reject_invoke,
)
from procall_mobility.protocols.rose.own_operations import is_ours

Answer = Result | Error | Reject
Say = Callable[[Answer], None]
"""Takes the answer to a call, once."""

Tell = Callable[[dict[str, Any]], None]
"""Takes the result of an operation, at once or later, once."""

ServerAct = Callable[[Link, JsonValue, Tell, float], None]
"""Performs an operation for a customer's server.  Raises Declined where it does not."""

ClientAct = Callable[[Session, JsonValue, Tell, float], None]
"""Performs one for a client.  Raises Declined where it does not."""


class Declined(PeerError):
    """An operation that is not performed; `status` is what HTTP calls that."""

    def __init__(self, status: int, reason: str, text: str) -> None:
        """Say why."""
        super().__init__(reason, text)
        self.status = status


@define(eq=False)
class OwnCalls:
    """The operations; where they are switched off (A-41), names of ours are like any other."""

    is_on: bool = True
    for_servers: dict[str, ServerAct] = field(factory=dict)
    for_clients: dict[str, ClientAct] = field(factory=dict)

    def takes(self, operation: str | None) -> bool:
        """Whether an operation is for us, known or not."""
        return self.is_on and is_ours(operation)

    def serve(self, link: Link, invoke: Invoke, say: Say, now: float) -> None:
        """Perform an operation a customer's server calls."""
        act = self.for_servers.get(invoke.operation_name or "")
        say = _answering(link.asked, invoke, say)
        _perform(None if act is None else lambda *told: act(link, *told), invoke, say, now)

    def serve_client(self, session: Session, invoke: Invoke, say: Say, now: float) -> None:
        """Perform an operation a client calls."""
        act = self.for_clients.get(invoke.operation_name or "")
        say = _answering(session.asked, invoke, say)
        _perform(None if act is None else lambda *told: act(session, *told), invoke, say, now)


def members(argument: JsonValue) -> dict[str, Any]:
    """Return an argument's members.

    Raises:
        Declined: it is no object.
    """
    try:
        value = argument.value()
    except RecursionError:
        value = None  # Whoever has read it first had more room for it.
    if not isinstance(value, dict):
        raise Declined(400, "bad-body", "the argument is no JSON object")
    return value


def text_of(told: dict[str, Any], name: str, longest: int) -> str:
    """Return a member that is needed.

    Raises:
        Declined: it is missing, too long, or no text.
    """
    value = told.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Declined(400, "bad-body", f"`{name}` has 1 to {longest} characters")
    return value


def _answering(unanswered: list[int], invoke: Invoke, say: Say) -> Say:
    """Note a call until it is answered; one that was answered otherwise meanwhile is no more."""
    unanswered.append(invoke.invoke_id)

    def answer(told: Answer) -> None:
        if invoke.invoke_id in unanswered:
            unanswered.remove(invoke.invoke_id)
            say(told)

    return answer


def _perform(
    act: Callable[[JsonValue, Tell, float], None] | None, invoke: Invoke, say: Say, now: float
) -> None:
    if act is None:
        problem = InvokeProblem.UNRECOGNISED_OPERATION
        say(reject_invoke(invoke, problem, "unrecognisedOperation"))
        return
    argument = invoke.argument if isinstance(invoke.argument, JsonValue) else JsonValue("{}")
    try:
        act(argument, lambda told: say(Result(invoke.invoke_id, JsonValue.of(told))), now)
    except Declined as error:
        say(Error(invoke.invoke_id, _declined(error)))
    except NotReadable:  # Operations ask before they tell anything.
        why = Reason.NOT_READABLE
        say(Error(invoke.invoke_id, _declined(Declined(503, why.value, why.text))))


def _declined(error: Declined) -> JsonValue:
    """Return an error like the published operations', which can be said in every form."""
    return JsonValue.of(
        {
            "_type": "AsnRequestError",
            "iErrorDetail": error.status,
            "u8sErrorString": f"{error.reason}: {error.text}",
        }
    )
