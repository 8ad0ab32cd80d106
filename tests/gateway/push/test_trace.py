"""Traces of calls: who may read which, and how long they are kept."""

import gc

from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.push.trace import (
    KEPT,
    MOST_STEPS,
    MOST_TRACES,
    SWEPT_EVERY,
    PushTraces,
    Stage,
    Trace,
)
from tests.gateway.push.fakes import UNIX, call


def traces() -> tuple[PushTraces, Alarms]:
    alarms = Alarms(lambda: None)
    return PushTraces(alarms), alarms


def begun(known: PushTraces, number: int = 1, now: float = 0.0, customer: str = "acme") -> Trace:
    return known.begin(call(number, customer=customer), b"device", now, Stage.ACCEPTED)


def test_a_trace_begins_with_its_first_step_and_takes_others_in_order() -> None:
    known, _ = traces()
    trace = begun(known, now=5.0)
    assert known.step("acme", trace.id, Stage.SESSION_BACK, 7.5, reason="why", lane="apns")
    assert known.find(trace.id) is trace
    assert (trace.customer, trace.app, trace.kind) == ("acme", "phone", "chat")
    assert (trace.began, trace.accepted) == (5.0, UNIX)
    assert trace.steps == [
        (5.0, "accepted", None, None, None),
        (7.5, "session_back", "apns", None, "why"),
    ]


def test_nobody_sees_or_adds_to_the_traces_of_another_customer() -> None:
    known, _ = traces()
    trace = begun(known)
    assert not known.step("globex", trace.id, Stage.CALL_ANSWERED, 1.0)
    assert not known.step("acme", call(2).id, Stage.CALL_ANSWERED, 1.0)
    assert known.find(trace.id, "globex") is None
    assert known.find(trace.id, "acme") is trace
    assert len(trace.steps) == 1


def test_nobody_loses_a_trace_to_a_customer_that_takes_its_id() -> None:
    """Ids are no secrets: devices and providers know them."""
    known, _ = traces()
    trace, other = begun(known), begun(known, customer="globex")
    assert known.find(trace.id, "acme") is trace
    assert known.find(trace.id, "globex") is other
    assert known.find(trace.id) is other


def test_a_trace_is_forgotten_after_an_hour_by_itself() -> None:
    known, alarms = traces()
    begun(known, 1, now=0.0)
    begun(known, 2, now=SWEPT_EVERY / 2)
    begun(known, 3, now=SWEPT_EVERY * 2)
    assert alarms.wake_at() == KEPT
    alarms.wake(KEPT)
    assert len(known) == 2
    assert alarms.wake_at() == KEPT + SWEPT_EVERY  # Not woken for each one.
    alarms.wake(KEPT + SWEPT_EVERY)
    assert len(known) == 1
    alarms.wake(KEPT + 2 * SWEPT_EVERY)
    assert (len(known), alarms.wake_at()) == (0, None)
    begun(known, 4, now=2 * KEPT)
    assert alarms.wake_at() == 3 * KEPT


def test_the_oldest_makes_room_for_the_newest() -> None:
    known, _ = traces()
    for number in range(MOST_TRACES + 1):
        begun(known, number)
    assert len(known) == MOST_TRACES
    assert known.find(call(0).id) is None
    assert known.find(call(MOST_TRACES).id) is not None


def test_an_id_that_is_used_again_has_the_newer_trace_alone() -> None:
    known, _ = traces()
    begun(known, 1)
    begun(known, 2)
    newer = begun(known, 1)
    assert known.find(call(1).id) is newer
    assert len(known) == 2


def test_of_too_many_steps_the_first_and_the_last_stay() -> None:
    known, _ = traces()
    trace = begun(known)
    for number in range(2 * MOST_STEPS):
        trace.add(Stage.HANDED_OVER, float(number))
    trace.add(Stage.ENDED, 1000.0)
    assert (len(trace.steps), trace.left_out) == (MOST_STEPS, MOST_STEPS + 2)
    assert (trace.steps[0][1], trace.steps[-1][1]) == ("accepted", "ended")


def test_the_garbage_collector_has_nothing_to_look_at_in_steps() -> None:
    """A pause for many traces would be one for calls."""
    known, _ = traces()
    trace = begun(known)
    trace.add(Stage.PROVIDER_ANSWER, 1.0, "apns", 200, "why")
    gc.collect()
    assert not any(gc.is_tracked(step) for step in trace.steps)
