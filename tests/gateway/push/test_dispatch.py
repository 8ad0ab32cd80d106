"""Presence is asked for again: before every further attempt, and when the device is back."""

import pytest
from attrs import define

from procall_mobility.gateway.push.dispatch import MOST_AT_ONCE
from procall_mobility.gateway.push.lane.outbox import OutboxRules
from procall_mobility.gateway.push.lane.rules import LaneRules
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.routes import Nobody
from procall_mobility.gateway.push.rules import PushRules
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.protocols.push.outcomes import Later
from tests.gateway.push.fakes import KEY, Sessions, call, numbers, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.memory import Durable

DEVICE = device_of("acme", "phone", "t", KEY)


def comes(house: PushHouse, token: str = "t") -> None:
    """The device of a token has a session now."""
    house.sessions.connected.add(token)
    house.pipeline.device_came(device_of("acme", "phone", token, KEY), house.now)
    house.run()


def offered(house: PushHouse) -> list[int]:
    return numbers([each for each, _ in house.sessions.offered])


def steps(house: PushHouse, number: int = 1) -> list[str]:
    trace = house.pipeline.traces.find(push(number).id)
    assert trace is not None
    return [stage for _, stage, *_ in trace.steps]


def test_what_waits_goes_to_the_session_of_a_device_that_is_back() -> None:
    house = PushHouse().opens(0)
    house.accepts(push(1, token="t"), push(2, token="u"), push(3, token="t"))
    comes(house)
    assert offered(house) == [1, 3], "the oldest first"
    for _, taken in house.sessions.offered:
        taken(True)
    house.opens()
    assert house.ids() == [push(2).id]
    assert house.ended() == {push(1).id: State.SENT, push(3).id: State.SENT}
    assert house.lane().counts.in_session == 2


def test_what_the_session_does_not_take_is_where_it_was() -> None:
    house = PushHouse().opens(0)
    house.accepts(push(1, token="t"))
    comes(house)
    house.opens()
    assert house.ids() == [], "while the session has it, its provider does not get it"
    house.sessions.offered[0][1](False)
    assert house.ids() == [push(1).id]


def test_a_session_that_is_gone_again_changes_nothing() -> None:
    house = PushHouse().opens(0)
    house.accepts(push(1, token="t"))
    house.sessions.deaf = True
    comes(house)
    assert house.opens().ids() == [push(1).id]


def test_a_device_nobody_knows_has_not_come() -> None:
    house = PushHouse().opens(0)
    house.accepts(push(1, token="t"))
    house.pipeline.device_came(DEVICE, house.now)
    assert offered(house) == []


def test_a_push_that_waits_for_its_next_attempt_does_not_wait_for_its_time() -> None:
    house = PushHouse().opens()
    house.accepts(push(1, token="t"))
    house.says(Later(reason="UNAVAILABLE", at_least=600.0))
    assert house.taken() == []
    comes(house)
    assert offered(house) == [1]


def test_before_a_further_attempt_the_session_is_asked_once_more() -> None:
    """It was there and silent; or it is there again, and nobody has told us."""
    house = PushHouse().opens()
    house.accepts(push(1, token="t"))
    house.says(Later(reason="UNAVAILABLE"))
    house.sessions.connected.add("t")
    house.later(60.0)
    assert offered(house) == [1]
    assert house.taken() != [], "and as it says nothing, the provider gets it in the end"
    house.delivers(*house.sent)


def test_a_session_that_was_asked_is_not_asked_again_at_once() -> None:
    house = PushHouse().opens()
    house.sessions.connected.add("t")
    house.accepts(call(1, token="t"))
    house.later(1.0)
    assert offered(house) == [1]
    assert house.ids() == [call(1).id]


def test_a_further_attempt_of_one_whose_device_cannot_be_given_anything_goes_out() -> None:
    house = PushHouse().opens()
    house.accepts(push(1, token="t"))
    house.says(Later(reason="UNAVAILABLE"))
    house.sessions.connected.add("t")
    house.sessions.deaf = True
    house.later(60.0)
    assert len(house.taken()) == 1


def test_where_there_are_no_sessions_further_attempts_go_to_the_provider_too() -> None:
    house = PushHouse(sessions=Nobody()).opens()  # type: ignore[arg-type]
    house.accepts(push(1, token="t"))
    house.says(Later(reason="UNAVAILABLE"))
    house.pipeline.device_came(DEVICE, house.now)
    house.later(60.0)
    assert house.ids() == [push(1).id]


def test_what_was_left_by_the_last_run_goes_to_the_session_too() -> None:
    house = PushHouse().opens(0)
    house.accepts(push(1, token="t"), push(2, token="u"))
    house.restarts()
    comes(house)
    assert offered(house) == [1]
    house.sessions.offered[0][1](True)
    house.restarts()
    assert house.opens().ids() == [push(2).id]


def test_and_before_it_is_sent_if_the_session_was_there_first() -> None:
    house = PushHouse().opens(0)
    house.accepts(push(1, token="t"))
    house.sessions.connected.add("t")
    house.restarts()
    house.opens()
    assert (offered(house), house.ids()) == ([1], [])


def test_a_session_is_not_flooded() -> None:
    house = PushHouse().opens(0)
    house.accepts(*(push(number, token="t") for number in range(1, MOST_AT_ONCE + 4)))
    comes(house)
    assert offered(house) == list(range(1, MOST_AT_ONCE + 1))
    house.sessions.offered[0][1](True)
    assert offered(house)[MOST_AT_ONCE:] == [MOST_AT_ONCE + 1, MOST_AT_ONCE + 2, MOST_AT_ONCE + 3]


def test_contents_that_are_in_the_store_are_fetched() -> None:
    rules = PushRules(lane=LaneRules(outbox=OutboxRules(held=0)))
    house = PushHouse(rules=rules).opens(0)
    house.accepts(push(1, token="t"), push(2, token="t"))
    comes(house)
    assert [each.notification.content for each, _ in house.sessions.offered] == [
        {"data": "sealed"}
    ] * 2
    assert house.store.fetched == 2


def test_while_the_store_cannot_be_read_they_stay_where_they_are() -> None:
    rules = PushRules(lane=LaneRules(outbox=OutboxRules(held=0)))
    house = PushHouse(rules=rules).opens(0)
    house.accepts(push(1, token="t"))
    house.store.unreadable = True
    comes(house)
    assert offered(house) == []
    house.store.unreadable = False
    comes(house)
    assert offered(house) == [1]


def test_of_several_lanes_all_are_looked_through() -> None:
    house = PushHouse().opens(0)
    house.apps.lanes["tablet"] = "fcm"
    house.accepts(push(1, token="t"), push(2, token="t", app="tablet"))
    comes(house)
    assert offered(house) == [1], "another application of the same token is another device"


@pytest.mark.parametrize("comes_first", [True, False])
def test_a_daemon_that_stops_gives_sessions_nothing_more(comes_first: bool) -> None:
    house = PushHouse().opens(0)
    house.accepts(push(1, token="t"))
    if comes_first:
        house.sessions.connected.add("t")
    house.pipeline.drain(house.now)
    comes(house)
    assert offered(house) == []
    assert house.is_drained()


def test_a_stop_waits_for_what_sessions_have() -> None:
    house = PushHouse().opens(0)
    house.sessions.connected.add("t")
    house.accepts(push(1, token="t"))
    house.pipeline.drain(house.now)
    house.run()
    assert not house.is_drained()
    house.sessions.offered[0][1](True)
    house.run()
    assert house.is_drained()


class TestTheRingTrace:
    def test_the_session_of_a_device_that_was_woken_is_back(self) -> None:
        house = PushHouse().opens()
        house.accepts(call(1, token="t"))
        comes(house)
        assert steps(house)[-1] == "session_back"
        comes(house)
        assert steps(house).count("session_back") == 1

    def test_one_that_was_given_the_call_was_not_away(self) -> None:
        house = PushHouse().opens()
        house.sessions.connected.add("t")
        house.accepts(call(1, token="t"))
        house.sessions.offered[0][1](True)
        comes(house)
        assert "session_back" not in steps(house)
        assert "taken_by_session" in steps(house)

    def test_one_that_comes_much_later_comes_for_another_reason(self) -> None:
        house = PushHouse().opens()
        house.accepts(call(1, token="t"))
        house.delivers()
        house.later(121.0)
        comes(house)
        assert "session_back" not in steps(house)

    def test_every_call_that_may_have_woken_it_has_the_step(self) -> None:
        """It rings, stops ringing, and rings again; of a whole storm, the latest four."""
        house = PushHouse().opens()
        house.accepts(*(call(number, token="t") for number in range(1, 7)))
        comes(house)
        back = [number for number in range(1, 7) if "session_back" in steps(house, number)]
        assert back == [3, 4, 5, 6]

    def test_devices_that_are_woken_are_bounded(self) -> None:
        house = PushHouse().opens(2000)
        house.accepts(*(call(number, token=f"t{number}") for number in range(1, 1002)))
        comes(house, "t1")
        comes(house, "t2")
        assert "session_back" not in steps(house, 1)
        assert "session_back" in steps(house, 2)


@define
class Dying(Sessions):
    """A session that dies over the next push, and gives back what it had."""

    dies: bool = False

    def offer(self, device: bytes, push: QueuedPush, taken: Durable, now: float) -> bool:
        if not self.dies:
            return Sessions.offer(self, device, push, taken, now)
        self.connected.clear()
        for _, given in self.offered:
            given(False)
        return False


def test_what_has_ended_when_the_session_dies_over_another_push_has_ended_once() -> None:
    """What it gives back sets its lane going, in the midst of giving it what waited there."""
    sessions = Dying({"t"})
    house = PushHouse(sessions=sessions).opens(0)
    house.accepts(push(1, token="t"))
    sessions.connected.clear()
    house.accepts(push(2, token="t"), push(3, token="t", ttl=1.0))
    house.now, sessions.dies = 1.0, True
    comes(house)
    assert house.ended() == {push(3).id: State.EXPIRED}
    house.opens().delivers()
    assert (len(house.store.ended), house.pipeline.open) == (3, 0)


def test_where_there_are_no_sessions_no_device_is_known_and_no_push_taken() -> None:
    nobody = Nobody()
    assert not nobody.knows(DEVICE)
    assert not nobody.offer(DEVICE, push(1, token="t"), lambda _: None, 0.0)
