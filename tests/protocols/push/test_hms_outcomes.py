"""Answers of Huawei's Push Kit, row by row, and whatever else may come."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.protocols.push.hms_outcomes import (
    BY_STATUS,
    FAMILIES,
    REACTIONS,
    TOKEN_REASONS,
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

TOKEN, OTHER = "IQAAAACy0bJtAABZx", "IQAAAACy0bJtAABZy"

CODES: list[tuple[str, str, Outcome]] = [
    ("80000000", "Success", Delivered()),
    ("80100001", "UnSupported svc", Refused(reason="80100001")),
    ("80100003", "Illegal payload", Refused(reason="80100003")),
    ("80100004", "Illegal expire time", Refused(reason="80100004")),
    ("80100013", "collapse_key", Refused(reason="80100013")),
    ("80100016", "sensitive words", Refused(reason="80100016")),
    ("80100017", "more than 100 topics", Later(reason="80100017")),
    ("80100018", "review", Refused(reason="80100018")),
    ("80100022", "Anti-Spam: image not verify", Refused(reason="80100022")),
    ("80200001", "Authentication error", CredentialStale(reason="80200001")),
    ("80200003", "token expired", CredentialStale(reason="80200003")),
    ("80200005", "Jwt token expired", CredentialStale(reason="80200005")),
    ("80300002", "No permission to send", LaneRefused(reason="80300002")),
    ("80300007", "All the tokens are invalid",
     TokenDead(reason="80300007", is_suspicious=True, needs_living=True)),
    ("80300008", "Push message size is too long", Refused(reason="80300008")),
    ("80300010", "token count", Refused(reason="80300010")),
    ("80300011", "no right for high priority", Refused(reason="80300011")),
    ("80300013", "receipt", Refused(reason="80300013")),
    ("80300029", "test messages", Later(reason="80300029", scope=Scope.LANE, at_least=10.0)),
    ("80300030", "tokens of a test message", Refused(reason="80300030")),
    ("80300036", "JWT expire period over threshold", LaneRefused(reason="80300036")),
    ("80300037", "penalty", LaneRefused(reason="80300037")),
    ("80600003", "OAuth service failed", Later(reason="80600003", at_least=1.0)),
    ("81000001", "Inner Error", Later(reason="81000001", at_least=1.0)),
    # Codes that nobody has told us of.
    ("80100999", "", Refused(reason="80100999")),
    ("80200999", "", CredentialStale(reason="80200999")),
    ("80300999", "", Refused(reason="80300999")),
    ("80600999", "", Later(reason="80600999", at_least=1.0)),
    ("82000001", "", Later(reason="82000001", at_least=1.0)),
    ("1", "", Later(reason="1", at_least=1.0)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "message", "outcome"), CODES, ids=[row[0] for row in CODES])
@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_a_code_means_what_the_table_says(
    code: str, message: str, outcome: Outcome, status: int
) -> None:
    """Whatever status it comes with, and written as text or as a number."""
    for said in (code, int(code)):
        body = {"code": said, "msg": message, "requestId": "157006"}
        assert judge(answer(status, body), token=TOKEN, unix=UNIX) == outcome


def test_every_row_of_the_tables_is_tested() -> None:
    codes = {code for code, _, _ in CODES}
    assert codes >= REACTIONS.keys()
    assert {code[:3] for code in codes - REACTIONS.keys()} >= FAMILIES.keys()
    assert {status for status, _ in STATUSES} >= BY_STATUS.keys()
    assert {reason for reason, _ in REASONS} >= TOKEN_REASONS.keys()


STATUSES: list[tuple[int, Outcome]] = [
    (200, Later(reason="http-200", at_least=1.0)),
    (302, Later(reason="http-302", at_least=1.0)),
    (400, Refused(reason="http-400")),
    (401, CredentialStale(reason="http-401")),
    (403, LaneRefused(reason="http-403")),
    (404, LaneRefused(reason="http-404")),
    (405, LaneRefused(reason="http-405")),
    (413, Refused(reason="http-413")),
    (429, Later(reason="http-429", scope=Scope.LANE, at_least=10.0)),
    (500, Later(reason="http-500", at_least=1.0)),
    (502, Later(reason="http-502", at_least=1.0)),
    (503, Later(reason="http-503", scope=Scope.LANE, at_least=10.0)),
]


@pytest.mark.parametrize(("status", "outcome"), STATUSES)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", {}, {"code": None}, {"code": True}, {"code": "a b"}]
)
def test_without_a_code_the_status_counts(status: int, outcome: Outcome, body: object) -> None:
    assert judge(answer(status, body), token=TOKEN, unix=UNIX) == outcome


def test_flow_control_says_when_to_come_back() -> None:
    said = answer(503, retry_after="120")
    assert judge(said, token=TOKEN, unix=UNIX) == Later(
        reason="http-503", scope=Scope.LANE, at_least=10.0, after=120.0
    )


def android(code: str, *illegal: str) -> Answer:
    """Write it as Huawei does: JSON in a string of JSON."""
    told = {"success": 3, "failure": len(illegal), "illegal_tokens": list(illegal)}
    return answer(200, {"code": code, "msg": json.dumps(told), "requestId": "1"})


def harmony(code: str, reason: str, *illegal: str) -> Answer:
    told = {"illegalTokens": {reason: list(illegal)}, "success": 1, "failure": len(illegal)}
    return answer(200, {"code": code, "msg": json.dumps(told), "requestId": "1"})


def test_of_some_bad_tokens_those_that_are_named_are_dead() -> None:
    """80100000: others were delivered, so it is no mistake of ours."""
    said = android("80100000", OTHER, TOKEN)
    assert judge(said, token=TOKEN, unix=UNIX) == TokenDead(reason="80100000")
    assert judge(said, token=OTHER, unix=UNIX) == TokenDead(reason="80100000")
    assert judge(said, token=TOKEN + "z", unix=UNIX) == Delivered()
    assert judge(android("80100000"), token=TOKEN, unix=UNIX) == Delivered()


def test_if_all_tokens_are_bad_it_may_be_the_application() -> None:
    """80300007: a wrong application id gives the same code."""
    suspicious = TokenDead(reason="80300007", is_suspicious=True, needs_living=True)
    assert judge(android("80300007", TOKEN), token=TOKEN, unix=UNIX) == suspicious
    assert judge(android("80300007"), token=TOKEN, unix=UNIX) == suspicious


REASONS: list[tuple[str, Outcome]] = [
    ("tokenFormatError", TokenDead(reason="tokenFormatError")),
    ("tokenPlatformNotSupport", TokenDead(reason="tokenPlatformNotSupport")),
    ("noRight", TokenDead(reason="noRight", is_suspicious=True)),
    ("noPushTypeRight", Refused(reason="noPushTypeRight")),
    ("noRightToSendThisLiveNotificationEvent",
     Refused(reason="noRightToSendThisLiveNotificationEvent")),
    ("atomicUnableSendUnsubscribedMsg", Refused(reason="atomicUnableSendUnsubscribedMsg")),
    ("countryNotSupport", Refused(reason="countryNotSupport")),
    ("differentImgVerifyPolicy", Refused(reason="differentImgVerifyPolicy")),
    ("notSupportPlayVoice", Refused(reason="notSupportPlayVoice")),
    ("disableSendHuaweiMsgBecauseOfPenalty",
     LaneRefused(reason="disableSendHuaweiMsgBecauseOfPenalty")),
    ("appinfoError", LaneRefused(reason="appinfoError")),
    ("somethingNew", Refused(reason="somethingNew")),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "outcome"), REASONS, ids=[row[0] for row in REASONS])
@pytest.mark.parametrize("code", ["80100000", "80300007"])
def test_harmony_says_why_a_token_was_not_taken(reason: str, outcome: Outcome, code: str) -> None:
    """Most of these "invalid" tokens are alive."""
    said = harmony(code, reason, OTHER, TOKEN)
    assert judge(said, token=TOKEN, unix=UNIX) == outcome


def test_a_token_that_harmony_does_not_name_got_its_push() -> None:
    said = harmony("80100000", "tokenFormatError", OTHER)
    assert judge(said, token=TOKEN, unix=UNIX) == Delivered()


def test_a_reason_that_is_no_word_is_not_repeated() -> None:
    """A token might stand there."""
    said = harmony("80100000", f"bad {TOKEN}", TOKEN)
    assert judge(said, token=TOKEN, unix=UNIX) == Refused(reason="80100000")


@pytest.mark.parametrize(
    "message",
    [None, 7, "", "Success", "[]", "{}", "{", "[" * 5000, '{"illegal_tokens":7}',
     '{"illegalTokens":[]}', '{"illegalTokens":7}'],
)  # fmt: skip
def test_if_nobody_says_which_tokens_were_bad_the_push_goes_again(message: object) -> None:
    """Twice is better than never; its id lets the application drop the second."""
    said = answer(200, {"code": "80100000", "msg": message})
    assert judge(said, token=TOKEN, unix=UNIX) == Later(reason="80100000", at_least=1.0)


TOLD = st.fixed_dictionaries(
    {},
    optional={
        "illegal_tokens": st.lists(st.sampled_from([TOKEN, OTHER])) | JSON,
        "illegalTokens": st.dictionaries(
            st.sampled_from(sorted(TOKEN_REASONS)) | st.text(max_size=9),
            st.lists(st.sampled_from([TOKEN, OTHER])) | JSON,
        )
        | JSON,
    },
)


@given(
    answers(
        st.fixed_dictionaries(
            {},
            optional={
                "code": st.sampled_from([*REACTIONS, "80100000", "80300007"])
                | st.from_regex(r"8[0-9]{7}", fullmatch=True)
                | JSON,
                "msg": TOLD.map(json.dumps) | JSON,
            },
        )
    )
)
def test_any_answer_has_an_outcome(said: Answer) -> None:
    outcome = judge(said, token=TOKEN, unix=UNIX)
    assert isinstance(outcome, Outcome)
    assert TOKEN not in repr(outcome)
    if isinstance(outcome, TokenDead):
        assert TOKEN.encode() in said.body or b"80300007" in said.body
