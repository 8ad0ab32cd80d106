"""What is done again and again: when, how long, and at another pace."""

from twisted.internet.task import Clock

from procall_mobility.lifecycle.rounds import Rounds, Task


class Work:
    def __init__(self) -> None:
        self.done = 0

    def act(self) -> None:
        self.done += 1

    def fail(self) -> None:
        self.done += 1
        raise ZeroDivisionError


def test_it_is_done_from_the_beginning_to_the_end() -> None:
    clock, work = Clock(), Work()
    rounds = Rounds(clock)
    rounds.add(Task(2.0, work.act))
    clock.advance(10.0)
    assert work.done == 0
    rounds.begin()
    clock.pump([2.0] * 3)
    assert work.done == 3
    rounds.end()
    clock.pump([2.0] * 3)
    assert work.done == 3


def test_what_is_added_later_is_done_too() -> None:
    clock, work = Clock(), Work()
    rounds = Rounds(clock)
    rounds.begin()
    rounds.add(Task(2.0, work.act))
    clock.advance(2.0)
    assert work.done == 1


def test_another_pace_holds_from_now_on() -> None:
    clock, work = Clock(), Work()
    rounds = Rounds(clock)
    rounds.add(Task(10.0, work.act))
    rounds.begin()
    rounds.pace(work.act, 10.0)
    clock.advance(1.0)
    rounds.pace(work.act, 2.0)
    clock.pump([2.0, 2.0])
    assert work.done == 2


def test_another_pace_before_the_beginning_is_that_of_the_beginning() -> None:
    clock, work = Clock(), Work()
    rounds = Rounds(clock)
    rounds.add(Task(10.0, work.act))
    rounds.pace(work.act, 2.0)
    rounds.begin()
    clock.advance(2.0)
    assert work.done == 1


def test_what_has_ended_or_failed_does_not_begin_again_by_another_pace() -> None:
    clock, work = Clock(), Work()
    rounds = Rounds(clock)
    rounds.add(Task(1.0, work.fail))
    rounds.begin()
    clock.pump([1.0, 1.0])
    rounds.pace(work.fail, 2.0)
    clock.pump([2.0, 2.0])
    assert work.done == 1
