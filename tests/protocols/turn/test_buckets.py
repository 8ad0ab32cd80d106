"""Buckets fill with time, and a table of them never grows (B4, B19)."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.turn.buckets import Bucket, BucketTable


def test_a_bucket_holds_one_seconds_worth() -> None:
    bucket = Bucket(100, now=0)
    bucket.take(100)
    assert bucket.holds(0) == 0
    assert bucket.holds(0.5) == 50
    assert bucket.holds(60) == 100


def test_a_bucket_without_a_rate_is_never_empty() -> None:
    bucket = Bucket(0, now=0)
    bucket.take(10**12)
    assert bucket.holds(0) == float("inf")


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    bucket = Bucket(100, now=50)
    bucket.take(60)
    assert bucket.holds(10) == 40


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 50)), max_size=30))
def test_no_more_is_taken_than_time_allows(steps: list[tuple[float, float]]) -> None:
    bucket, now, taken = Bucket(10, now=0), 0.0, 0.0
    for passed, wanted in steps:
        now += passed
        granted = min(wanted, bucket.holds(now))
        bucket.take(granted)
        taken += granted
    assert taken <= 10 + 10 * now + 1e-6


def test_b19_a_stranger_may_try_a_burst_and_then_as_fast_as_the_rate() -> None:
    """B19: and asking whether there is anything left takes nothing."""
    table = BucketTable(rate=0.5, burst=3)
    assert [table.take("192.0.2.1", 0) for _ in range(5)] == [True, True, True, False, False]
    assert table.is_empty("192.0.2.1", 0)
    assert table.is_empty("192.0.2.1", 1)
    assert not table.is_empty("192.0.2.1", 2)
    assert not table.is_empty("192.0.2.1", 2)
    assert table.take("192.0.2.1", 2)
    assert not table.take("192.0.2.1", 2)
    assert table.take("192.0.2.1", 1000)


def test_b19_strangers_do_not_share_unless_they_meet() -> None:
    """B19: in one place of many."""
    table = BucketTable(rate=0, burst=1)
    assert sum(table.take(f"host {n}", 0) for n in range(100)) > 80
    one_place = BucketTable(rate=0, burst=1, places=1)
    assert [one_place.take(f"host {n}", 0) for n in range(3)] == [True, False, False]


def test_b4_a_table_is_as_large_after_any_number_of_strangers() -> None:
    """B4: its memory was there from the start."""
    table = BucketTable(rate=1, burst=1)
    size = sys.getsizeof(table._tokens) + sys.getsizeof(table._since)
    for n in range(100_000):
        table.take(str(n), n / 1000)
    assert sys.getsizeof(table._tokens) + sys.getsizeof(table._since) == size
