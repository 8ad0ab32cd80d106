"""Group commit where pushes come fast: groups keep their distance."""

from procall_mobility.storage.push_commits import COMPANY, SPACING
from tests.gateway.push.fakes import push
from tests.storage.push_stores import Queue, ending, tell


def test_where_pushes_find_company_groups_keep_their_distance(queue: Queue, said: list) -> None:
    """A commit costs as much as some pushes: at a thousand a second, twenty share one."""
    tell(queue, said, 1)
    tell(queue, said, 2)
    queue.clock.advance(COMPANY)
    queue.disk.work()
    tell(queue, said, 3)
    queue.store.end([ending(push(1).id)])
    queue.clock.advance(SPACING * 0.9)
    assert queue.disk.waiting == []
    queue.clock.advance(SPACING * 0.2)
    queue.disk.work()
    assert [number for number, _ in said] == [1, 2, 3]
    tell(queue, said, 4)
    queue.clock.advance(COMPANY)
    assert len(queue.disk.waiting) == 1, "the last group had no company"


def test_calls_keep_no_distance(queue: Queue, said: list) -> None:
    tell(queue, said, 1)
    tell(queue, said, 2)
    queue.clock.advance(COMPANY)
    queue.disk.work()
    tell(queue, said, 3)
    tell(queue, said, 4, urgent=True)
    queue.clock.advance(0)
    queue.disk.work()
    assert [number for number, _ in said] == [1, 2, 3, 4]


def test_a_clock_that_is_set_back_holds_up_nobody_for_longer(queue: Queue, said: list) -> None:
    tell(queue, said, 1)
    tell(queue, said, 2)
    queue.clock.advance(COMPANY)
    queue.disk.work()
    queue.clock.rightNow -= 3600
    tell(queue, said, 3)
    queue.clock.advance(SPACING)
    assert len(queue.disk.waiting) == 1
