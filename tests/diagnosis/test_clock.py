"""The clock: who says it is wrong, and by how much."""

from typing import Any

import pytest
from attrs import evolve

from procall_mobility.diagnosis.findings import State
from procall_mobility.diagnosis.judgements.clock import ClockFacts, Comparison, judge_clock
from tests.diagnosis.findings import is_told, only

CLOCK = ClockFacts(now=2_000_000.0, built=1_000_000.0, is_kept=True)


def compared(ahead: float, tolerance: float = 0.0) -> dict[str, Any]:
    return {"comparisons": (Comparison(whose="a server", ahead=ahead, tolerance=tolerance),)}


@pytest.mark.parametrize(
    ("changed", "state", "reason", "what"),
    [
        ({}, State.OK, "ok", "kept right"),
        ({"is_kept": False}, State.WARNING, "clock-not-kept", "Nobody keeps"),
        ({"is_kept": None}, State.UNKNOWN, "clock-untold", "cannot be told"),
        ({"built": 3_000_000.0}, State.WRONG, "clock-before-build", "it is slow"),
        (compared(4.0) | {"is_kept": False}, State.OK, "ok", "is right, compared with a server"),
        (compared(6.0, 1.0), State.OK, "ok", "is right"),
        (compared(30.0), State.WARNING, "clock-off", "30 s fast"),
        (compared(-600.0), State.WRONG, "clock-off", "10 min slow"),
        (compared(10_000.0), State.WRONG, "clock-off", "3 h fast"),
        (compared(-400_000.0), State.WRONG, "clock-off", "5 days slow"),
    ],
)
def test_each_case_is_told_apart(
    changed: dict[str, Any], state: State, reason: str, what: str
) -> None:
    found = only(judge_clock(evolve(CLOCK, **changed)))
    assert found.state is state
    assert found.reason == reason
    assert what in found.what
    assert bool(found.cure) is (state is not State.OK)


def test_whoever_knows_the_time_best_is_believed() -> None:
    """A date in HTTP has whole seconds; a time server's has none of that."""
    clock = evolve(
        CLOCK,
        comparisons=(
            Comparison(whose="a date", ahead=90.0, tolerance=1.0),
            Comparison(whose="a server", ahead=0.1),
        ),
    )
    assert only(judge_clock(clock)).state is State.OK


def test_a_time_server_that_does_not_answer_is_told_beside_the_rest() -> None:
    silent, kept = judge_clock(evolve(CLOCK, unanswered="time.example.net"))
    assert is_told(silent, "time-server-silent", "time.example.net", "UDP port 123")
    assert kept.state is State.OK
