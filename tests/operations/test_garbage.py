"""A long queue costs no long pauses, and what is put aside for it does not stay for ever."""

import gc

from attrs import define, field

from procall_mobility.operations.garbage import STEP, YOUNG, LongQueue, put_aside_the_start


@define
class Collecting:
    """The port `Collector`: what was asked of it."""

    asked: list[str] = field(factory=list)

    def collect(self) -> int:
        self.asked.append("collect")
        return 0

    def freeze(self) -> None:
        self.asked.append("freeze")

    def unfreeze(self) -> None:
        self.asked.append("unfreeze")

    def set_threshold(self, young: int, /) -> None:
        self.asked.append(f"young {young}")


@define
class Queue:
    waiting: int = 0
    collecting: Collecting = field(factory=Collecting)
    long: LongQueue = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.long = LongQueue(lambda: self.waiting, self.collecting)

    def becomes(self, *lengths: int) -> list[str]:
        """Return what was done as the queue had these lengths, one after the other."""
        for waiting in lengths:
            self.waiting = waiting
            self.long.look()
        asked, self.collecting.asked = self.collecting.asked, []
        return asked


def test_what_is_there_at_the_start_is_put_aside_without_its_garbage() -> None:
    collecting = Collecting()
    put_aside_the_start(collecting)
    assert collecting.asked == ["collect", "freeze", f"young {YOUNG}"]


def test_the_young_are_looked_through_less_often_than_python_would() -> None:
    """Dozens of pushes under way are more objects than it waits for, and no garbage."""
    before = gc.get_threshold()
    pythons_own = 700
    gc.set_threshold(pythons_own)  # A daemon that was played before may have left another.
    try:
        put_aside_the_start()
        assert gc.get_threshold()[0] == YOUNG > pythons_own
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def test_a_short_queue_is_nobodys_business() -> None:
    assert Queue().becomes(0, 10, STEP - 1, 5, STEP - 1, 0) == []


def test_a_growing_queue_is_put_aside_in_steps() -> None:
    queue = Queue()
    assert queue.becomes(STEP - 1) == []
    assert queue.becomes(STEP, STEP + 5, 2 * STEP - 1) == ["freeze"]
    assert queue.becomes(2 * STEP, 5 * STEP) == ["freeze"] * 2


def test_a_step_is_counted_from_the_shortest_the_queue_has_been() -> None:
    queue = Queue()
    queue.becomes(10 * STEP)
    assert queue.becomes(6 * STEP, 7 * STEP - 1) == []
    assert queue.becomes(7 * STEP) == ["freeze"]


def test_all_is_taken_back_once_when_the_queue_has_been_worked_off() -> None:
    queue = Queue()
    queue.becomes(3 * STEP)
    assert queue.becomes(STEP, STEP // 2) == []
    assert queue.becomes(STEP // 2 - 1, 0) == ["unfreeze"]
    assert queue.becomes(STEP - 1, STEP, 0) == ["freeze", "unfreeze"]


def test_a_cycle_that_was_put_aside_is_garbage_again_after_that() -> None:
    """Of the real collector: that is what taking back is for."""
    queue = LongQueue(lambda: length)
    cycle: list[object] = []
    cycle.append(cycle)
    length = STEP
    queue.look()
    frozen = gc.get_freeze_count()
    del cycle
    length = 0
    queue.look()
    assert frozen > 0
    assert gc.get_freeze_count() == 0
    assert gc.collect() >= 1
