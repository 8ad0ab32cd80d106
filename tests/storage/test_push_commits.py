"""Group commit: when groups are written, what waits meanwhile, and what is said afterwards."""

import pytest
from attrs import evolve
from twisted.logger import globalLogPublisher

from procall_mobility.storage.push_bounds import Bounds
from procall_mobility.storage.push_commits import AGAIN, COMPANY, ENOUGH, NOTES
from procall_mobility.storage.push_groups import LARGEST
from tests.gateway.push.fakes import UNIX, push
from tests.storage.push_stores import Queue, ended, ending, tell


def test_a_push_waits_two_milliseconds_for_company(queue: Queue, said: list) -> None:
    tell(queue, said, 1)
    queue.clock.advance(COMPANY * 0.9)
    tell(queue, said, 2)
    assert queue.disk.waiting == []
    queue.clock.advance(COMPANY * 0.2)
    queue.disk.work()
    assert said == [(1, True), (2, True)]
    assert queue.disk.groups == 1


def test_256_wait_for_no_more_company(queue: Queue, said: list) -> None:
    for number in range(ENOUGH - 1):
        tell(queue, said, number)
    queue.clock.advance(0)
    assert not queue.disk.waiting
    tell(queue, said, ENOUGH)
    queue.clock.advance(0)
    assert len(queue.disk.waiting) == 1


def test_a_call_waits_for_no_company(queue: Queue, said: list) -> None:
    tell(queue, said, 1)
    tell(queue, said, 2, urgent=True)
    queue.clock.advance(0)
    queue.disk.work()
    assert said == [(1, True), (2, True)]


def test_what_is_told_in_one_turn_is_written_in_one_piece(queue: Queue, said: list) -> None:
    """So an answer to a request is never kept without its pushes, nor the other way round."""
    tell(queue, said, 1, urgent=True)
    queue.store.note("acme", "key", b"digest", b"answer", UNIX)
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX, UNIX)
    queue.clock.advance(0)
    queue.disk.work()
    assert (queue.disk.groups, queue.clock.getDelayedCalls()) == (1, [])


def test_what_comes_while_the_disk_works_is_the_next_group(queue: Queue, said: list) -> None:
    tell(queue, said, 1, urgent=True)
    queue.clock.advance(0)
    tell(queue, said, 2, urgent=True)
    tell(queue, said, 3)
    queue.clock.advance(1)
    assert len(queue.disk.waiting) == 1
    queue.disk.work()
    assert said == [(1, True)]
    queue.clock.advance(0)
    queue.disk.work()
    assert said == [(1, True), (2, True), (3, True)]
    assert queue.disk.groups == 2


def test_notes_ride_with_the_next_group_or_make_one_soon(queue: Queue, said: list) -> None:
    tell(queue, said, 1, urgent=True)
    queue.settle()
    queue.store.end([ending(push(1).id)])
    queue.clock.advance(NOTES * 0.9)
    assert not queue.disk.waiting
    tell(queue, said, 2, urgent=True)
    queue.clock.advance(0)
    queue.disk.work()
    assert queue.disk.groups == 2
    assert queue.loaded() == [push(2).id]
    queue.store.end([ending(push(2).id)])
    queue.clock.advance(NOTES)
    queue.disk.work()
    assert queue.disk.groups == 3


def test_a_group_does_not_grow_without_end(queue: Queue, said: list) -> None:
    """Or a call would wait behind all that came while the disk was slow."""
    tell(queue, said, 0, urgent=True)
    queue.clock.advance(0)
    for number in range(1, LARGEST + 2):
        tell(queue, said, number)
    queue.clock.advance(0)
    queue.disk.work()
    queue.clock.advance(0)
    queue.disk.work()
    assert len(said) == 1 + LARGEST
    queue.settle()
    assert [number for number, _ in said] == list(range(LARGEST + 2))


def test_a_call_in_a_later_group_hurries_the_one_before(queue: Queue, said: list) -> None:
    queue.store.end([ending(push(number).id) for number in range(1000, 1000 + LARGEST)])
    tell(queue, said, 1, urgent=True)
    queue.clock.advance(0)
    queue.disk.work()
    queue.clock.advance(0)
    queue.disk.work()
    assert said == [(1, True)]


def test_who_raises_keeps_nobody_else_from_being_told(queue: Queue, said: list) -> None:
    events: list[dict] = []
    queue.store.add([push(1)], lambda kept: 1 // 0)
    tell(queue, said, 2)
    globalLogPublisher.addObserver(events.append)
    queue.settle()
    globalLogPublisher.removeObserver(events.append)
    assert said == [(2, True)]
    assert [event["log_format"] for event in events] == ["bug in who waited for a push"]


def test_who_is_told_may_tell_more(queue: Queue, said: list) -> None:
    queue.store.add([push(1)], lambda _: tell(queue, said, 2))
    queue.settle()
    queue.settle()
    assert said == [(2, True)]


def test_more_than_the_bound_is_refused_until_the_disk_has_caught_up(
    queue: Queue, said: list
) -> None:
    queue.store.close()
    small = evolve(queue.again(), bounds=Bounds(unwritten=3))
    queue.store = small.store
    small.store.add([push(number) for number in range(4)], said.append)
    small.clock.advance(0)
    assert said == [False]
    assert small.add(*[push(number) for number in range(3)])
    small.store.add([push(10), push(11)], said.append)
    small.store.add([push(12), push(13)], said.append)
    assert said == [False]
    small.settle()
    assert said == [False, False, True]
    assert small.add(push(12), push(13), push(14))


def test_it_is_never_said_within_the_telling(queue: Queue, said: list) -> None:
    queue.store.add([push(1)], said.append)
    queue.store.add([push(1)], said.append)
    assert said == []
    queue.settle()
    assert said == [False, True]


# When the disk does not --------------------------------------------------------------------


@pytest.fixture
def problems() -> list:
    """What the log says of the disk."""
    return []


@pytest.fixture(autouse=True)
def _log(problems: list):
    def observe(event: dict) -> None:
        if event.get("log_namespace", "").startswith("procall_mobility.storage"):
            problems.append((event["log_format"], event.get("why")))

    globalLogPublisher.addObserver(observe)
    yield
    globalLogPublisher.removeObserver(observe)


def set_full(queue: Queue, *, full: bool) -> None:
    """Let nothing be written any more, as on a file system that is mounted read-only."""
    queue.store._commits._writer._connection.execute(f"PRAGMA query_only = {int(full)}")


def test_refused_pushes_are_said_to_be_and_the_operator_is_told_once(
    queue: Queue, said: list, problems: list
) -> None:
    set_full(queue, full=True)
    for number in (1, 2):
        tell(queue, said, number)
        queue.settle()
    assert said == [(1, False), (2, False)]
    set_full(queue, full=False)
    tell(queue, said, 1)
    queue.settle()
    assert said[2:] == [(1, True)]
    assert problems == [
        ("pushes not written", "attempt to write a readonly database"),
        ("pushes written again", None),
    ]


def test_notes_are_tried_again_until_they_are_written(queue: Queue) -> None:
    """Or an ended push would be sent again after the next start."""
    queue.add(push(1), push(2))
    set_full(queue, full=True)
    queue.store.end([ending(push(1).id)])
    queue.store.postpone([push(2).postponed(UNIX + 9)])
    queue.settle()
    assert ended(queue.store, "acme", push(1).id) is not None
    for _ in range(3):
        queue.settle(AGAIN)
    assert queue.disk.groups == 5
    set_full(queue, full=False)
    queue.settle(AGAIN)
    assert queue.store._records.known("acme", [push(1).id], 0.0)[push(1).id] is not None
    (left,) = queue.store.load(None, 10)
    assert (left.id, left.not_before, left.attempts) == (push(2).id, UNIX + 9, 1)
    queue.settle(10 * AGAIN)
    assert queue.disk.groups == 6


def test_notes_that_failed_ride_with_the_next_group_and_newer_ones_stand(
    queue: Queue, said: list
) -> None:
    queue.add(push(1))
    set_full(queue, full=True)
    queue.store.postpone([push(1).postponed(UNIX + 1)])
    queue.clock.advance(NOTES)
    queue.store.postpone([push(1).postponed(UNIX + 2)])
    queue.disk.work()
    set_full(queue, full=False)
    tell(queue, said, 2, urgent=True)
    queue.clock.advance(0)
    queue.disk.work()
    (first, _) = queue.store.load(None, 10)
    assert first.not_before == UNIX + 2
    assert queue.disk.groups == 3


def test_a_bug_in_the_writer_refuses_its_group_alone(
    queue: Queue, said: list, problems: list
) -> None:
    tell(queue, said, 1)
    queue.clock.advance(1)
    (_, done) = queue.disk.waiting.pop()
    done(None)
    assert said == [(1, False)]
    tell(queue, said, 2)
    queue.settle()
    assert said == [(1, False), (2, True)]
    assert problems == [("pushes not written", "a bug"), ("pushes written again", None)]


# The end -----------------------------------------------------------------------------------


def test_closing_writes_what_there_is_and_says_so(queue: Queue, said: list) -> None:
    tell(queue, said, 1, urgent=True)
    queue.clock.advance(0)
    tell(queue, said, 2)
    queue.store.end([ending(push(1).id)])
    queue.store.close()
    assert said == [(1, True), (2, True)]
    again = queue.again()
    assert again.loaded() == [push(2).id]
    again.store.close()


def test_closing_lets_a_timer_go(queue: Queue, said: list) -> None:
    tell(queue, said, 1)
    queue.store.close()
    assert said == [(1, True)]
    assert queue.clock.getDelayedCalls() == []


def test_closing_does_not_try_for_ever(queue: Queue, said: list) -> None:
    set_full(queue, full=True)
    tell(queue, said, 1)
    queue.store.end([ending(push(9).id)])
    queue.store.close()
    assert said == [(1, False)]


def test_a_closed_queue_refuses_pushes_and_hears_nothing(queue: Queue, said: list) -> None:
    queue.store.close()
    tell(queue, said, 1)
    queue.store.end([ending(push(1).id)])
    queue.clock.advance(1)
    assert said == [(1, False)]
    assert queue.disk.waiting == []
