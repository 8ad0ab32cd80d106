"""push.md section 1: full-jitter exponential, Retry-After honoured, the TTL is the budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.gateway.push.lane.retry import RetryRules, delay
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Later, Scope

RULES = RetryRules()
HOUR = 3600.0


def waits(
    later: Later,
    attempts: int = 0,
    *,
    urgency: Urgency = Urgency.ALERT,
    left: float = 24 * HOUR,
    dice: float = 0.5,
) -> float:
    return delay(later, urgency, attempts, left, RULES, lambda: dice)


def test_delays_are_anything_up_to_a_ceiling_that_doubles() -> None:
    later = Later(reason="x")
    assert [waits(later, n, dice=0.0) for n in range(4)] == [0.0] * 4
    assert [waits(later, n, dice=0.5) for n in range(4)] == [0.5, 1.0, 2.0, 4.0]
    assert waits(later, 30, dice=0.999) == pytest.approx(899.1), "a quarter of an hour at most"


def test_what_the_provider_asks_for_is_waited_for_and_then_spread() -> None:
    """Whoever was turned away together must not come back together."""
    later = Later(reason="x", after=120.0)
    assert waits(later, dice=0.0) == 120.0
    assert waits(later, dice=0.5) == 120.5
    assert waits(later, 5, dice=0.5) == 136.0


def test_a_first_delay_of_the_providers_rules_doubles_and_is_never_undercut() -> None:
    """FCM's quota: a minute at first; APNs' devices: one, two, four minutes."""
    later = Later(reason="x", scope=Scope.TOKEN, at_least=60.0)
    assert [waits(later, n, dice=0.0) for n in range(5)] == [60.0, 120.0, 240.0, 480.0, 900.0]
    assert waits(later, dice=0.5) == 90.0
    assert waits(Later(reason="x", at_least=2000.0), 7, dice=0.0) == 2000.0


def test_a_call_is_retried_at_once_and_then_every_few_seconds() -> None:
    later = Later(reason="x")
    found = [waits(later, n, urgency=Urgency.CALL, left=1000.0, dice=0.999) for n in range(9)]
    assert found[0] == 0.0
    assert all(0 < wait < 4.0 for wait in found[1:])


@pytest.mark.parametrize(
    "later",
    [
        Later(reason="x", after=7.0),
        Later(reason="x", at_least=7.0),
        Later(reason="x", scope=Scope.TOKEN, at_least=7.0),
    ],
)
def test_a_call_is_not_retried_at_once_where_the_provider_asks_for_a_delay(later: Later) -> None:
    assert waits(later, urgency=Urgency.CALL, left=30.0, dice=0.0) == 7.0


def test_a_pause_of_a_device_is_kept_by_calls_too() -> None:
    assert waits(Later(reason="x", scope=Scope.TOKEN), urgency=Urgency.CALL, left=30.0) > 0


def test_a_failed_connection_costs_no_delay_once() -> None:
    later = Later(reason="x", at_once=True, after=5.0)
    assert waits(later) == 0.0
    assert waits(later, 1) > 5.0


def test_chance_alone_uses_up_nobodys_life() -> None:
    assert waits(Later(reason="x"), 20, left=60.0, dice=0.999) == pytest.approx(30.0, abs=0.1)
    assert waits(Later(reason="x", after=50.0), 20, left=60.0, dice=0.999) < 55.0


def test_no_attempt_is_possible_when_the_provider_asks_for_more_than_is_left() -> None:
    assert waits(Later(reason="x", after=61.0), left=60.0) >= 60.0
    assert waits(Later(reason="x"), left=0.0) >= 0.0
    assert waits(Later(reason="x"), left=-5.0) >= -5.0


@given(
    after=st.none() | st.floats(0, 1e6),
    at_least=st.floats(0, 1e5),
    at_once=st.booleans(),
    scope=st.sampled_from(Scope),
    urgency=st.sampled_from(Urgency),
    attempts=st.integers(0, 10_000),
    left=st.floats(-10, 1e7),
    dice=st.floats(0, 1, exclude_max=True),
)
def test_whatever_is_asked_for(
    after: float | None,
    at_least: float,
    at_once: bool,
    scope: Scope,
    urgency: Urgency,
    attempts: int,
    left: float,
    dice: float,
) -> None:
    """A delay is never negative, and never shorter than asked for, but for one at once."""
    later = Later(reason="x", after=after, at_least=at_least, at_once=at_once, scope=scope)
    wait = delay(later, urgency, attempts, left, RULES, lambda: dice)
    asked = max(after or 0.0, at_least)
    assert wait >= asked or (wait == 0.0 and attempts == 0)
    assert wait <= max(asked, left, 900.0) + 1e-6
