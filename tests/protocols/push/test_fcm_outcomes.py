"""Every row of what FCM answers, and whatever else may come."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.protocols.push.fcm_outcomes import (
    BAD_REQUEST,
    FCM_ERROR,
    QUOTA_FAILURE,
    REACTIONS,
    judge,
)
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
from tests.protocols.push.pushes import JSON, UNIX, answer, answers

PAGE = Path(__file__).parents[3] / "docs/protocols/push-fcm.md"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
HTML = b"<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>"
BAD_TOKEN = "The registration token is not a valid FCM registration token"


def error(
    code: str | None = None, *details: object, status: object = None, message: object = "No."
) -> dict[str, Any]:
    """Return a body as Google writes them; `code` is that of the FcmError."""
    ours = [{"@type": FCM_ERROR, "errorCode": code}] if code else []
    return {"error": {"status": status, "message": message, "details": [*ours, *details]}}


def violating(*fields: str) -> dict[str, Any]:
    return {"@type": BAD_REQUEST, "fieldViolations": [{"field": field} for field in fields]}


def quota(*subjects: str) -> dict[str, Any]:
    return {"@type": QUOTA_FAILURE, "violations": [{"subject": each} for each in subjects]}


RATE_LIMIT = {
    "@type": ERROR_INFO,
    "reason": "RATE_LIMIT_EXCEEDED",
    "domain": "googleapis.com",
    "metadata": {"quota_unit": "1/min/{project}"},
}
"""What stands in the place of the FcmError when the project has used up its minute."""

OF_DEVICE = Later(reason="QUOTA_EXCEEDED", scope=Scope.TOKEN, at_least=60.0)
OF_PROJECT = Later(reason="QUOTA_EXCEEDED", scope=Scope.LANE, at_least=60.0)

ROWS: list[tuple[int, object, Outcome]] = [
    (200, {"name": "projects/procall-91/messages/0:1"}, Delivered()),
    (400, error("INVALID_ARGUMENT", message=BAD_TOKEN), TokenDead(reason="INVALID_ARGUMENT")),
    (400, error("INVALID_ARGUMENT", violating("message.token")),
     TokenDead(reason="INVALID_ARGUMENT")),
    (400, error("INVALID_ARGUMENT", violating("message.data[0].value")),
     Refused(reason="INVALID_ARGUMENT")),
    (400, error("INVALID_ARGUMENT", violating("message.token", "message.android.ttl")),
     Refused(reason="INVALID_ARGUMENT")),
    (400, error("INVALID_ARGUMENT", violating("message.android.ttl"), message=BAD_TOKEN),
     Refused(reason="INVALID_ARGUMENT")),
    (400, error("INVALID_ARGUMENT"), Refused(reason="INVALID_ARGUMENT")),
    (400, error(status="INVALID_ARGUMENT", message=BAD_TOKEN),
     Refused(reason="INVALID_ARGUMENT")),
    (400, HTML, Refused(reason="http-400")),
    (401, error("THIRD_PARTY_AUTH_ERROR"), LaneRefused(reason="THIRD_PARTY_AUTH_ERROR")),
    (401, error(status="UNAUTHENTICATED"), CredentialStale(reason="UNAUTHENTICATED")),
    (401, HTML, CredentialStale(reason="http-401")),
    (403, error("SENDER_ID_MISMATCH"),
     TokenDead(reason="SENDER_ID_MISMATCH", is_suspicious=True)),
    (403, error(status="PERMISSION_DENIED"), LaneRefused(reason="PERMISSION_DENIED")),
    (403, HTML, LaneRefused(reason="http-403")),
    (404, error("UNREGISTERED", status="NOT_FOUND"), TokenDead(reason="UNREGISTERED")),
    (404, error(status="NOT_FOUND"), LaneRefused(reason="NOT_FOUND")),
    (404, HTML, LaneRefused(reason="http-404")),
    (405, HTML, LaneRefused(reason="http-405")),
    (413, HTML, Refused(reason="http-413")),
    (429, error("QUOTA_EXCEEDED"), OF_DEVICE),
    (429, error("QUOTA_EXCEEDED", quota("device:1")), OF_DEVICE),
    (429, error("QUOTA_EXCEEDED", quota("project:procall-91")), OF_PROJECT),
    (429, error("QUOTA_EXCEEDED", quota("device:1"), quota("project:procall-91")), OF_PROJECT),
    (429, error("QUOTA_EXCEEDED", quota("project:procall-91", "device:1")), OF_PROJECT),
    (429, error("QUOTA_EXCEEDED", message="Quota exceeded for quota metric 'Send requests'"),
     OF_PROJECT),
    (429, error(None, RATE_LIMIT, status="RESOURCE_EXHAUSTED"), OF_PROJECT),
    (429, HTML, OF_PROJECT),
    (500, error("INTERNAL"), Later(reason="INTERNAL", at_least=1.0)),
    (500, HTML, Later(reason="http-500", at_least=1.0)),
    (502, HTML, Later(reason="http-502", at_least=1.0)),
    (503, error("UNAVAILABLE"), Later(reason="UNAVAILABLE", at_least=1.0)),
    (503, error(status="UNAVAILABLE"), Later(reason="UNAVAILABLE", at_least=1.0)),
    (503, HTML, Later(reason="http-503", at_least=1.0)),
    (504, HTML, Later(reason="http-504", at_least=1.0)),
    (302, HTML, Later(reason="http-302", at_least=1.0)),
]  # fmt: skip
"""Status, body and what follows."""


def judged(any_answer: Answer) -> Outcome:
    return judge(any_answer, unix=UNIX)


@pytest.mark.parametrize(("status", "body", "outcome"), ROWS)
def test_every_answer_has_its_reaction(status: int, body: object, outcome: Outcome) -> None:
    assert judged(answer(status, body)) == outcome


@pytest.mark.parametrize(("status", "code"), REACTIONS)
def test_the_rows_above_have_every_code_in_them(status: int, code: str) -> None:
    bodies = [body for row, body, _ in ROWS if row == status]
    assert any(f"'errorCode': '{code}'" in str(body) for body in bodies)


def test_the_page_for_operators_names_every_code() -> None:
    page = PAGE.read_text("utf-8")
    assert [code for _, code in REACTIONS if f"`{code}`" not in page] == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Refused(reason="NOVELTY")),
        (401, CredentialStale(reason="NOVELTY")),
        (403, LaneRefused(reason="NOVELTY")),
        (404, LaneRefused(reason="NOVELTY")),
        (429, OF_PROJECT),
        (500, Later(reason="NOVELTY", at_least=1.0)),
        # A code beside a status that is not its own says nothing.
        (503, Later(reason="NOVELTY", at_least=1.0)),
    ],
)
def test_a_code_that_came_later_is_judged_by_its_status(status: int, outcome: Outcome) -> None:
    assert judged(answer(status, error("NOVELTY"))) == outcome


def test_no_token_dies_of_a_404_that_fcm_has_not_signed() -> None:
    """A wrong project answers 404 to every token; `error.status` proves nothing."""
    assert judged(answer(404, error(status="UNREGISTERED"))) == LaneRefused(reason="UNREGISTERED")


@pytest.mark.parametrize(
    ("text", "after"),
    [("30", 30.0), ("Fri, 15 Jan 2027 08:01:00 GMT", 60.0), ("soon", None)],
)
@pytest.mark.parametrize(
    ("status", "body"), [(503, error("UNAVAILABLE")), (429, HTML), (502, HTML)]
)
def test_retry_after_is_seconds_or_a_date(
    status: int, body: object, text: str, after: float | None
) -> None:
    outcome = judged(answer(status, body, retry_after=text))
    assert isinstance(outcome, Later) and outcome.after == after


def test_what_stands_in_a_list_and_is_no_object_says_nothing() -> None:
    told = error("QUOTA_EXCEEDED", "x", {"@type": QUOTA_FAILURE, "violations": [7, None]})
    assert judged(answer(429, told)) == OF_DEVICE


CODES = st.sampled_from([code for _, code in REACTIONS]) | JSON
DETAIL = st.fixed_dictionaries(
    {"@type": st.sampled_from([FCM_ERROR, BAD_REQUEST, QUOTA_FAILURE]) | JSON},
    optional={"errorCode": CODES, "fieldViolations": JSON, "violations": JSON},
)
ERROR = st.fixed_dictionaries(
    {"details": st.lists(DETAIL | JSON, max_size=3) | JSON},
    optional={"status": JSON, "message": st.just(BAD_TOKEN) | JSON},
)


@given(answers(st.fixed_dictionaries({"error": ERROR | JSON})))
def test_any_answer_has_an_outcome(any_answer: Answer) -> None:
    outcome = judged(any_answer)
    assert isinstance(outcome, Outcome)
    if isinstance(outcome, TokenDead):
        assert any_answer.status in (400, 403, 404)
        assert FCM_ERROR.encode() in any_answer.body
    assert "\n" not in getattr(outcome, "reason", "")
