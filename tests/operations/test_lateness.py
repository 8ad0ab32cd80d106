"""How late the reactor is."""

from procall_mobility.operations.lateness import BOUNDS, EVERY, Lateness


class Times:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_lateness_is_what_is_beyond_the_time_between_looks() -> None:
    times = Times()
    late = Lateness(times)
    late.look()
    assert sum(late.counts) == 0
    times.now += EVERY
    late.look()
    assert (late.last, sum(late.counts)) == (0.0, 1)
    times.now += EVERY + 0.2
    late.look()
    assert round(late.last, 6) == 0.2
    assert late.counts[BOUNDS.index(0.25)] == 1
    assert round(late.total, 6) == 0.2


def test_what_is_later_than_all_bounds_is_counted_too() -> None:
    times = Times()
    late = Lateness(times)
    late.look()
    times.now += 60.0
    late.look()
    assert late.counts[-1] == 1


def test_too_early_is_not_late() -> None:
    times = Times()
    late = Lateness(times)
    late.look()
    times.now += EVERY / 2
    late.look()
    assert late.total == 0.0
