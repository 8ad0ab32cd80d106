"""Our own pushes over our own HTTP/2 client, while the simulated APNs misbehaves in every way."""

from collections.abc import Iterator
from typing import Any

import pytest

from procall_mobility.protocols.push.exchange import Answer, NoAnswer
from tests.interop.push.our_client import Sender
from tests.interop.push.running import Running

pytestmark = pytest.mark.interop


@pytest.fixture
def conduct(simulators: Running) -> Iterator[Any]:
    """Change how APNs treats connections, for one test."""

    def change(**said: Any) -> None:
        simulators.ask("conduct", {"provider": "apns", **said})

    yield change
    change(stream_limit=1000, first_limit=1, window=65_535, latency=0, reception="welcome")


@pytest.fixture
def sender(simulators: Running, conduct: Any) -> Iterator[Sender]:
    made = Sender(simulators).opened()
    yield made
    made.stop()


def counts(simulators: Running) -> tuple[int, int]:
    state = simulators.ask("state")
    assert state["conduct"]["apns"]["faults"] == []
    return state["counts"].get("apns 200", 0), state["duplicates"]


def statuses(sender: Sender) -> set[int]:
    assert all(isinstance(each, Answer) for each in sender.results.values())
    return {each.status for each in sender.results.values()}


def test_three_thousand_pass_six_goodbyes_without_loss_or_duplicate(
    simulators: Running, sender: Sender
) -> None:
    """RFC 9113 section 6.8: what is above the last stream is sent again, and nothing else."""
    for number in range(6):
        goodbye = {"reason": "Shutdown", "below": number}
        simulators.ask("script", {"provider": "apns", "skip": 450 * number, "goaway": goodbye})
    sender.push_all(3000)
    assert statuses(sender) == {200}
    assert counts(simulators) == (3000, 0)
    assert simulators.ask("state")["rules"]["apns"] == 0


def test_a_limit_that_shrinks_to_one_and_grows_again_is_obeyed(
    simulators: Running, sender: Sender, conduct: Any
) -> None:
    limits = {100: 1, 200: 50, 300: 1, 400: 1000}

    def news(done: int) -> None:
        for after in [each for each in limits if done >= each]:
            conduct(stream_limit=limits.pop(after))

    sender.push_all(600, news)
    assert statuses(sender) == {200}
    assert counts(simulators) == (600, 0)


def test_a_window_of_one_octet_takes_long_and_loses_nothing(
    simulators: Running, conduct: Any
) -> None:
    conduct(window=1)
    sender = Sender(simulators).opened()
    sender.push_all(5)
    assert counts(simulators) == (5, 0)
    sender.stop()


@pytest.mark.parametrize(
    ("act", "was_processed"),
    [
        ({"reset": "REFUSED_STREAM"}, False),
        ({"reset": "INTERNAL_ERROR"}, None),
        ({"drop": True}, None),
    ],
)
def test_a_push_without_an_answer_is_told_by_what_is_known(
    simulators: Running, sender: Sender, act: dict[str, Any], was_processed: bool | None
) -> None:
    simulators.ask("script", {"provider": "apns", **act})
    result = sender.outcome()
    assert isinstance(result, NoAnswer)
    assert result.was_processed is was_processed
    assert isinstance(sender.opened().outcome(), Answer)


@pytest.mark.parametrize("act", ["silence", "deaf"])
def test_a_push_that_nobody_answers_has_an_outcome_too(
    simulators: Running, sender: Sender, act: str
) -> None:
    simulators.ask("script", {"provider": "apns", act: True})
    result = sender.outcome(timeout=1.0)
    assert isinstance(result, NoAnswer)
    assert result.was_processed is None


@pytest.mark.parametrize("reception", ["refuse", "hang", "drop", "alert", "late alert"])
def test_connections_come_back_after_any_reception(
    simulators: Running, sender: Sender, conduct: Any, reception: str
) -> None:
    conduct(reception=reception, cut=True)
    sender.run(lambda: not sender.client.capacity)
    result = sender.outcome()
    assert isinstance(result, NoAnswer)
    conduct(reception="welcome")
    assert isinstance(sender.opened().outcome(), Answer)
