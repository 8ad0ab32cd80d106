"""What FCM's answers mean (`ErrorCode` of its HTTP v1 interface)."""

from collections.abc import Iterator, Mapping

from attrs import evolve, frozen

from procall_mobility.protocols.push.answers import members, retry_after, word
from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    LaneRefused,
    Later,
    Outcome,
    Refused,
    Scope,
    TokenDead,
)

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"

FIRST_QUOTA_DELAY = 60.0
"""Seconds (Google: a minute at least)."""

FIRST_SERVER_DELAY = 1.0
"""Seconds."""

BAD_TOKEN = "not a valid FCM registration token"  # noqa: S105  # Words, no secret.
"""Stands in the message, where no code tells a bad token from a bad push."""

TOKEN_FIELD = "message.token"  # noqa: S105  # The same.
"""The one field whose violation says the same."""

QUOTA_METRIC = "quota metric"
"""Stands in the message where the quota is one of Google's cloud, that is, the project's."""

_QUOTA_OF_ALL = Later(reason="QUOTA_EXCEEDED", scope=Scope.LANE, at_least=FIRST_QUOTA_DELAY)

REACTIONS: Mapping[tuple[int, str], Outcome] = {
    (400, "INVALID_ARGUMENT"): Refused(reason="INVALID_ARGUMENT"),
    (401, "THIRD_PARTY_AUTH_ERROR"): LaneRefused(reason="THIRD_PARTY_AUTH_ERROR"),
    (403, "SENDER_ID_MISMATCH"): TokenDead(reason="SENDER_ID_MISMATCH", is_suspicious=True),
    (404, "UNREGISTERED"): TokenDead(reason="UNREGISTERED"),
    (429, "QUOTA_EXCEEDED"): evolve(_QUOTA_OF_ALL, scope=Scope.TOKEN),
    (500, "INTERNAL"): Later(reason="INTERNAL", at_least=FIRST_SERVER_DELAY),
    (503, "UNAVAILABLE"): Later(reason="UNAVAILABLE", at_least=FIRST_SERVER_DELAY),
}
"""Status and `errorCode` of the FcmError, and what follows.  A quota that FCM itself reports is
the device's, as long as it does not name the project."""

WITHOUT_CODE: Mapping[int, type[Refused | CredentialStale | LaneRefused]] = {
    400: Refused,
    401: CredentialStale,
    403: LaneRefused,
    404: LaneRefused,
    405: LaneRefused,
    413: Refused,
}
"""What follows from a status alone: the body is HTML, there is no FcmError in it, or one of a code
that came later.  404 is the project that is not there; no token dies of it."""


@frozen(kw_only=True)
class _Error:
    """What there is to be known of an answer's body."""

    code: str | None
    """Of the FcmError; `error.status` is coarser, and says UNREGISTERED for nothing."""
    status: str | None
    message: str
    violated: tuple[str, ...]
    """Fields of the request that are said to be wrong."""
    is_of_project: bool
    """Whether it is the project's quota that is used up."""


def judge(answer: Answer, *, unix: float) -> Outcome:
    """Return what an answer to a push means, whatever it is."""
    if answer.status == 200:
        return Delivered()
    error = _read(answer)
    outcome = _outcome(answer.status, error)
    if isinstance(outcome, Later):
        return evolve(outcome, after=retry_after(answer, unix))
    return outcome


def _outcome(status: int, error: _Error) -> Outcome:
    if status == 400 and error.code is not None and _is_of_token(error):
        return TokenDead(reason="INVALID_ARGUMENT")
    known = REACTIONS.get((status, error.code)) if error.code else None
    if status == 429 and (known is None or error.is_of_project):
        return _QUOTA_OF_ALL
    if known is not None:
        return known
    reason = error.code or error.status or f"http-{status}"
    by_status = WITHOUT_CODE.get(status)
    return by_status(reason=reason) if by_status else _later(reason)


def _later(reason: str) -> Later:
    return Later(reason=reason, at_least=FIRST_SERVER_DELAY)


def _is_of_token(error: _Error) -> bool:
    if error.violated:
        # The push is bad as well, or alone: another one may go through.
        return all(name == TOKEN_FIELD for name in error.violated)
    return BAD_TOKEN in error.message


def _read(answer: Answer) -> _Error:
    error = members(answer).get("error")
    said = error if isinstance(error, dict) else {}
    details = list(_objects(said.get("details")))
    message = said.get("message")
    codes = (word(each.get("errorCode")) for each in details if each.get("@type") == FCM_ERROR)
    text = message if isinstance(message, str) else ""
    return _Error(
        code=next((code for code in codes if code), None),
        status=word(said.get("status")),
        message=text,
        violated=tuple(_violated(details)),
        is_of_project=QUOTA_METRIC in text or any(_names_project(each) for each in details),
    )


def _violated(details: list[dict[str, object]]) -> Iterator[str]:
    for detail in details:
        if detail.get("@type") == BAD_REQUEST:
            for violation in _objects(detail.get("fieldViolations")):
                yield str(violation.get("field"))


def _names_project(detail: dict[str, object]) -> bool:
    return detail.get("@type") == QUOTA_FAILURE and any(
        str(violation.get("subject")).startswith("project")
        for violation in _objects(detail.get("violations"))
    )


def _objects(value: object) -> Iterator[dict[str, object]]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each
