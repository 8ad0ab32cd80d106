"""Answers of Web Push services, row by row, and whatever else they may say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from procall_mobility.protocols.push.web_push_outcomes import PHRASES, REACTIONS, REASONS, judge
from tests.protocols.push.pushes import JSON, UNIX, answer, answers

MISMATCH = TokenDead(reason="vapid-key-mismatch", is_suspicious=True)
GOOGLE_MISMATCH = (
    b"the VAPID credentials in the authorization header do not correspond to the credentials used "
    b"to create the subscriptions.\n"
)
GOOGLE_OLD_MISMATCH = (
    b"the key in the authorization header does not correspond to the sender ID used to subscribe "
    b"this user. Please ensure you are using the correct sender ID and server Key"
)
MOZILLA_MISMATCH = {"code": 401, "errno": 109, "message": "VAPID public key mismatch"}

ROWS: list[tuple[str, Answer, Outcome]] = [
    ("RFC 8030 5: created", answer(201), Delivered()),
    ("RFC 8030 5: accepted, with a receipt to come", answer(202), Delivered()),
    ("ntfy of Debian", answer(200), Delivered()),
    ("any 2xx (SERV_1.2.0)", answer(299), Delivered()),
    ("the first that is no success", answer(300), Refused(reason="http-300")),
    ("3xx is never followed", answer(301), Refused(reason="http-301")),
    ("also not this", answer(307, location="https://10.0.0.1/"), Refused(reason="http-307")),
    ("nor this", answer(308), Refused(reason="http-308")),
    ("ours", answer(400), Refused(reason="http-400")),
    ("ours, as Mozilla says it", answer(400, {"errno": 111}), Refused(reason="http-400")),
    ("Apple: an empty topic, a wrong TTL", answer(400, {"reason": "BadWebPushTopic"}),
     Refused(reason="http-400")),
    ("Apple: another key", answer(400, {"reason": "VapidPkHashMismatch"}), MISMATCH),
    ("no VAPID, or a bad one", answer(401), CredentialStale(reason="http-401")),
    ("Mozilla's word for it", answer(401, {"errno": 109, "message": "Invalid bearer token"}),
     CredentialStale(reason="errno-109")),
    ("Mozilla: another key", answer(401, MOZILLA_MISMATCH), MISMATCH),
    ("Google: dead or not, it does not say", answer(403), Refused(reason="http-403")),
    ("Google: another key", answer(403, GOOGLE_MISMATCH), MISMATCH),
    ("the same in words of before", answer(403, GOOGLE_OLD_MISMATCH), MISMATCH),
    ("Apple: the token, mostly its sub", answer(403, {"reason": "BadJwtToken"}),
     CredentialStale(reason="BadJwtToken")),
    ("Apple: its time", answer(403, {"reason": "ExpiredJwtToken"}),
     CredentialStale(reason="ExpiredJwtToken")),
    ("dead", answer(404), TokenDead(reason="http-404")),
    ("dead, whatever is said of it", answer(404, GOOGLE_MISMATCH), TokenDead(reason="http-404")),
    ("a bug of ours", answer(405), Refused(reason="http-405")),
    ("too slow", answer(408), Later(reason="http-408")),
    ("dead", answer(410), TokenDead(reason="http-410")),
    ("too large", answer(413), Refused(reason="http-413")),
    ("not the server of this host", answer(421), Later(reason="http-421")),
    ("too early", answer(425), Later(reason="http-425")),
    ("too much for this endpoint, not for its host", answer(429),
     Later(reason="http-429", scope=Scope.TOKEN, at_least=60.0)),
    ("the same, with a time", answer(429, retry_after="117"),
     Later(reason="http-429", scope=Scope.TOKEN, at_least=60.0, after=117.0)),
    ("any other 4xx", answer(451), Refused(reason="http-451")),
    ("the last 4xx", answer(499), Refused(reason="http-499")),
    ("their trouble", answer(500), Later(reason="http-500", at_least=1.0)),
    ("a bridge's", answer(502, b"<html>502</html>"), Later(reason="http-502", at_least=1.0)),
    ("all of the service", answer(503), Later(reason="http-503", scope=Scope.LANE, at_least=1.0)),
    ("the same, with a date", answer(503, retry_after="Fri, 15 Jan 2027 08:00:09 GMT"),
     Later(reason="http-503", scope=Scope.LANE, at_least=1.0, after=9.0)),
    ("Mozilla: try at once", answer(503, {"errno": 202}), Later(reason="errno-202", at_once=True)),
    ("Mozilla: not at once", answer(503, {"errno": 201}),
     Later(reason="http-503", scope=Scope.LANE, at_least=1.0)),
    ("a visitor without room (ntfy)", answer(507), Later(reason="http-507", at_least=1.0)),
    ("an answer that is none", answer(199), Later(reason="http-199", at_least=1.0)),
    ("another that is none", answer(103), Later(reason="http-103", at_least=1.0)),
]  # fmt: skip


@pytest.mark.parametrize(("said", "outcome"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS])
def test_an_answer_means_what_the_table_says(said: Answer, outcome: Outcome) -> None:
    assert judge(said, unix=UNIX) == outcome


def test_every_row_of_the_tables_is_tested() -> None:
    outcomes = {outcome for _, _, outcome in ROWS}
    assert {each.status for _, each, _ in ROWS} >= REACTIONS.keys()
    assert outcomes >= set(REASONS.values())
    bodies = b"".join(each.body for _, each, _ in ROWS)
    assert all(phrase in bodies for phrase in PHRASES)


@pytest.mark.parametrize("status", [400, 403, 404, 410, 413, 429, 500, 503])
def test_words_of_strangers_do_not_get_into_reasons(status: int) -> None:
    """Anybody can be a push service, and reasons get into logs and metrics."""
    said = answer(status, {"reason": "AnyWordOfTheirs", "errno": 987654})
    assert "AnyWord" not in repr(judge(said, unix=UNIX))
    assert "987654" not in repr(judge(said, unix=UNIX))


@given(
    answers(
        st.fixed_dictionaries(
            {},
            optional={
                "reason": st.sampled_from(sorted(REASONS)) | JSON,
                "errno": st.sampled_from([102, 109, 201, 202]) | JSON,
                "message": st.sampled_from(["VAPID public key mismatch"]) | JSON,
            },
        )
    )
)
def test_any_answer_has_an_outcome(said: Answer) -> None:
    """No service stops all pushes with a credential: others have not complained of it."""
    outcome = judge(said, unix=UNIX)
    assert isinstance(outcome, Outcome) and not isinstance(outcome, LaneRefused)
    assert isinstance(outcome, Delivered) is (200 <= said.status < 300)
    if isinstance(outcome, TokenDead) and not outcome.is_suspicious:
        assert said.status in (404, 410)
    if isinstance(outcome, Later) and outcome.after is not None:
        assert 0 <= outcome.after <= 86_400
    json.dumps(getattr(outcome, "reason", ""))
