"""Ends of pushes and times of calls, counted by words that are ours or few."""

import pytest

from procall_mobility.gateway.push.book import Which
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.statistics import (
    BOUNDS,
    MOST_FRESH,
    MOST_REASONS,
    Durations,
    End,
    PushStatistics,
    provider_of,
)
from procall_mobility.gateway.push.waiting import Waiting, waiting
from procall_mobility.protocols.push.notification import Urgency
from tests.gateway.push.fakes import UNIX, call, push
from tests.gateway.push.test_book import Pages


def queued(urgency: Urgency = Urgency.CALL, lane: str = "apns:TEAM.KEY") -> Waiting:
    found = waiting(call(1) if urgency is Urgency.CALL else push(1, urgency), 1, 10.0, UNIX)
    found.lane = lane
    return found


def test_an_end_is_counted_by_provider_class_state_and_reason() -> None:
    counted = PushStatistics()
    counted.end(queued(), State.SENT, None, 10.1)
    counted.end(queued(Urgency.ALERT), State.REJECTED, "BadTopic", 10.1)
    counted.end(queued(Urgency.ALERT), State.REJECTED, "BadTopic", 10.1)
    assert counted.ended == {
        End("apns", "call", "sent", "none"): 1,
        End("apns", "alert", "rejected", "BadTopic"): 2,
    }


@pytest.mark.parametrize(
    ("lane", "provider"),
    [
        ("apns:TEAM.KEY", "apns"),
        ("webpush:0123@https://push.example:8443", "webpush"),
        ("unifiedpush@https://push.example", "unifiedpush"),
        ("switched-off:acme", "switched-off"),
    ],
)
def test_nothing_of_what_strangers_say_is_in_the_provider(lane: str, provider: str) -> None:
    assert provider_of(lane) == provider


def test_a_provider_has_a_bounded_number_of_reasons() -> None:
    """Who invents words fills no table; those that were known before stay, and other providers
    have their own."""
    counted = PushStatistics()
    for number in range(2 * MOST_REASONS):
        counted.end(queued(Urgency.ALERT), State.REJECTED, f"Reason{number}", 10.0)
    counted.end(queued(Urgency.ALERT), State.REJECTED, "Reason0", 10.0)
    counted.end(queued(Urgency.ALERT, "fcm:project"), State.REJECTED, "UNREGISTERED", 10.0)
    assert len(counted.ended) == MOST_REASONS + 2
    assert counted.ended[End("apns", "alert", "rejected", "other")] == MOST_REASONS
    assert counted.ended[End("apns", "alert", "rejected", "Reason0")] == 2
    assert counted.ended[End("fcm", "alert", "rejected", "UNREGISTERED")] == 1


def test_lanes_that_come_and_go_leave_nothing_behind() -> None:
    """A lane is named by whatever a token names: nothing is kept for each."""
    counted = PushStatistics()
    for number in range(3 * MOST_FRESH):
        counted.end(queued(Urgency.ALERT, f"webpush:1@https://h{number}"), State.SENT, None, 10.0)
        assert len(counted._fresh) < MOST_FRESH
    assert counted.ended == {End("webpush", "alert", "sent", "none"): 3 * MOST_FRESH}


def test_calls_are_timed_from_acceptance_to_their_end() -> None:
    counted = PushStatistics()
    counted.end(queued(), State.SENT, None, 10.04)
    counted.end(queued(Urgency.ALERT), State.SENT, None, 99.0)
    counted.end(queued(), State.SENT, None, 11.5)
    counted.end(queued(), State.EXPIRED, None, 70.5)
    sent, expired = counted.calls["sent"], counted.calls["expired"]
    assert sent.counts[BOUNDS.index(0.05)] == sent.counts[BOUNDS.index(2.0)] == 1
    assert (sum(sent.counts), sent.total) == (2, pytest.approx(1.54))
    assert expired.counts[-1] == 1


def test_what_is_on_a_bound_is_not_above_it() -> None:
    """A bucket of Prometheus holds what is less or equal."""
    times = Durations()
    times.add(2.0)
    assert times.counts[BOUNDS.index(2.0)] == 1


def test_a_clock_that_was_set_back_makes_no_negative_times() -> None:
    counted = PushStatistics()
    counted.end(queued(), State.SENT, None, 9.0)
    assert counted.calls["sent"].total == 0.0


def test_what_was_not_accepted_is_counted_by_reason() -> None:
    counted = PushStatistics()
    for reason in ("too-fast", "too-fast", None):
        counted.refuse("acme", reason)
    assert counted.refused == {"too-fast": 2, "none": 1}


def test_all_is_counted_whatever_there_are_lines_of() -> None:
    pages = Pages(now=10.0)
    book = pages.book(Which.NONE)
    book.ended(queued(), State.SENT, None)
    for _ in range(20):
        book.not_accepted("acme", "too-fast")
    assert pages.entries == []
    assert book.statistics.ended.total() == 1
    assert book.statistics.refused["too-fast"] == 20
