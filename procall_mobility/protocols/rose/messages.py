"""The four ROSE messages, independent of how they travel (Wire 4.1).

An argument, result or error is an ANY: it is kept as it came, as JSON text or as one BER element,
so that relaying a message needs no understanding of what is inside.
"""

import enum
import json
from typing import Any

from attrs import field, frozen

EVENT_ID = 99999
"""An invoke with this id is an event: nobody ever answers it (Wire 4.1)."""

HIGHEST_INVOKE_ID = EVENT_ID - 1


@frozen
class JsonValue:
    """An ANY as JSON text."""

    text: str = field(repr=False)

    @classmethod
    def of(cls, value: object) -> "JsonValue":
        """Render `value` (dicts, lists, strings, finite numbers, booleans, None)."""
        text = _rendered(value, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            # A lone surrogate, which JSON can say by an escape only.
            text = _rendered(value, ensure_ascii=True)
        return cls(text)

    def value(self) -> Any:
        """Parse the text, which the decoder has already proven to be JSON."""
        return json.loads(self.text)


@frozen
class BerValue:
    """An ANY as one whole BER element, tag and length included."""

    octets: bytes = field(repr=False)


def _rendered(value: object, *, ensure_ascii: bool) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, separators=(",", ":"), allow_nan=False)


Payload = JsonValue | BerValue


@frozen
class AuthenticationItem:
    """One method of ROSE authentication with its data."""

    method: str
    data: bytes = field(repr=False)


@frozen
class AuthenticationRequest:
    """ROSE authentication that accompanies an invoke."""

    item: AuthenticationItem
    context: str | None = None


@frozen
class AuthenticationResult:
    """ROSE authentication methods offered by a reject."""

    items: tuple[AuthenticationItem, ...]
    context: str | None = None


@frozen
class Invoke:
    """A call, or an event when `invoke_id` is `EVENT_ID`.

    `operation_id` is 0 when only the name is known; `operation_name` is None when only the id is.
    """

    invoke_id: int
    operation_id: int = 0
    operation_name: str | None = None
    argument: Payload | None = None
    session_id: str | None = field(default=None, repr=False)
    linked_id: int | None = None
    authentication: AuthenticationRequest | None = None

    @property
    def is_event(self) -> bool:
        """Whether nobody may answer this invoke."""
        return self.invoke_id == EVENT_ID


@frozen
class Result:
    """The answer to a call that went well."""

    invoke_id: int
    result: Payload | None = None
    result_value: int = 0
    session_id: str | None = field(default=None, repr=False)


@frozen
class Error:
    """The answer to a call that the application refused."""

    invoke_id: int
    error: Payload | None = None
    error_value: int = 0
    session_id: str | None = field(default=None, repr=False)


class ProblemKind(enum.IntEnum):
    """Which of the four problem lists a reject's number belongs to; the value is the BER tag."""

    GENERAL = 0
    INVOKE = 1
    RETURN_RESULT = 2
    RETURN_ERROR = 3


class InvokeProblem(enum.IntEnum):
    """Problems of an invoke (Wire 4.1)."""

    DUPLICATE_INVOCATION = 0
    UNRECOGNISED_OPERATION = 1
    MISTYPED_ARGUMENT = 2
    RESOURCE_LIMITATION = 3
    INITIATOR_RELEASING = 4
    UNRECOGNISED_LINKED_ID = 5
    LINKED_RESPONSE_UNEXPECTED = 6
    UNEXPECTED_CHILD_OPERATION = 7
    INVALID_SESSION_ID = 8
    AUTHENTICATION_INCOMPLETE = 9
    AUTHENTICATION_FAILED = 10


@frozen
class Problem:
    """Why a message was rejected.  Peers also put HTTP-like numbers (503, 504) into `code`."""

    kind: ProblemKind
    code: int


@frozen
class Reject:
    """The answer to a message that broke the protocol; `invoke_id` is None when it had none."""

    invoke_id: int | None
    problem: Problem | None = None
    details: str | None = None
    session_id: str | None = field(default=None, repr=False)
    authentication: AuthenticationResult | None = None


Message = Invoke | Result | Error | Reject


def reject_invoke(invoke: Invoke, problem: InvokeProblem, details: str) -> Reject:
    """Reject `invoke`, naming its session again as the vendor's runtime does."""
    return Reject(
        invoke_id=invoke.invoke_id,
        problem=Problem(ProblemKind.INVOKE, int(problem)),
        details=details,
        session_id=invoke.session_id,
    )
