"""Push 4.2 for a provider that speaks HTTP/1.1: each push of the whole daemon has an outcome."""

import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.push.town import Town, at_microsoft, message, town_in

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("push")) as made:
        made.does(*at_microsoft("windows.demo", made.providers.facts, made.daemons.folder))
        yield made


@pytest.fixture
def town(settled: Town) -> Iterator[Town]:
    """Have a provider that behaves, before and afterwards."""
    settled.providers.ask("forget", {})
    yield settled
    conduct(settled, reception="welcome")


def conduct(town: Town, **said: Any) -> None:
    town.providers.ask("conduct", {"provider": "wns", **said})


def pushes(town: Town, count: int, kind: str = "chat") -> list[dict[str, Any]]:
    """Have some accepted, each for a channel of its own."""
    place = "https://db5.notify.windows.com/?token="
    channels = [f"{place}{secrets.token_hex(8)}" for _ in range(count)]
    made = [message("windows.demo", channel, kind) for channel in channels]
    status, _ = town.posts(*made, wait=0)
    assert status == 202
    return made


def until_all_are_sent(town: Town, made: list[dict[str, Any]]) -> None:
    town.until(lambda: {town.became(each) for each in made} == {"sent"})


def taken(town: Town) -> "Counter[str]":
    return Counter(each["id"] for each in town.providers.pushes("wns") if each["done"] == "200")


@pytest.mark.parametrize("act", ["drop", "silence", "deaf"])
def test_calls_whose_connections_end_or_fall_silent_are_sent_again(town: Town, act: str) -> None:
    for skip in (0, 3):
        town.providers.ask("script", {"provider": "wns", "skip": skip, act: True})
    calls = pushes(town, 10, "avnewcall")
    until_all_are_sent(town, calls)
    assert taken(town).keys() == {each["id"] for each in calls}


@pytest.mark.parametrize("reception", ["refuse", "hang", "drop", "alert", "late alert"])
def test_what_is_accepted_while_nobody_lets_us_in_goes_out_when_they_do(
    town: Town, reception: str
) -> None:
    conduct(town, reception=reception, cut=True)
    made = pushes(town, 10)
    assert {town.became(each) for each in made} == {"queued"}
    conduct(town, reception="welcome")
    until_all_are_sent(town, made)
    assert taken(town) == {each["id"]: 1 for each in made}
