"""`make bench-push`: who takes turns, what counts, and when a figure may be believed."""

from pathlib import Path

import pytest

from bench import push
from bench.push import Comparison, Sides, is_right
from bench.push_sides import Aioapns, Apns2, Ours, Target

BEFORE = {"requests": 100, "ids": 90, "faults": 0}


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> Sides:
    monkeypatch.setattr(push, "versioned", lambda name: f"{name} 1.0")
    here = Path()
    target = Target("target", here, 1)
    peers = [Aioapns("aioapns", here, 3, target), Apns2("apns2", here, 4, target)]
    return Sides(target, Ours("ours", here, 2, target, 5), peers)


def test_everybody_is_first_in_some_round(sides: Sides) -> None:
    everybody = [sides.ours, *sides.peers]
    orders = [[side.name for side in sides.turns(n, everybody)] for n in range(3)]
    assert [order[0] for order in orders] == ["ours", "aioapns", "apns2"]
    assert {tuple(sorted(order)) for order in orders} == {("aioapns", "apns2", "ours")}


def test_our_figures_stand_beside_each_peers(sides: Sides) -> None:
    found = Comparison.of("push batch", "x", sides.ours, sides.peers)
    for side, value in ((sides.ours, 6.0), (sides.peers[0], 2.0), (sides.peers[1], 3.0)):
        found.put(side, value)
    facts = [case.facts() for case in found.cases.values()]
    assert [each["name"] for each in facts] == ["push batch", "push batch, beside apns2"]
    assert [each["ratio"]["median"] for each in facts] == [3.0, 2.0]
    assert [each["peer"]["name"] for each in facts] == ["aioapns 1.0", "apns2 1.0"]


@pytest.mark.parametrize(
    "after",
    [
        {"requests": 109, "ids": 99, "faults": 0},
        {"requests": 111, "ids": 100, "faults": 0},
        {"requests": 110, "ids": 99, "faults": 0},
        {"requests": 110, "ids": 100, "faults": 1},
    ],
)
def test_pushes_that_are_lost_doubled_or_wrong_spoil_a_figure(after: dict[str, int]) -> None:
    assert not is_right(BEFORE, after, 10, has_ids=True)


def test_a_figure_counts_when_each_push_came_once() -> None:
    assert is_right(BEFORE, {"requests": 110, "ids": 100, "faults": 0}, 10, has_ids=True)
    assert is_right(BEFORE, {"requests": 110, "ids": 91, "faults": 0}, 10, has_ids=False)
