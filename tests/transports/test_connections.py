"""How many connections there may be."""

import pytest
from twisted.internet.task import Clock

from procall_mobility.transports import connections
from procall_mobility.transports.connections import Connections


def book(clock: Clock | None = None, **rules: float) -> Connections:
    return Connections(
        **{"total": 3, "per_address": 2, "now": (clock or Clock()).seconds, **rules}
    )


def test_one_address_has_its_share_and_no_more() -> None:
    places = book()
    first, second, third = (places.admit() for _ in range(3))
    assert first.counts_for("2001:db8::1") and second.counts_for("2001:db8::2")
    assert not third.counts_for("2001:db8::3")
    assert places.of("2001:db8::ffff") == 2
    first.leave()
    first.leave()
    assert places.of("2001:db8::ffff") == 1
    assert third.counts_for("2001:db8::3")


def test_the_total_is_bounded() -> None:
    places = book()
    taken = [places.admit() for _ in range(3)]
    assert places.admit() is None
    taken[0].leave()
    assert places.total == 2
    assert places.admit() is not None


def test_nothing_is_remembered_of_who_has_left() -> None:
    places = book()
    for number in range(100):
        admission = places.admit()
        assert admission.counts_for(f"192.0.2.{number}")
        admission.leave()
    assert places.total == 0
    assert not places._by_source


def test_an_address_that_calls_too_fast_has_to_wait() -> None:
    clock = Clock()
    places = book(clock, rate=1.0, burst=2.0)

    def call(host: str) -> bool:
        admission = places.admit()
        welcome = admission.counts_for(host)
        admission.leave()
        return welcome

    assert [call("192.0.2.7") for _ in range(3)] == [True, True, False]
    assert call("192.0.2.8")
    clock.advance(1.0)
    assert [call("192.0.2.7") for _ in range(2)] == [True, False]


def test_the_book_of_rates_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_RATED", 5)
    places = book(rate=1.0)
    for number in range(20):
        admission = places.admit()
        admission.counts_for(f"192.0.2.{number}")
        admission.leave()
    assert len(places._allowances) == 5


def test_other_bounds_hold_for_whoever_comes_and_nobody_has_to_leave() -> None:
    known = book(total=2, per_address=2)
    here = [known.admit() for _ in range(2)]
    known.change(total=3, per_address=1)
    third = known.admit()
    assert all(here)
    assert third is not None
    assert third.counts_for("192.0.2.1")
    assert known.admit() is None
    known.change(total=4, per_address=1)
    fourth = known.admit()
    assert fourth is not None
    assert not fourth.counts_for("192.0.2.1")
