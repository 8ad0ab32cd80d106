"""One token for each team: never too old for Apple, and never renewed too often for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocols.push.apple_days import BEGIN, HOUR, MINUTE, Day, Remembering, minute_of
from tests.protocols.push.es256 import verify_es256
from tests.protocols.push.pushes import parts


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


def test_whoever_starts_after_the_half_hour_takes_up_the_token_that_is_in_use() -> None:
    """Push 4.5: Apple was given it 6 minutes ago, and wants no other for the next 14."""
    day = Day(25)
    day.memory = Remembering()
    day.start()
    first = day.token
    day.now += 6 * MINUTE
    day.start()
    assert day.token == first
    assert day.later(13) == first
    assert minute_of(day.later(1)) == 30


@pytest.mark.parametrize("away", [29, 31, 300])
def test_a_token_that_is_remembered_and_too_old_is_made_no_more(away: float) -> None:
    day = Day(25)
    day.memory = Remembering()
    day.start()
    day.later(0)
    day.now += away * MINUTE
    day.start()
    assert minute_of(day.token) == (25 + away) // 30 * 30


def test_what_apple_has_refused_is_remembered_as_well() -> None:
    """Or the next daemon would be refused as this one was."""
    day = Day(5)
    day.memory = Remembering()
    day.start()
    day.too_many(day.token)
    older = day.token
    assert minute_of(older) == -30
    day.start()
    assert day.later(18) == older
    assert minute_of(day.later(2)) == 0


@pytest.mark.parametrize("correction", [-HOUR, -5 * MINUTE])
def test_a_memory_of_times_to_come_is_none(correction: float) -> None:
    """The clock was set back since."""
    day = Day(1)
    day.memory = Remembering()
    day.start()
    day.later(0)
    day.correction = correction
    day.start()
    assert minute_of(day.token) == (1 + correction / MINUTE) // 30 * 30


def test_a_clock_that_was_set_back_a_little_keeps_the_token_20_minutes() -> None:
    day = Day(25)
    day.memory = Remembering()
    day.start()
    first = day.token
    day.correction = -5 * MINUTE
    day.start()
    assert day.token == first
    assert day.later(19) == first
    assert minute_of(day.later(6)) == 30


def test_a_token_made_within_a_half_hour_is_not_followed_by_an_older_one() -> None:
    """Apple has called that expired already."""
    day = Day()
    day.later(21)
    assert day.expired(day.token)
    renewed = day.token
    assert minute_of(renewed) == 21
    day.correction = -14 * MINUTE
    assert day.later(20) == renewed, "it is 00:27, and that is not of the half hour before"
    assert minute_of(day.later(4)) == 30
