"""One token for each team: never too old for Apple, and never renewed too often for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.apple_tokens import SLOT, AppleTokens, ClockDoubted
from tests.protocols.push.pushes import ec_key, parts, pem
from tests.protocols.push.test_json_web_tokens import verify_es256

KEY = apple_key(pem(ec_key()), team="DEF123GHIJ", key_id="ABC123DEFG")
MINUTE = 60.0
HOUR = 3600
BEGIN = 1_800_000_000 // SLOT * SLOT
"""A Unix time at which a slot begins."""


class Day:
    """Tokens, and the two clocks they are told."""

    def __init__(self, minute: float = 0.0) -> None:
        self.now = 5000.0 + minute * MINUTE
        self.correction = 0.0
        self.tokens = AppleTokens(KEY, wall_clock=lambda: self.unix)

    @property
    def unix(self) -> float:
        return BEGIN - 5000.0 + self.now + self.correction

    def later(self, minutes: float) -> str:
        """Let time pass; returns the token that is used then."""
        self.now += minutes * MINUTE
        return self.token

    @property
    def token(self) -> str:
        return self.tokens.token(self.now)

    def expired(self, token: str) -> bool:
        return self.tokens.refused(token, self.now)

    def too_many(self, token: str) -> None:
        self.tokens.too_many(token, self.now)


def minute_of(token: str) -> float:
    """Return when a token says it was issued, in minutes since the day began."""
    return (parts(token)[1]["iat"] - BEGIN) / MINUTE


def test_a_token_says_who_signed_it_and_when() -> None:
    header, claims, signature, said = parts(Day(7).token)
    assert header == {"alg": "ES256", "kid": "ABC123DEFG"}
    assert claims == {"iss": "DEF123GHIJ", "iat": BEGIN}
    verify_es256(signature, said)


def test_all_who_ask_get_the_same_one() -> None:
    day = Day()
    assert len({day.token for _ in range(100)} | {day.later(29)}) == 1


def test_there_is_a_new_one_every_half_hour() -> None:
    day = Day()
    assert [minute_of(day.later(10)) for _ in range(12)] == [
        0, 0, 30, 30, 30, 60, 60, 60, 90, 90, 90, 120,
    ]  # fmt: skip


def test_whoever_starts_within_the_half_hour_makes_the_token_that_is_in_use() -> None:
    """A daemon that is started again, or another node, is no update to Apple."""
    day, other = Day(), Day(3)
    first = day.token
    assert other.token == first
    day.later(29)
    assert Day(29).token == first


def test_one_that_starts_late_in_its_slot_gives_its_token_20_minutes_all_the_same() -> None:
    """Nobody knows whether Apple has seen it before."""
    day = Day(29)
    first = day.token
    assert day.later(19) == first
    assert minute_of(day.later(1)) == 30
    assert minute_of(day.later(20)) == 60


def test_an_expired_token_of_more_than_20_minutes_is_renewed_at_once() -> None:
    day = Day()
    first = day.token
    day.later(21)
    assert day.expired(first)
    assert minute_of(day.token) == 21
    assert day.tokens.take() == []


def test_an_expired_token_of_less_than_20_minutes_means_a_wrong_clock() -> None:
    """It is said once, and healed as soon as Apple lets us."""
    day = Day()
    first = day.token
    day.later(19)
    assert not day.expired(first)
    assert not day.expired(first)
    assert day.token == first
    assert day.tokens.take() == [ClockDoubted(19 * MINUTE)]
    assert day.tokens.take() == []
    day.later(1)
    assert day.expired(first)
    assert minute_of(day.token) == 20
    assert not day.expired(day.token)
    assert day.tokens.take() == [ClockDoubted(0.0)]


def test_an_answer_to_an_older_token_changes_nothing() -> None:
    """A hundred requests may be on their way when the first answer comes."""
    day = Day()
    first = day.token
    day.later(21)
    assert day.expired(first)
    second = day.token
    assert all(day.expired(first) for _ in range(100))
    day.too_many(first)
    assert day.token == second


def test_before_there_is_a_token_none_is_refused() -> None:
    day = Day()
    assert day.expired("another's")
    day.too_many("another's")
    assert minute_of(day.token) == 0


def test_after_a_renewal_out_of_turn_the_half_hours_return() -> None:
    day = Day()
    first = day.token
    day.later(25)
    assert day.expired(first)
    assert [minute_of(day.later(minutes)) for minutes in (0, 5, 14, 1, 15, 5)] == [
        25, 25, 25, 30, 30, 60,
    ]  # fmt: skip


def test_too_many_updates_bring_the_older_token_back_for_20_minutes() -> None:
    day = Day()
    first = day.token
    second = day.later(30)
    day.too_many(second)
    assert day.token == first
    day.too_many(second)
    assert day.later(19) == first
    assert minute_of(day.later(1)) == 30


def test_the_newer_token_serves_when_the_older_one_comes_to_its_end() -> None:
    """No third one is made: Apple did not even want the second."""
    day = Day(15)
    first = day.token
    day.later(29)
    assert minute_of(day.token) == 30
    second = day.token
    day.too_many(second)
    assert day.token == first
    assert day.later(10) == first
    assert day.later(1) == second
    assert day.later(8) == second
    assert minute_of(day.later(1)) == 60


def test_the_newer_token_serves_when_the_older_one_is_refused() -> None:
    day = Day()
    first = day.token
    second = day.later(30)
    day.too_many(second)
    assert day.expired(first)
    assert day.token == second
    day.too_many(second)
    assert day.token == second


def test_a_token_too_old_to_fall_back_to_is_left_alone() -> None:
    day = Day()
    _ = day.token
    second = day.later(56)
    assert minute_of(second) == 30
    day.too_many(second)
    assert day.token == second


def test_whoever_starts_with_a_token_that_apple_finds_too_new_makes_the_one_before() -> None:
    """It is the one that was in use when the daemon was stopped."""
    stopped = Day(29)
    in_use = stopped.token
    day = Day(31)
    too_new = day.token
    assert minute_of(too_new) == 30
    day.too_many(too_new)
    assert day.token == in_use
    day.too_many(in_use)
    assert day.token == in_use
    assert day.later(19) == in_use
    assert day.later(5) == too_new


def test_a_token_of_the_half_hour_before_that_comes_to_its_end_is_not_made() -> None:
    day = Day(56)
    only = day.token
    assert minute_of(only) == 30
    day.too_many(only)
    assert day.token == only
    assert day.later(19) == only
    assert minute_of(day.later(1)) == 60


def test_no_token_outlives_its_hour_however_often_apple_wants_no_new_one() -> None:
    day = Day()
    _ = day.token
    only = day.later(30)
    day.now += 26 * MINUTE
    for _ in range(3):
        day.too_many(only)
        assert day.token == only
        day.now += 9 * MINUTE
    day.too_many(only)
    assert day.later(1) == only
    assert minute_of(day.later(1)) == 60


def test_one_that_is_refused_at_its_end_is_renewed_although_apple_wanted_no_new_one() -> None:
    day = Day()
    only = day.token
    day.now += 54 * MINUTE
    day.too_many(only)
    day.now += 1 * MINUTE
    assert day.expired(only)
    assert minute_of(day.token) == 55


@pytest.mark.parametrize("correction", [-HOUR, HOUR])
def test_a_clock_that_is_set_makes_no_second_token_within_20_minutes(correction: float) -> None:
    day = Day()
    first = day.token
    day.later(1)
    day.correction = correction
    assert day.token == first
    assert day.later(18) == first
    assert minute_of(day.later(1)) == correction / MINUTE


Step = st.one_of(
    st.floats(0, 40).map(lambda minutes: ("later", minutes)),
    st.just(("expired", 0.0)),
    st.just(("too many", 0.0)),
    st.floats(-7200, 7200).map(lambda seconds: ("set", seconds)),
)


@given(st.floats(0, 59), st.lists(Step, max_size=40))
def test_whatever_happens_new_tokens_are_20_minutes_apart(
    minute: float, steps: list[tuple[str, float]]
) -> None:
    """Whatever Apple answers, and however the clock is set."""
    day = Day(minute)
    made = {day.token: day.now}
    for what, how_much in steps:
        match what:
            case "later":
                day.now += how_much * MINUTE
            case "expired":
                day.expired(day.token)
            case "too many":
                day.too_many(day.token)
            case "set":
                day.correction += how_much
        token = day.token
        if token not in made:
            assert day.now - max([*made.values()][1:], default=-HOUR) >= 20 * MINUTE - 1e-6
            made[token] = day.now


@given(st.floats(0, 59), st.lists(st.floats(0, 5), max_size=80))
def test_while_clocks_are_right_no_token_is_older_than_50_minutes(
    minute: float, pauses: list[float]
) -> None:
    day = Day(minute)
    for pause in pauses:
        token = day.later(pause)
        assert 0 <= day.unix - parts(token)[1]["iat"] <= 50 * MINUTE + 1


def test_a_token_is_not_shown() -> None:
    day = Day()
    assert day.token not in repr(vars(day.tokens))
