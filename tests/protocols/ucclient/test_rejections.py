"""What rejects mean (Wire 4.1)."""

import pytest

from procall_mobility.protocols.rose.messages import Problem, ProblemKind, Reject
from procall_mobility.protocols.ucclient.client_errors import LogonCode
from procall_mobility.protocols.ucclient.rejections import Meaning, meaning_of


@pytest.mark.parametrize(
    ("code", "details", "meaning"),
    [
        (10, "serverBusy", Meaning.BUSY),
        (10, "lockedOut", LogonCode.LOCKED),
        (10, "temporaryLockedOut", LogonCode.TOO_MANY_ATTEMPTS),
        (10, "authenticationFailed", LogonCode.WRONG_CREDENTIALS),
        (9, "authenticationIncomplete", LogonCode.NEXT_STEP),
        (10, None, LogonCode.WRONG_CREDENTIALS),
        (9, "otherError: 0x1", LogonCode.NEXT_STEP),
        (503, None, Meaning.BUSY),
        (504, "x", Meaning.TIMED_OUT),
        (1, "unrecognisedOperation", Meaning.UNKNOWN),
        (444, None, Meaning.UNKNOWN),
    ],
)
def test_the_details_decide_then_the_number(code, details, meaning):
    """Wire 4.1: several meanings share problem 10, and TypeScript peers send HTTP's numbers."""
    assert meaning_of(Reject(1, Problem(ProblemKind.INVOKE, code), details)) is meaning


@pytest.mark.parametrize(
    "kind", [ProblemKind.GENERAL, ProblemKind.RETURN_RESULT, ProblemKind.RETURN_ERROR]
)
def test_the_numbers_of_other_lists_mean_something_else(kind):
    """Wire 4.1."""
    assert meaning_of(Reject(1, Problem(kind, 10))) is Meaning.UNKNOWN
