"""What follows from many inputs is done once, when those of one turn are all in."""

from collections.abc import Callable

from attrs import evolve

from procall_mobility.gateway.push.gathering import Gathering, at_once
from procall_mobility.gateway.push.lane.outputs import SendPush
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.protocols.push.outcomes import Delivered
from tests.gateway.push.fakes import call, push
from tests.gateway.push.house import PushHouse


def test_what_is_noted_often_is_done_once_and_soon() -> None:
    later: list[Callable[[], None]] = []
    done: list[bool] = []
    gathering = Gathering(later.append, lambda: done.append(True))
    gathering.note()
    gathering.note()
    assert (len(later), done) == (1, [])
    later.pop()()
    assert done == [True]
    gathering.note()
    assert len(later) == 1


def test_whoever_gathers_nothing_does_it_at_once() -> None:
    done: list[bool] = []
    Gathering(at_once, lambda: done.append(True)).note()
    assert done == [True]


def gathering_house(later: list[Callable[[], None]]) -> PushHouse:
    """Return a house whose pipeline waits for the end of a turn."""
    house = PushHouse()
    ports = evolve(house.pipeline._ports, soon=later.append)
    house.pipeline = PushPipeline(house.rules, ports)
    return house.opens()


def test_answers_of_one_turn_are_written_down_together() -> None:
    later: list[Callable[[], None]] = []
    house = gathering_house(later)
    house.accepts(push(1), push(2))
    later.pop()()
    house.run()
    later.pop()()
    sent = house.taken()
    assert len(sent) == 2
    for each in sent:
        house.pipeline.answered(each.lane, each.push.id, Delivered(), house.now)
    assert house.pipeline.open == 2, "not yet"
    assert len(later) == 1
    later.pop()()
    assert house.pipeline.open == 0


def test_what_comes_in_one_turn_is_looked_after_together() -> None:
    later: list[Callable[[], None]] = []
    house = gathering_house(later)
    house.commits = False
    for each in (push(1), push(2)):
        house.pipeline.accept([each], lambda _: None, house.now)
    assert len(later) == 1
    assert house.store.groups == []
    later.pop()()
    assert len(house.store.groups) == 2, "each may be refused alone"


def test_what_is_durable_in_one_turn_is_sent_together() -> None:
    later: list[Callable[[], None]] = []
    house = gathering_house(later)
    house.commits = False
    for each in (push(1), push(2)):
        house.pipeline.accept([each], lambda _: None, house.now)
    later.pop()()
    house.store.commit()
    assert house.pipeline.take() == []
    assert len(later) == 1
    later.pop()()
    assert [type(each) for each in house.pipeline.take()] == [SendPush, SendPush]


def test_what_was_durable_before_a_call_came_goes_before_it() -> None:
    """Of two with one key the newer is to arrive last: it takes the place of the older one."""
    later: list[Callable[[], None]] = []
    house = gathering_house(later)
    house.commits = False
    older, newer = push(1, collapse="a"), call(2, collapse="a")
    house.pipeline.accept([older], lambda _: None, house.now)
    later.pop()()
    house.store.commit()
    house.pipeline.accept([newer], lambda _: None, house.now)
    sent = [each.push.id for each in house.pipeline.take() if isinstance(each, SendPush)]
    assert sent == [older.id, newer.id]


def test_a_call_waits_for_nobody() -> None:
    """It goes out in the call that brings it in, whatever else is being told in this turn."""
    house = gathering_house([])
    house.commits = False
    house.pipeline.accept([call(1)], lambda _: None, house.now)
    assert [type(each) for each in house.pipeline.take()] == [SendPush]
