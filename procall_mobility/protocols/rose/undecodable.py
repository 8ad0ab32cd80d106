"""The error of a message that cannot be decoded, and what its sender is told (Wire 4.7)."""

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    InvokeProblem,
    Problem,
    ProblemKind,
    Reject,
)


class Undecodable(PeerError):
    """A message could not be decoded; the connection stays up.

    `answer` is the reject to send back; None for events and answers, which are never answered.
    """

    def __init__(self, text: str, answer: Reject | None = None) -> None:
        super().__init__("protocol-error", text)
        self.answer = answer


def mistyped(text: str, invoke_id: int | None) -> Undecodable:
    """Return the error of an invoke whose id is known, or (None) of a message without any."""
    if invoke_id == EVENT_ID:
        return Undecodable(text)
    problem = Problem(ProblemKind.INVOKE, int(InvokeProblem.MISTYPED_ARGUMENT))
    return Undecodable(text, Reject(invoke_id, problem, "mistypedArgument"))
