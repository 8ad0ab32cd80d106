"""What a UCServer's reject of a log-on means (Wire 4.1)."""

import enum

from procall_mobility.protocols.rose.messages import InvokeProblem, ProblemKind, Reject
from procall_mobility.protocols.ucclient.client_errors import BUSY, TIMED_OUT, LogonCode


class Meaning(enum.Enum):
    """Meanings that are no verdict on the credentials."""

    BUSY = enum.auto()
    TIMED_OUT = enum.auto()
    UNKNOWN = enum.auto()


_DETAILS: dict[str, Meaning | LogonCode] = {
    "serverBusy": Meaning.BUSY,
    "lockedOut": LogonCode.LOCKED,
    "temporaryLockedOut": LogonCode.TOO_MANY_ATTEMPTS,
    "authenticationFailed": LogonCode.WRONG_CREDENTIALS,
    "authenticationIncomplete": LogonCode.NEXT_STEP,
}

_CODES: dict[int, Meaning | LogonCode] = {
    BUSY: Meaning.BUSY,
    TIMED_OUT: Meaning.TIMED_OUT,
    int(InvokeProblem.AUTHENTICATION_FAILED): LogonCode.WRONG_CREDENTIALS,
    int(InvokeProblem.AUTHENTICATION_INCOMPLETE): LogonCode.NEXT_STEP,
}


def meaning_of(reject: Reject) -> Meaning | LogonCode:
    """Say what `reject` means; the details text is more precise than the problem's number."""
    if reject.details in _DETAILS:
        return _DETAILS[reject.details]
    if reject.problem is not None and reject.problem.kind is ProblemKind.INVOKE:
        return _CODES.get(reject.problem.code, Meaning.UNKNOWN)
    return Meaning.UNKNOWN
