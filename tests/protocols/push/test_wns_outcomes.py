"""Answers of the Windows Push Notification Services, row by row, and whatever else may come."""

import pytest
from attrs import evolve
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
from procall_mobility.protocols.push.wns_outcomes import AWAY, REACTIONS, STATUSES, judge, traces
from tests.protocols.push.pushes import UNIX, answer, answers

AWAY_FOR_NOW = Later(reason="dropped-while-away", scope=Scope.TOKEN, at_least=10.0)
THROTTLED = Later(reason="channelthrottled", scope=Scope.TOKEN, at_least=60.0)

ROWS: list[tuple[str, Answer, Outcome]] = [
    ("taken", answer(200), Delivered()),
    ("taken, and said so", answer(200, x_wns_status="received"), Delivered()),
    ("a status that came later", answer(200, x_wns_status="queued"), Delivered()),
    ("taken and dropped", answer(200, x_wns_status="dropped"), Refused(reason="dropped")),
    ("the same of a computer that is there",
     answer(200, x_wns_status="dropped", x_wns_deviceconnectionstatus="connected"),
     Refused(reason="dropped")),
    ("dropped, for the computer is away",
     answer(200, x_wns_status="Dropped", x_wns_deviceconnectionstatus="disconnected"),
     AWAY_FOR_NOW),
    ("away for a moment",
     answer(200, x_wns_status="dropped", x_wns_deviceconnectionstatus="TempDisconnected"),
     AWAY_FOR_NOW),
    ("the other spelling of it",
     answer(200, x_wns_status="dropped", x_wns_deviceconnectionstatus="tempconnected"),
     AWAY_FOR_NOW),
    ("away, and it is kept for it",
     answer(200, x_wns_status="received", x_wns_deviceconnectionstatus="disconnected"),
     Delivered()),
    ("dropped, in the words of Windows 8", answer(200, x_wns_notificationstatus="dropped"),
     Refused(reason="dropped")),
    ("too much for a channel", answer(200, x_wns_status="channelthrottled"), THROTTLED),
    ("the same, with a time",
     answer(200, x_wns_status="channelthrottled", x_wns_continue_after="300"),
     evolve(THROTTLED, after=300.0)),
    ("the last success", answer(299), Delivered()),
    ("the first that is none", answer(300), Refused(reason="http-300")),
    ("3xx", answer(302), Refused(reason="http-302")),
    ("a field of ours is wrong", answer(400), Refused(reason="http-400")),
    ("the access token", answer(401), CredentialStale(reason="http-401")),
    ("another application's channel", answer(403),
     TokenDead(reason="http-403", is_suspicious=True)),
    ("no channel", answer(404), TokenDead(reason="http-404")),
    ("a bug of ours", answer(405), Refused(reason="http-405")),
    ("throttled", answer(406), Later(reason="http-406", scope=Scope.LANE, at_least=60.0)),
    ("the same, with a time", answer(406, retry_after="90"),
     Later(reason="http-406", scope=Scope.LANE, at_least=60.0, after=90.0)),
    ("the same, in a field of their own", answer(406, x_wns_continue_after="120", retry_after="9"),
     Later(reason="http-406", scope=Scope.LANE, at_least=60.0, after=120.0)),
    ("too slow", answer(408), Later(reason="http-408", at_least=1.0)),
    ("a channel that is over", answer(410), TokenDead(reason="http-410")),
    ("the same, explained", answer(410, x_wns_error_description="The channel expired"),
     TokenDead(reason="http-410")),
    ("we are shut out", answer(410, x_wns_error_description="Domain Blocked"),
     LaneRefused(reason="domain-blocked")),
    ("too large", answer(413), Refused(reason="http-413")),
    ("what WNS does not say", answer(429), Later(reason="http-429", at_least=1.0)),
    ("the last 4xx", answer(499), Refused(reason="http-499")),
    ("their trouble", answer(500), Later(reason="http-500", at_least=1.0)),
    ("something on the way", answer(502, b"<html>"), Later(reason="http-502", at_least=1.0)),
    ("all of it", answer(503), Later(reason="http-503", scope=Scope.LANE, at_least=1.0)),
    ("the last that is no success yet", answer(199), Later(reason="http-199", at_least=1.0)),
    ("an answer that is none", answer(101), Later(reason="http-101", at_least=1.0)),
    ("a success that nobody has told of", answer(204), Delivered()),
]  # fmt: skip


@pytest.mark.parametrize(("said", "outcome"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS])
def test_an_answer_means_what_the_table_says(said: Answer, outcome: Outcome) -> None:
    assert judge(said, unix=UNIX) == outcome


def test_every_row_of_the_tables_is_tested() -> None:
    assert {said.status for _, said, _ in ROWS} >= REACTIONS.keys()
    fields = {value.lower() for _, said, _ in ROWS for value in said.headers.values()}
    assert fields >= STATUSES.keys() | AWAY


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "\u0661", "1 2"])
def test_a_time_that_is_none_is_not_obeyed(value: str) -> None:
    outcome = judge(answer(406, x_wns_continue_after=value, retry_after="7"), unix=UNIX)
    assert isinstance(outcome, Later) and outcome.after == 7.0


def test_no_time_is_longer_than_a_day() -> None:
    outcome = judge(answer(406, x_wns_continue_after="9" * 5000), unix=UNIX)
    assert isinstance(outcome, Later) and outcome.after == 86_400.0


def test_what_microsoft_asks_for_gets_into_the_log_and_nothing_else() -> None:
    """MS-CV, X-WNS-Msg-ID and X-WNS-Debug-Trace."""
    said = answer(
        200,
        ms_cv="lSQ3tHZ+2UOmx/IQ.0",
        x_wns_msg_id="1E4A8A75B4D53F36",
        x_wns_debug_trace="DB3WNS4011534",
        x_wns_notificationstatus="received",
        set_cookie="secret",
    )
    assert traces(said) == {
        "ms-cv": "lSQ3tHZ+2UOmx/IQ.0",
        "x-wns-msg-id": "1E4A8A75B4D53F36",
        "x-wns-debug-trace": "DB3WNS4011534",
    }
    assert traces(answer(200, ms_cv="a line\nof theirs", x_wns_msg_id="x" * 65)) == {}
    assert traces(answer(500)) == {}


@given(
    answers(),
    st.dictionaries(
        st.sampled_from([
            "x-wns-status", "x-wns-deviceconnectionstatus", "x-wns-error-description",
            "x-wns-continue-after", "ms-cv", "retry-after",
        ]),
        st.text(max_size=20) | st.sampled_from([*STATUSES, *AWAY, "Domain Blocked", "30"]),
    ),
)  # fmt: skip
def test_any_answer_has_an_outcome(said: Answer, fields: dict[str, str]) -> None:
    said = evolve(said, headers={**said.headers, **fields})
    outcome = judge(said, unix=UNIX)
    assert isinstance(outcome, Outcome)
    if isinstance(outcome, Delivered):
        assert 200 <= said.status < 300
    if isinstance(outcome, Later) and outcome.after is not None:
        assert 0 <= outcome.after <= 86_400
    assert all(value.isascii() and value.isprintable() for value in traces(said).values())
