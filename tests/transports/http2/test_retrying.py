"""Waits before the next attempt."""

import math

from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.transports.http2.retrying import Retrying, RetryRules

RULES = RetryRules(first=1.0, longest=60.0)


def test_the_bound_doubles_until_it_is_the_longest() -> None:
    retrying = Retrying(RULES, lambda: 1.0)
    assert [retrying.failed() for _ in range(8)] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_a_success_begins_anew() -> None:
    retrying = Retrying(RULES, lambda: 1.0)
    assert not retrying.has_failed
    retrying.failed()
    retrying.failed()
    assert retrying.has_failed
    retrying.succeeded()
    assert not retrying.has_failed
    assert retrying.failed() == 1.0


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 3000))
def test_the_wait_is_anything_up_to_the_bound(roll: float, failures: int) -> None:
    """Full jitter: clients that failed together do not come back together."""
    retrying = Retrying(RULES, lambda: roll)
    waits = [retrying.failed() for _ in range(failures)]
    bound = min(60.0, math.ldexp(1.0, min(failures - 1, 32)))
    assert waits[-1] == roll * bound
