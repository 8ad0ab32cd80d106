"""Whatever token endpoints answer is a token, or a reason why there is none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.exchange import Answer, NoAnswer
from procall_mobility.protocols.push.oauth_answers import (
    ASSUMED_LIFE,
    LONGEST_LIFE,
    Denied,
    Granted,
    grant_of,
)
from tests.protocols.push.pushes import JSON, UNIX, answer, answers


@pytest.mark.parametrize(
    ("said", "life"),
    [
        ({"expires_in": 3600}, 3600.0),
        ({"expires_in": 3599.5, "token_type": "Bearer"}, 3599.5),
        ({"expires_in": "3599", "token_type": "bearer"}, 3599.0),
        ({"expires_in": "9" * 5000}, LONGEST_LIFE),
        ({"expires_in": 10**9}, LONGEST_LIFE),
        ({}, ASSUMED_LIFE),
        ({"expires_in": 0}, ASSUMED_LIFE),
        ({"expires_in": -1}, ASSUMED_LIFE),
        ({"expires_in": True}, ASSUMED_LIFE),
        ({"expires_in": "soon"}, ASSUMED_LIFE),
        ({"expires_in": "²"}, ASSUMED_LIFE),
        ({"expires_in": None}, ASSUMED_LIFE),
        ({"expires_in": math.nan}, ASSUMED_LIFE),
        ({"expires_in": math.inf}, ASSUMED_LIFE),
    ],
)
def test_a_token_has_a_life(said: dict[str, object], life: float) -> None:
    """RFC 6749 section 5.1; some endpoints write numbers as strings."""
    assert grant_of(answer(200, {"access_token": "ya29.x", **said}), UNIX) == Granted(
        "ya29.x", life
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"<html>", "no-token"),
        ({}, "no-token"),
        ({"access_token": 7}, "no-token"),
        ({"access_token": ""}, "no-token"),
        ({"access_token": "a\r\nx-evil: 1"}, "no-token"),
        ({"access_token": "a\n"}, "no-token"),
        ({"access_token": "x" * 8193}, "no-token"),
        ({"access_token": "a", "token_type": "mac"}, "no-bearer-token"),
        ({"access_token": "a", "token_type": None}, "no-bearer-token"),
    ],
)
def test_what_no_header_can_carry_is_no_token(said: object, reason: str) -> None:
    assert grant_of(answer(200, said), UNIX) == Denied(reason=reason)


@pytest.mark.parametrize(
    ("status", "said", "denied"),
    [
        (400, {"error": "invalid_grant"}, Denied(reason="invalid_grant", is_refusal=True)),
        (401, {"error": "invalid_client"}, Denied(reason="invalid_client", is_refusal=True)),
        (400, {"error": 1101, "sub_error": 20042}, Denied(reason="1101", is_refusal=True)),
        (403, b"<html>", Denied(reason="http-403", is_refusal=True)),
        (404, {"error": "two words"}, Denied(reason="http-404", is_refusal=True)),
        (408, b"", Denied(reason="http-408")),
        (425, b"", Denied(reason="http-425")),
        (429, {"error": "slow_down"}, Denied(reason="slow_down")),
        (500, {"error": "internal_failure"}, Denied(reason="internal_failure")),
        (503, b"<html>", Denied(reason="http-503")),
        (302, b"", Denied(reason="http-302")),
    ],
)
def test_an_error_is_ours_or_passes(status: int, said: object, denied: Denied) -> None:
    """RFC 6749 section 5.2; what comes of a bad credential needs somebody to mend it."""
    assert grant_of(answer(status, said), UNIX) == denied


def test_an_endpoint_may_ask_for_time() -> None:
    asked = grant_of(answer(503, retry_after="120"), UNIX)
    assert asked == Denied(reason="http-503", after=120.0)


@pytest.mark.parametrize("was_processed", [None, False])
def test_no_answer_is_no_token(was_processed: bool | None) -> None:
    nothing = NoAnswer(was_processed=was_processed, why="reset")
    assert grant_of(nothing, UNIX) == Denied(reason="no-answer")


GRANT = st.fixed_dictionaries(
    {"access_token": st.text("abc.-", min_size=1, max_size=9) | JSON},
    optional={"expires_in": JSON, "token_type": st.just("Bearer") | JSON, "error": JSON},
)


@given(answers(GRANT))
def test_any_answer_is_a_bounded_grant_or_none(any_answer: Answer) -> None:
    found = grant_of(any_answer, UNIX)
    if isinstance(found, Granted):
        assert 0 < found.life <= LONGEST_LIFE
        assert found.token.isascii() and found.token.isprintable() and " " not in found.token
    else:
        assert "\n" not in found.reason


def test_a_token_is_not_shown() -> None:
    assert "ya29" not in repr(Granted("ya29.x", 3600.0))
