"""Tokens of our own: one for each audience, used for a while, and no more of them than a bound."""

import pytest

from procall_mobility.protocols.push.self_signed import FRESH, MOST_AUDIENCES, SelfSigned
from tests.protocols.push.pushes import UNIX

REUSED = 1000.0


class Pen:
    """Signs, and remembers for whom."""

    def __init__(self) -> None:
        self.signed: list[tuple[str, float]] = []

    def __call__(self, audience: str, unix: float) -> str:
        self.signed.append((audience, unix))
        return f"{audience}#{len(self.signed)}"


@pytest.mark.parametrize(
    ("later", "is_new"),
    [(0.0, False), (REUSED - 1, False), (REUSED, True), (REUSED * 99, True), (-1.0, True)],
)
def test_a_token_is_used_for_its_time(later: float, is_new: bool) -> None:
    """Also not after the clock was set back: it would live longer than its audience allows."""
    tokens = SelfSigned(pen := Pen(), reused=REUSED)
    first = tokens.token("a", UNIX)
    assert (tokens.token("a", UNIX + later) != first) is is_new
    assert pen.signed == [("a", UNIX), ("a", UNIX + later)][: 1 + is_new]


def test_each_audience_has_its_own() -> None:
    tokens = SelfSigned(Pen(), reused=REUSED)
    assert [tokens.token(name, UNIX) for name in "abab"] == ["a#1", "b#2", "a#1", "b#2"]


def test_the_audience_that_was_not_asked_for_longest_makes_room() -> None:
    """Strangers' endpoints name audiences: many new ones do not cost the old ones theirs."""
    tokens = SelfSigned(pen := Pen(), reused=REUSED)
    tokens.token("browser", UNIX)
    for number in range(MOST_AUDIENCES * 2):
        tokens.token(f"stranger-{number}", UNIX)
        tokens.token("browser", UNIX)
    assert [each for each in pen.signed if each[0] == "browser"] == [("browser", UNIX)]
    signed = len(pen.signed)
    oldest = MOST_AUDIENCES * 2 - (MOST_AUDIENCES - 1)
    for number in range(oldest, MOST_AUDIENCES * 2):
        tokens.token(f"stranger-{number}", UNIX)
    assert len(pen.signed) == signed
    tokens.token(f"stranger-{oldest - 1}", UNIX)
    assert len(pen.signed) == signed + 1


@pytest.mark.parametrize(
    ("age", "is_tried_again"),
    [(0.0, False), (FRESH - 1, False), (FRESH, True), (REUSED, True), (-1.0, True)],
)
def test_a_refused_token_is_made_anew_unless_it_is_fresh(age: float, is_tried_again: bool) -> None:
    """What is wrong with a fresh one is wrong with the next one too."""
    tokens = SelfSigned(Pen(), reused=REUSED)
    first = tokens.token("a", UNIX)
    assert tokens.refused("a", first, UNIX + age) is is_tried_again
    assert (tokens.token("a", UNIX) != first) is is_tried_again


def test_a_token_that_is_no_longer_ours_says_nothing_about_ours() -> None:
    tokens = SelfSigned(Pen(), reused=REUSED)
    assert tokens.refused("a", "older", UNIX)
    first = tokens.token("a", UNIX)
    assert tokens.refused("a", "older", UNIX + FRESH)
    assert tokens.token("a", UNIX + FRESH) == first
