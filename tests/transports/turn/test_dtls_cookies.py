"""A cookie is good for one address and a short time, and only we can make it."""

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.transports.turn.dtls_cookies import COOKIE_SIZE, PERIOD, Cookies

CLIENT = ("192.0.2.7", 40_000)


@define
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cookies(clock: Clock) -> Cookies:
    return Cookies(b"k" * 32, clock)


def test_a_cookie_comes_back_from_where_it_was_sent(cookies: Cookies) -> None:
    cookie = cookies.make(CLIENT)
    assert len(cookie) == COOKIE_SIZE
    assert cookies.is_good(CLIENT, cookie)


@pytest.mark.parametrize("other", [("192.0.2.8", 40_000), ("192.0.2.7", 40_001)])
def test_it_is_worth_nothing_elsewhere(cookies: Cookies, other: tuple[str, int]) -> None:
    assert not cookies.is_good(other, cookies.make(CLIENT))


def test_flow_and_scope_of_ipv6_do_not_count(cookies: Cookies) -> None:
    """The kernel tells a flow label with each datagram, which a client may change."""
    cookie = cookies.make(("2001:db8::7", 40_000, 0, 0))
    assert cookies.is_good(("2001:db8::7", 40_000, 12_345, 0), cookie)


@pytest.mark.parametrize("age", [0, PERIOD - 1, PERIOD])
def test_it_lives_for_a_period_at_least(cookies: Cookies, clock: Clock, age: float) -> None:
    cookie = cookies.make(CLIENT)
    clock.now += age
    assert cookies.is_good(CLIENT, cookie)


def test_it_is_dead_after_two_periods(cookies: Cookies, clock: Clock) -> None:
    cookie = cookies.make(CLIENT)
    clock.now += 2 * PERIOD
    assert not cookies.is_good(CLIENT, cookie)


def test_another_process_makes_others(cookies: Cookies, clock: Clock) -> None:
    assert not cookies.is_good(CLIENT, Cookies(b"q" * 32, clock).make(CLIENT))


@given(st.binary(max_size=40))
def test_nobody_guesses_one(guess: bytes) -> None:
    cookies = Cookies(b"k" * 32, Clock())
    assert cookies.is_good(CLIENT, guess) is (guess == cookies.make(CLIENT))
