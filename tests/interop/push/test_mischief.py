"""Push 4.2: providers that misbehave in every way, and the whole daemon: each push has an outcome.

On servers that keep to HTTP/2 none arrives twice.
"""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.interop.push.town import IPHONE, Town, message, town_in

pytestmark = pytest.mark.interop

LIMITS = "[push.limits]\nrate = 100000\nburst = 100000\n"
USUAL = {"stream_limit": 1000, "first_limit": 1, "window": 65_535, "latency": 0}
BATCH, FEW = 500, 100
"""Pushes in a request, and streams of a connection that are answered in time by any machine."""


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("push"), more=LIMITS) as made:
        yield made


@pytest.fixture
def town(settled: Town) -> Iterator[Town]:
    """Have a provider that behaves, before and afterwards."""
    settled.providers.ask("forget", {})
    yield settled
    conduct(settled, **USUAL, reception="welcome")


def conduct(town: Town, **said: Any) -> None:
    town.providers.ask("conduct", {"provider": "apns", **said})


def chats(count: int, **more: Any) -> list[dict[str, Any]]:
    return [message("ios.demo", IPHONE, **more) for _ in range(count)]


def accept(town: Town, *pushes: dict[str, Any]) -> None:
    for begin in range(0, len(pushes), BATCH):
        status, results = town.posts(*pushes[begin : begin + BATCH], wait=0)
        assert status == 202
        assert {each["status"] for each in results} <= {"queued", "sent"}


def lane(town: Town) -> dict[str, Any]:
    lanes = json.loads(town.does("push", "lanes", "--json"))
    (found,) = [each for each in lanes if each["lane"].startswith("apns:")]
    return found


def is_idle(town: Town) -> bool:
    found = lane(town)
    return not (found["waiting"] or found["in_flight"])


def until_all_are_sent(town: Town, *pushes: dict[str, Any]) -> None:
    town.until(lambda: is_idle(town))
    assert {town.became(each) for each in pushes[-20:]} == {"sent"}


def until_two_connections_carry(town: Town) -> None:
    """Wait until there is another one: those that are open take turns."""

    def carry() -> bool:
        pushes = chats(2)
        town.posts(*pushes)
        found, ids = town.providers.pushes("apns"), {each["id"] for each in pushes}
        return len({each["connection"] for each in found if each["id"] in ids}) > 1

    town.until(carry)


def counts(town: Town) -> tuple[int, int]:
    """Return how many pushes were taken, and how often one was there already."""
    state = town.providers.ask("state")
    assert state["conduct"]["apns"]["faults"] == []
    return state["counts"].get("apns 200", 0), state["duplicates"]


def taken(town: Town) -> "Counter[str]":
    """Return how often each push was answered with 200."""
    return Counter(each["id"] for each in town.providers.pushes("apns") if each["done"] == "200")


def test_three_thousand_pass_six_goodbyes_without_loss_or_duplicate(town: Town) -> None:
    """RFC 9113 section 6.8: what is above the last stream is sent again, and nothing else.

    With a thousand streams at a time some would have to wait for their answers for too long.
    """
    conduct(town, stream_limit=FEW)
    for number in range(6):
        goodbye = {"reason": "Shutdown", "below": number}
        town.providers.ask("script", {"provider": "apns", "skip": 450 * number, "goaway": goodbye})
    pushes = chats(3000)
    accept(town, *pushes)
    until_all_are_sent(town, *pushes)
    assert town.providers.ask("state")["rules"]["apns"] == 0, "all six were said"
    assert counts(town) == (3000, 0)
    assert lane(town)["sent"] >= 3000


def test_a_limit_of_streams_that_shrinks_to_one_and_grows_again_is_obeyed(town: Town) -> None:
    pushes = chats(600)
    for begin, limit in ((0, 1), (200, 50), (400, 1)):
        conduct(town, stream_limit=limit)
        accept(town, *pushes[begin : begin + 200])
    conduct(town, stream_limit=FEW)
    until_all_are_sent(town, *pushes)
    assert counts(town) == (600, 0)


def test_a_window_of_one_octet_takes_long_and_loses_nothing(town: Town) -> None:
    conduct(town, window=1, cut=True)
    pushes = chats(5)
    accept(town, *pushes)
    until_all_are_sent(town, *pushes)
    assert counts(town)[0] == 5


@pytest.mark.parametrize(
    "act",
    [
        {"reset": "REFUSED_STREAM"},
        {"reset": "INTERNAL_ERROR"},
        {"reset": "CANCEL"},
        {"drop": True},
    ],
    ids=str,
)
def test_pushes_whose_streams_end_without_an_answer_are_sent_again(
    town: Town, act: dict[str, Any]
) -> None:
    for skip in (0, 20, 40):
        town.providers.ask("script", {"provider": "apns", "skip": skip, **act})
    pushes = chats(100)
    accept(town, *pushes)
    until_all_are_sent(town, *pushes)
    found = taken(town)
    assert found.keys() == {each["id"] for each in pushes}
    if act.get("reset") == "REFUSED_STREAM":
        assert set(found.values()) == {1}, "by that it says that it did nothing with it"


@pytest.mark.parametrize("act", ["silence", "deaf"])
def test_a_call_that_nobody_answers_is_sent_again_with_the_same_id(town: Town, act: str) -> None:
    """On another connection, while there is time."""
    until_two_connections_carry(town)
    town.providers.ask("script", {"provider": "apns", act: True})
    (call,) = chats(1, kind="avnewcall")
    accept(town, call)
    until_all_are_sent(town, call)
    tries = [each for each in town.providers.pushes("apns") if each["id"] == call["id"]]
    assert [each["done"] for each in tries][-1] == "200"
    assert len(tries) > 1
    assert all(one["connection"] != next_["connection"] for one, next_ in pairwise(tries))


@pytest.mark.parametrize("reception", ["refuse", "hang", "drop", "alert", "late alert"])
def test_what_is_accepted_while_nobody_lets_us_in_goes_out_when_they_do(
    town: Town, reception: str
) -> None:
    conduct(town, reception=reception, cut=True)
    pushes = chats(20)
    accept(town, *pushes)
    assert {town.became(each) for each in pushes} == {"queued"}
    conduct(town, reception="welcome")
    until_all_are_sent(town, *pushes)
    assert counts(town) == (20, 0)


def test_a_push_that_never_gets_through_expires_and_that_is_told(town: Town) -> None:
    """An expired push is an outcome, never silence."""
    conduct(town, reception="refuse", cut=True)
    pushes = chats(3, ttl=1)
    accept(town, *pushes)
    town.daemons.until(lambda: {town.became(each) for each in pushes} == {"expired"})
    conduct(town, reception="welcome")
    assert counts(town) == (0, 0)
