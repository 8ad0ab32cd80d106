"""`push retry`: what waits is due now, and a lane that was given up may try again."""

import pytest

from procall_mobility.gateway.push import waiting_room
from procall_mobility.gateway.push.lane.breaker import MOST_FAILURES
from procall_mobility.gateway.push.lane.breaker import State as BreakerState
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.gateway.push.waiting_room import AT_ONCE, UnknownTarget
from procall_mobility.protocols.push.outcomes import Delivered, LaneRefused, Later, Scope
from tests.gateway.push.fakes import KEY, UNIX, Apps, call, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.places import Places

SLOW = Later(reason="TooManyRequests", scope=Scope.TOKEN, after=600.0)


def delayed(*numbers: int, **members: str) -> PushHouse:
    house = PushHouse().opens()
    house.accepts(*(push(number, **members) for number in numbers))
    house.says(SLOW)
    assert house.ids() == []
    return house


def test_all_that_is_delayed_goes_out_at_once() -> None:
    house = delayed(1, 2, 3)
    hurried = house.pipeline.waiting_room.hurry(house.now)
    assert (hurried.pushes, hurried.lanes) == (3, ("apns",))
    assert sorted(house.ids()) == [push(1).id, push(2).id, push(3).id]


def test_what_is_not_delayed_is_not_counted() -> None:
    house = PushHouse().opens(1)
    house.accepts(push(1), push(2))
    assert house.pipeline.waiting_room.hurry(house.now).pushes == 0


def test_one_push_is_hurried_alone() -> None:
    house = delayed(1, 2)
    hurried = house.pipeline.waiting_room.hurry_one(push(2).id, house.now)
    assert (hurried.pushes, hurried.lanes) == (1, ("apns",))
    assert house.ids() == [push(2).id]


def test_one_that_is_under_way_stays_what_it_is() -> None:
    house = PushHouse().opens()
    house.accepts(push(1))
    assert house.pipeline.waiting_room.hurry_one(push(1).id, house.now).pushes == 0
    assert len(house.ids()) == 1


def test_only_the_pushes_of_a_customer_are_hurried_if_one_is_named() -> None:
    house = PushHouse(apps=Apps({"phone": "apns", "droid": "fcm"})).opens(100, "apns", "fcm")
    house.accepts(push(1), push(2, customer="globex"), push(3, app="droid"))
    house.says(SLOW)
    hurried = house.pipeline.waiting_room.hurry(house.now, customer="globex")
    assert (hurried.pushes, hurried.lanes) == (1, ("apns",))
    assert house.ids() == [push(2).id]
    assert house.pipeline.waiting_room.hurry(house.now, customer="nobody").lanes == ()


def test_only_one_lane_is_hurried_if_one_is_named() -> None:
    house = PushHouse(apps=Apps({"phone": "apns", "droid": "fcm"})).opens(100, "apns", "fcm")
    house.accepts(push(1), push(2, app="droid"))
    house.says(SLOW)
    assert house.pipeline.waiting_room.hurry(house.now, lane="fcm").pushes == 1
    assert house.ids() == [push(2).id]


def test_what_is_not_there_is_named() -> None:
    house = PushHouse().opens()
    with pytest.raises(UnknownTarget, match="there is no lane fcm"):
        house.pipeline.waiting_room.hurry(0.0, lane="fcm")
    with pytest.raises(UnknownTarget, match="no such push waits"):
        house.pipeline.waiting_room.hurry_one(push(1).id, 0.0)


def test_a_suspended_lane_sends_one_probe_and_goes_on_when_that_is_taken() -> None:
    house = PushHouse().opens()
    house.accepts(push(1), push(2), push(3))
    house.says(LaneRefused(reason="InvalidProviderToken"))
    assert house.lane().health.state is BreakerState.SUSPENDED
    assert house.ids() == []
    house.pipeline.waiting_room.hurry(house.now, lane="apns")
    (probe,) = house.taken()
    house.pipeline.waiting_room.hurry(house.now)
    (again,) = house.taken()
    house.says(Delivered(), probe, again)
    assert house.lane().health.state is BreakerState.HALF_OPEN


def test_a_broken_lane_is_tried_at_once() -> None:
    house = PushHouse().opens()
    house.accepts(*(push(number) for number in range(MOST_FAILURES)))
    house.says(Later(reason="ServiceUnavailable"))
    assert house.lane().health.state is BreakerState.OPEN
    hurried = house.pipeline.waiting_room.hurry(house.now)
    assert hurried.pushes == MOST_FAILURES
    assert len(house.taken()) == 1


def test_a_lane_that_is_well_is_left_as_it_is() -> None:
    house = delayed(1)
    assert house.lane().health.state is BreakerState.CLOSED
    house.pipeline.waiting_room.hurry(house.now)
    assert house.lane().health.state is BreakerState.CLOSED


def test_very_many_are_made_due_in_turns() -> None:
    house = PushHouse().opens(10_000)
    count = 2 * AT_ONCE + 5
    house.accepts(*(push(number) for number in range(count)))
    while sent := house.taken():
        house.says(SLOW, *sent)
        house.later(0.01)
    house.opens(0)
    assert house.pipeline.waiting_room.hurry(house.now).pushes == count
    assert house.lane()._outbox.queue.ready == AT_ONCE
    house.later(0.01)
    assert house.lane()._outbox.queue.ready == count


def test_what_goes_by_another_lane_before_its_turn_is_left_alone() -> None:
    house = PushHouse().opens(10_000, "apns", "fcm")
    house.accepts(*(push(number) for number in range(AT_ONCE + 1)))
    while sent := house.taken():
        house.says(SLOW, *sent)
        house.later(0.01)
    house.opens(0)
    house.pipeline.waiting_room.hurry(house.now)
    (last,) = house.lane().delayed()
    last.lane = "fcm"
    house.later(0.01)
    assert not last.is_ready


def test_what_has_ended_before_its_turn_opens_no_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_room, "AT_ONCE", 1)
    apps = Places({}, families={"phone"})
    house = PushHouse(apps=apps)
    house.accepts(*(push(number, token="t", not_before=UNIX + 60.0) for number in (1, 2)))
    house.pipeline.waiting_room.hurry(house.now)
    house.sessions.connected.add("t")
    house.pipeline.device_came(device_of("acme", "phone", "t", KEY), house.now)
    for _, taken in house.sessions.offered:
        taken(True)
    for apps.families in (set(), {"phone"}):
        house.pipeline.routes_changed(house.now)
    house.later(1.0)
    assert len(house.endings()) == 2
    assert not house.pipeline.lanes


def test_the_trace_of_a_call_says_that_an_operator_has_retried_it() -> None:
    house = PushHouse().opens()
    house.accepts(call(1), push(2))
    house.says(Later(reason="TooManyRequests", scope=Scope.TOKEN, after=5.0))
    house.pipeline.waiting_room.hurry(house.now)
    trace = house.pipeline.traces.find(call(1).id)
    assert trace is not None
    assert "retried_by_operator" in [step[1] for step in trace.steps]
