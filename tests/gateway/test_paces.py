"""Many who each may do something so often."""

from procall_mobility.gateway import paces
from procall_mobility.gateway.paces import Paces


def test_each_has_its_own_allowance() -> None:
    known = Paces(rate=0.5, burst=2)
    assert [known.take("a", 0.0) for _ in range(3)] == [True, True, False]
    assert known.take("b", 0.0)
    assert known.wait == 2.0
    assert known.take("a", 2.0)


def test_the_quietest_is_forgotten(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(paces, "MOST", 2)
    known = Paces(rate=0.5, burst=1)
    assert known.take("a", 0.0)
    assert known.take("b", 0.0)
    assert not known.take("a", 0.0)
    assert known.take("c", 0.0)
    assert len(known) == 2
    assert known.take("b", 0.0), "it was the quietest, and begins anew"
    assert known.take("a", 0.0)


def test_another_pace_holds_for_those_who_are_known_too() -> None:
    known = Paces(rate=0.01, burst=1)
    assert known.take("a", 0.0)
    known.change(rate=10.0, burst=5.0)
    assert known.wait == 0.1
    assert [known.take("a", 1.0) for _ in range(6)] == [True] * 5 + [False]
    assert [known.take("b", 1.0) for _ in range(6)] == [True] * 5 + [False]
