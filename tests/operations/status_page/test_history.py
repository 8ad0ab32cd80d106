"""Rings: what they hold, how coarse steps are made of fine ones, and that they never grow."""

import math
from itertools import pairwise

from procall_mobility.operations.status_page.history import (
    NOTHING,
    SPANS,
    History,
    Ring,
    Series,
    Span,
)

MEAN = Series("sessions", "sessions", "Sessions")
PEAK = Series("lateness", "seconds", "Lateness", keeps_peaks=True)
SHORT = (Span("fine", 1, 4), Span("coarse", 3, 2))


def held(ring: Ring, series: int = 0) -> list[tuple[float, float]]:
    steps = ring.last(1_000_000)
    return list(zip(ring.times(steps), ring.figures(series, steps), strict=True))


def test_a_ring_holds_its_last_steps_in_order() -> None:
    ring = Ring(Span("fine", 1, 4), 1)
    for step in range(30):
        ring.add(float(step), [step * 10.0])
        assert len(held(ring)) == min(step + 1, 4)
    assert held(ring) == [(26, 260), (27, 270), (28, 280), (29, 290)]
    assert ring.times(ring.last(2)) == [28, 29]


def test_what_is_being_told_is_not_overwritten_meanwhile() -> None:
    """A document is made in turns, and samples are taken between them."""
    ring = Ring(Span("fine", 1, 4), 1)
    for step in range(10):
        ring.add(float(step), [float(step)])
    steps = ring.last(4)
    for step in range(10, 16):
        ring.add(float(step), [float(step)])
    assert ring.times(steps) == ring.figures(0, steps) == [6, 7, 8, 9]


def test_a_coarse_step_is_the_mean_of_fine_ones_or_their_peak() -> None:
    history = History([MEAN, PEAK], SHORT)
    for at, sessions, lateness in ((9, 1, 0.1), (10, 2, 0.5), (11, 6, 0.2), (12, 9, 0.9)):
        history.add(float(at), [sessions, lateness])
    coarse = history.rings[1]
    assert held(coarse) == [(12, 3.0)]
    assert held(coarse, 1) == [(12, 0.5)]


def test_what_nobody_knows_is_no_part_of_a_mean() -> None:
    history = History([MEAN], SHORT)
    for at, value in ((0, NOTHING), (1, 4.0), (2, 6.0), (3, NOTHING), (6, 1.0)):
        history.add(float(at), [value])
    (_, first), (_, second) = held(history.rings[1])
    assert first == 5.0
    assert math.isnan(second)


def test_a_daemon_that_was_held_up_has_a_gap_and_no_invented_steps() -> None:
    history = History([MEAN], SHORT)
    for at in (0.0, 1.0, 20.0, 21.0):
        history.add(at, [1.0])
    assert [at for at, _ in held(history.rings[1])] == [3, 21]
    assert [at for at, _ in held(history.finest)] == [0, 1, 20, 21]


def test_a_day_of_many_figures_takes_little_memory() -> None:
    """20 figures, in all spans: below half a MiB, taken at the start."""
    history = History([MEAN] * 20)
    octets = sum(
        each.itemsize * len(each)
        for ring in history.rings
        for each in (ring._times, ring._figures)
    )
    assert octets < 512 * 1024
    before = [len(ring._figures) for ring in history.rings]
    for step in range(1000):
        history.add(float(step), [1.0] * 20)
    assert [len(ring._figures) for ring in history.rings] == before


def test_each_span_is_made_of_the_one_before() -> None:
    assert [span.period * span.steps for span in SPANS] == [300, 3600, 86_400]
    for finer, coarser in pairwise(SPANS):
        assert coarser.period % finer.period == 0
