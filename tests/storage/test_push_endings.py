"""How pushes ended: known to their customers for a day, and so many of them."""

import sqlite3

import pytest
from attrs import evolve

from procall_mobility.gateway.push.ports import State
from procall_mobility.storage.push_bounds import DAY, Bound, Bounds
from tests.gateway.push.fakes import push
from tests.storage.push_stores import ONE, THREE, TWO, Queue, ended, ending


def test_how_a_push_ended_is_its_customers_to_know(queue: Queue) -> None:
    queue.add(push(1))
    told = ending(ONE, State.REJECTED, "BadTopic")
    queue.store.end([told])
    for _ in range(2):
        assert ended(queue.store, "acme", ONE) == told
        assert ended(queue.store, "other", ONE) is None
        assert ended(queue.store, "acme", TWO) is None
        queue.settle()


def test_whoever_ends_a_push_by_an_id_of_anothers_takes_nothing_away(queue: Queue) -> None:
    """Devices and providers see ids, so that somebody else may use one."""
    queue.add(push(1))
    strangers = evolve(ending(ONE, State.SENT), customer="other")
    queue.store.end([strangers])
    queue.settle()
    assert [each.id for each in queue.store.load(None, 10)] == [ONE]
    told = ending(ONE, State.REJECTED, "BadTopic")
    queue.store.end([told])
    queue.settle()
    queue.store.end([strangers])
    queue.settle()
    assert ended(queue.store, "acme", ONE) == told


@pytest.mark.parametrize("state", [each for each in State if each is not State.QUEUED])
def test_every_ending_is_read_as_it_was_told(queue: Queue, state: State) -> None:
    queue.end(ONE, state=state)
    assert ended(queue.again().store, "acme", ONE) == ending(ONE, state)


def test_endings_are_known_for_a_day(queue: Queue) -> None:
    queue.end(ONE)
    queue.unix += DAY
    assert ended(queue.store, "acme", ONE) is not None
    queue.unix += 1
    assert ended(queue.store, "acme", ONE) is None
    queue.end(TWO, THREE)
    assert rows(queue, "endings") == 2


def test_only_so_many_endings_are_kept(queue: Queue) -> None:
    queue.store.close()
    bounded = evolve(queue, bounds=Bounds(endings=Bound(10, DAY)))
    for number in range(30):
        bounded.end(push(number).id)
    assert rows(bounded, "endings") == 10
    assert ended(bounded.store, "acme", push(29).id) is not None
    assert ended(bounded.store, "acme", push(1).id) is None
    bounded.store.close()


def rows(queue: Queue, table: str) -> int:
    connection = sqlite3.connect(queue.path)
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return count
