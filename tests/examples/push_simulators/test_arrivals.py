"""The book of arrivals: what it counts, keeps and tells, and that it has an end."""

from typing import Any

import pytest

from examples.push_simulators import arrivals as book
from examples.push_simulators.arrivals import Arrival, Arrivals


def add(
    arrivals: Arrivals, identity: str = "", body: bytes = b"", provider: str = "apns"
) -> Arrival:
    arrivals.number += 1
    made = Arrival(
        number=arrivals.number,
        provider=provider,
        visit=1,
        stream=1,
        at=0.0,
        method="POST",
        path="/",
        headers=(),
        body=body,
        is_push=True,
        token="t",
        id=identity,
        clear=None,
        refusal="",
        remarks=(),
        nth=arrivals.count_of(provider, identity),
    )
    arrivals.add(made)
    return made


def numbers(found: Any) -> list[int]:
    return [each.number for each in found]


def test_a_push_that_comes_again_is_told_from_others() -> None:
    arrivals = Arrivals()
    found = [add(arrivals, each).nth for each in ("a", "b", "a", "a", "")]
    assert found == [1, 1, 2, 3, 1]
    assert arrivals.duplicates == 2


def test_the_same_id_at_two_providers_is_no_duplicate() -> None:
    arrivals = Arrivals()
    assert add(arrivals, "a", provider="apns").nth == add(arrivals, "a", provider="fcm").nth == 1


def test_what_was_not_processed_is_not_counted() -> None:
    arrivals = Arrivals()
    first, second = add(arrivals, "a"), add(arrivals, "a")
    arrivals.uncount(second)
    assert arrivals.duplicates == 0
    arrivals.uncount(first)
    assert arrivals.ids == {}
    assert add(arrivals, "a").nth == 1


def test_one_may_ask_for_what_came_later() -> None:
    arrivals = Arrivals()
    for provider in ("apns", "fcm", "apns"):
        add(arrivals, provider=provider)
    assert numbers(arrivals.after(0)) == [1, 2, 3]
    assert numbers(arrivals.after(1)) == [2, 3]
    assert numbers(arrivals.after(0, "apns")) == [1, 3]
    assert numbers(arrivals.after(3)) == []


def test_old_arrivals_go_and_numbers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_KEPT", 3)
    arrivals = Arrivals()
    for _ in range(5):
        add(arrivals, body=b"x")
    assert numbers(arrivals.after(0)) == [3, 4, 5]
    assert numbers(arrivals.after(3)) == [4, 5]
    assert arrivals.octets == 3


def test_large_arrivals_go_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_OCTETS", 10)
    arrivals = Arrivals()
    for _ in range(3):
        add(arrivals, body=b"12345")
    assert numbers(arrivals.after(0)) == [2, 3]


def test_ids_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were known go on being told from others."""
    monkeypatch.setattr(book, "MOST_IDS", 1)
    arrivals = Arrivals()
    assert [add(arrivals, each).nth for each in ("a", "b", "b", "a")] == [1, 1, 1, 2]


def test_listeners_hear_of_an_arrival_and_of_what_was_done() -> None:
    arrivals = Arrivals()
    heard: list[str] = []
    stop = arrivals.listen(lambda arrival: heard.append(arrival.done))
    first = add(arrivals)
    arrivals.done(first, "200", 1.0)
    stop()
    add(arrivals)
    assert heard == ["", "200"]
    assert arrivals.counts == {"apns 200": 1}
    arrivals.clear()
    assert (arrivals.counts, arrivals.number, list(arrivals.kept)) == ({}, 2, [])
