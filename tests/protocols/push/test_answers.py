"""What is read from answers is bounded, whoever has written them."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from procall_mobility.protocols.push.answers import (
    LONGEST_RETRY_AFTER,
    members,
    retry_after,
    word,
)
from procall_mobility.protocols.push.exchange import Answer
from tests.protocols.push.pushes import RETRY_AFTER, answer, answers

UNIX = datetime(2026, 11, 27, 10, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("86401", LONGEST_RETRY_AFTER),
        ("9" * 5000, LONGEST_RETRY_AFTER),
        ("Fri, 27 Nov 2026 10:00:30 GMT", 30.0),
        ("Friday, 27-Nov-26 10:00:30 GMT", 30.0),
        ("Fri Nov 27 10:00:30 2026", 30.0),
        ("Fri, 27 Nov 2026 09:59:00 GMT", 0.0),
        ("Fri, 27 Nov 2099 10:00:00 GMT", LONGEST_RETRY_AFTER),
        ("Fri, 27 Nov 2026 10:00:30 -0000", 30.0),
        ("Fri, 27 Nov 2026 12:00:30 +0200", 30.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float) -> None:
    """RFC 9110 sections 10.2.3 and 5.6.7: three forms of dates, of which two are obsolete."""
    assert retry_after(answer(503, retry_after=text), UNIX) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "-1", "1.5", "1e3", "٣", "Fri, 99 Nov 2026 10:00:30 GMT", "x" * 41]
)
def test_any_other_retry_after_asks_for_nothing(text: str) -> None:
    assert retry_after(answer(503, retry_after=text), UNIX) is None


def test_without_retry_after_nothing_is_asked_for() -> None:
    assert retry_after(answer(503), UNIX) is None


@given(RETRY_AFTER)
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("()")
def test_any_retry_after_is_a_bounded_time_or_none(text: str) -> None:
    seconds = retry_after(answer(429, retry_after=text), UNIX)
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"reason":"BadTopic"}', {"reason": "BadTopic"}),
        (b"", {}),
        (b"<html><body>502 Bad Gateway</body></html>", {}),
        (b'["reason"]', {}),
        (b'{"reason":', {}),
        (b"\xff\xfe\xfd", {}),
        (b"[" * 16_384, {}),
    ],
)
def test_members_are_those_of_an_object(body: bytes, expected: dict[str, object]) -> None:
    assert members(answer(400, body)) == expected


@given(answers())
def test_any_body_has_members_or_none(any_answer: Answer) -> None:
    assert isinstance(members(any_answer), dict)


@given(st.text())
@example("line\nbreak")
@example("BadTopic\n")
def test_a_word_brings_nothing_into_a_log(text: str) -> None:
    found = word(text)
    assert found is None or (found == text and text.isascii() and text.isprintable())


@pytest.mark.parametrize("value", [None, 7, ["BadTopic"], "", "a b", "x" * 65, "Bad\nTopic"])
def test_what_is_no_word_is_none(value: object) -> None:
    assert word(value) is None
