"""Apple finds a token too old, or too new: what is done, and what is told."""

from procall_mobility.protocols.push.apple_tokens import ClockDoubted
from tests.protocols.push.apple_days import MINUTE, Day, minute_of


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


def test_where_apple_takes_neither_token_the_newer_one_is_kept() -> None:
    """Both clocks are wrong then; going to and fro would cure nothing."""
    day = Day(31)
    too_new = day.token
    day.too_many(too_new)
    assert day.expired(day.token)
    assert day.token == too_new
    day.too_many(too_new)
    assert day.token == too_new
    assert not day.expired(too_new)


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
