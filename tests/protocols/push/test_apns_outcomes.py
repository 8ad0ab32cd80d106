"""Every row of what APNs answers, and whatever else may come."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.answers import LONGEST_RETRY_AFTER
from procall_mobility.protocols.push.apns_outcomes import REACTIONS, OtherEnvironment, judge
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
    WrongEnvironment,
)
from tests.protocols.push.pushes import JSON, UNIX, answer, answers

PAGE = Path(__file__).parents[3] / "docs/protocols/push-apns.md"
NONE, UNTRIED, TRIED = OtherEnvironment

ROWS: list[tuple[int, str, Outcome]] = [
    (400, "BadDeviceToken", TokenDead(reason="BadDeviceToken")),
    (400, "DeviceTokenNotForTopic",
     TokenDead(reason="DeviceTokenNotForTopic", is_suspicious=True)),
    (400, "TopicDisallowed", Refused(reason="TopicDisallowed")),
    (400, "BadTopic", Refused(reason="BadTopic")),
    (400, "MissingTopic", Refused(reason="MissingTopic")),
    (400, "BadPriority", Refused(reason="BadPriority")),
    (400, "BadExpirationDate", Refused(reason="BadExpirationDate")),
    (400, "BadCollapseId", Refused(reason="BadCollapseId")),
    (400, "BadMessageId", Refused(reason="BadMessageId")),
    (400, "DuplicateHeaders", Refused(reason="DuplicateHeaders")),
    (400, "PayloadEmpty", Refused(reason="PayloadEmpty")),
    (400, "InvalidPushType", Refused(reason="InvalidPushType")),
    (400, "MissingDeviceToken", Refused(reason="MissingDeviceToken")),
    (400, "IdleTimeout", Later(reason="IdleTimeout", at_once=True)),
    (403, "ExpiredProviderToken", CredentialStale(reason="ExpiredProviderToken")),
    (403, "InvalidProviderToken", LaneRefused(reason="InvalidProviderToken")),
    (403, "MissingProviderToken", LaneRefused(reason="MissingProviderToken")),
    (403, "Forbidden", LaneRefused(reason="Forbidden")),
    (403, "BadCertificate", LaneRefused(reason="BadCertificate")),
    (403, "BadCertificateEnvironment", LaneRefused(reason="BadCertificateEnvironment")),
    (403, "BadEnvironmentKeyInToken", LaneRefused(reason="BadEnvironmentKeyInToken")),
    (403, "BadEnvironmentKeyIdInToken", LaneRefused(reason="BadEnvironmentKeyIdInToken")),
    (403, "UnrelatedKeyIdInToken", LaneRefused(reason="UnrelatedKeyIdInToken")),
    (404, "BadPath", LaneRefused(reason="BadPath")),
    (405, "MethodNotAllowed", LaneRefused(reason="MethodNotAllowed")),
    (410, "Unregistered", TokenDead(reason="Unregistered")),
    (410, "ExpiredToken", TokenDead(reason="ExpiredToken")),
    (413, "PayloadTooLarge", Refused(reason="PayloadTooLarge")),
    (429, "TooManyRequests", Later(reason="TooManyRequests", scope=Scope.TOKEN, at_least=60.0)),
    (429, "TooManyProviderTokenUpdates",
     Later(reason="TooManyProviderTokenUpdates", at_once=True)),
    (500, "InternalServerError", Later(reason="InternalServerError")),
    (503, "ServiceUnavailable", Later(reason="ServiceUnavailable")),
    (503, "Shutdown", Later(reason="Shutdown")),
]  # fmt: skip
"""Apple's statuses and reasons, of an application that is in both environments."""


def judged(any_answer: Answer, other: OtherEnvironment = TRIED) -> Outcome:
    return judge(any_answer, unix=UNIX, other_environment=other)


@pytest.mark.parametrize(("status", "reason", "outcome"), ROWS)
def test_every_reason_has_its_reaction(status: int, reason: str, outcome: Outcome) -> None:
    assert judged(answer(status, {"reason": reason})) == outcome


def test_the_rows_above_are_all_there_are() -> None:
    assert {(status, reason) for status, reason, _ in ROWS} == set(REACTIONS)


def test_the_page_for_operators_names_every_reason() -> None:
    page = PAGE.read_text("utf-8")
    assert [reason for _, reason in REACTIONS if f"`{reason}`" not in page] == []


def test_200_is_delivered_whatever_else_it_says() -> None:
    assert judged(answer(200)) == Delivered()
    assert judged(answer(200, {"reason": "BadDeviceToken"})) == Delivered()


@pytest.mark.parametrize(
    ("other", "outcome"),
    [
        (NONE, TokenDead(reason="BadDeviceToken", is_suspicious=True)),
        (UNTRIED, WrongEnvironment(reason="BadDeviceToken")),
        (TRIED, TokenDead(reason="BadDeviceToken")),
    ],
)
def test_a_bad_token_may_be_one_of_the_other_environment(
    other: OtherEnvironment, outcome: Outcome
) -> None:
    """Where there is no other, all tokens look bad when ours is the wrong one."""
    assert judged(answer(400, {"reason": "BadDeviceToken"}), other) == outcome


@pytest.mark.parametrize(
    ("timestamp", "since"),
    [
        (1_799_999_000_500, 1_799_999_000.5),
        (1_799_999_000_500.0, 1_799_999_000.5),
        (0, None),
        (-1, None),
        (10**400, None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        ("1799999000500", None),
        (None, None),
    ],
)
def test_a_dead_token_may_say_since_when(timestamp: object, since: float | None) -> None:
    """Milliseconds; a token that was registered after that is another one."""
    said = {"reason": "Unregistered", "timestamp": timestamp}
    assert judged(answer(410, said)) == TokenDead(reason="Unregistered", since=since)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Refused(reason="Novelty")),
        (403, LaneRefused(reason="Novelty")),
        (404, LaneRefused(reason="Novelty")),
        (405, LaneRefused(reason="Novelty")),
        (410, TokenDead(reason="Novelty", is_suspicious=True)),
        (413, Refused(reason="Novelty")),
        (418, Later(reason="Novelty")),
        (429, Later(reason="Novelty", scope=Scope.TOKEN, at_least=60.0)),
        (500, Later(reason="Novelty")),
    ],
)
def test_a_reason_that_came_later_is_judged_by_its_status(status: int, outcome: Outcome) -> None:
    assert judged(answer(status, {"reason": "Novelty"})) == outcome


@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b"[]", b'{"reason":"two words\\n"}'])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, Later(reason="http-204")),
        (302, Later(reason="http-302")),
        (400, Later(reason="http-400")),
        (403, LaneRefused(reason="http-403")),
        (404, LaneRefused(reason="http-404")),
        (405, LaneRefused(reason="http-405")),
        (410, Later(reason="http-410")),
        (413, Refused(reason="http-413")),
        (429, Later(reason="http-429", scope=Scope.TOKEN, at_least=60.0)),
        (502, Later(reason="http-502")),
    ],
)
def test_no_token_dies_on_the_word_of_something_on_the_way(
    status: int, outcome: Outcome, body: bytes
) -> None:
    """APNs always gives a reason."""
    assert judged(answer(status, body)) == outcome


@pytest.mark.parametrize(
    ("text", "after"),
    [("30", 30.0), ("Fri, 15 Jan 2027 08:01:00 GMT", 60.0), ("soon", None)],
)
def test_retry_after_is_kept(text: str, after: float | None) -> None:
    said = answer(503, {"reason": "ServiceUnavailable"}, retry_after=text)
    assert judged(said) == Later(reason="ServiceUnavailable", after=after)


REASONS = st.sampled_from([reason for _, reason, _ in ROWS]) | JSON
MEMBERS = st.fixed_dictionaries({"reason": REASONS}, optional={"timestamp": JSON})


@given(answers(MEMBERS), st.sampled_from(OtherEnvironment))
def test_any_answer_has_an_outcome(any_answer: Answer, other: OtherEnvironment) -> None:
    outcome = judged(any_answer, other)
    assert isinstance(outcome, Outcome)
    if isinstance(outcome, Later):
        assert outcome.after is None or 0 <= outcome.after <= LONGEST_RETRY_AFTER
    if isinstance(outcome, TokenDead):
        assert any_answer.status in (400, 410)
    assert "\n" not in getattr(outcome, "reason", "")
