"""push.md 4.4: one dead lane never delays another; and long queues stay small."""

import sys
import tracemalloc
from collections.abc import Callable, Sequence

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    LaneRefused,
    Later,
    Outcome,
    Scope,
    TokenDead,
)
from tests.gateway.push.fakes import Apps, call, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.memory import MemoryStore

HEALTHY, SICK = "fcm", "apns"
TROUBLE: list[Outcome | str] = [
    "hang",
    "reset",
    "refuse",
    Later(reason="x"),
    Later(reason="x", scope=Scope.LANE, after=3600.0),
    LaneRefused(reason="x"),
    CredentialStale(reason="x"),
    TokenDead(reason="x", is_suspicious=True),
]


def day(trouble: list[Outcome | str], sick_per_step: int) -> list[tuple[float, str]]:
    """When each push of the healthy lane went out, whatever the other one does."""
    house = PushHouse(apps=Apps({"phone": SICK, "pad": HEALTHY}))
    house.opens(10, SICK, HEALTHY)
    trace, number = [], 0
    for step in range(40):
        number += 1
        made = call if step % 3 == 0 else push
        house.accepts(made(number, app="pad", unix=house.unix()))
        sick = [push(0x10000 * number + k, unix=house.unix()) for k in range(sick_per_step)]
        if sick:
            house.accepts(*sick)
        for each in house.taken():
            if each.lane == HEALTHY:
                trace.append((house.now, each.push.id))
                house.delivers(each)
                continue
            match trouble[step % len(trouble)]:
                case "hang":
                    pass
                case "reset":
                    house.says_nothing(each)
                case "refuse":
                    house.says_nothing(each, was_processed=False)
                case outcome:
                    house.says(outcome, each)  # type: ignore[arg-type]
        house.later(0.5)
        house.sent = [each for each in house.sent if each.lane == HEALTHY]
    return trace


@settings(max_examples=10, deadline=None)
@given(trouble=st.lists(st.sampled_from(TROUBLE), min_size=1, max_size=5))
def test_whatever_happens_in_one_lane_is_not_felt_in_another(
    trouble: list[Outcome | str],
) -> None:
    assert day(trouble, sick_per_step=15) == day(["hang"], sick_per_step=0)


def test_a_dead_lane_fills_up_with_its_own_alone() -> None:
    """The quota of what waits is by lane: the customer's other pushes are taken and sent."""
    shares = {"acme": PushShare(queued=2000)}
    house = PushHouse(apps=Apps({"phone": SICK, "pad": HEALTHY}), shares=shares)
    house.opens(10, HEALTHY)
    refused = 0
    for number in range(0, 3000, 100):
        told = house.accepts(*(push(number + k) for k in range(100)))
        refused += sum(not each.is_accepted for each in told)
    assert refused == 1000
    house.accepts(push(50_000, app="pad", unix=house.unix()))
    assert house.ids() == [push(50_000).id]


@define
class Endless(MemoryStore):
    """A store of many pushes that makes them when they are asked for."""

    count: int = 0

    @staticmethod
    def made(number: int) -> QueuedPush:
        return push(
            number,
            Urgency(number % 3),
            customer=f"customer-{number % 50}",
            ttl=50.0 if number % 3 == 0 else 3600.0,
            content="x" * 2000,
            collapse="k" if number % 4 == 0 else None,
        )

    def load(self, after: str | None, most: int) -> list[QueuedPush]:
        first = 0 if after is None else int(after[:8], 16) + 1
        return [self.made(number) for number in range(first, min(first + most, self.count))]

    def fetch(self, ids: Sequence[str]) -> list[QueuedPush]:
        self.fetched += len(ids)
        return [self.made(int(name[:8], 16)) for name in ids]


LENGTHS = [5_000, pytest.param(100_000, marks=pytest.mark.soak)]


@pytest.mark.parametrize("count", LENGTHS)
def test_a_queued_push_takes_less_than_a_kilobyte_whatever_its_content(count: int) -> None:
    """100,000 take less than 100 MB; with contents of two kilobytes held it would be 400."""
    house = PushHouse(store=Endless(count=count))
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    house.pipeline.start(0.0)
    house.later(2.0)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert house.pipeline.open == count
    assert held - house.lane()._outbox.queue.held * 1.5 < count * 1000, f"{held / count} each"


def calls_made(by: Callable[[], object]) -> int:
    """Count the functions called, which is the same on every machine, however busy."""
    events: list[str] = []
    sys.setprofile(lambda frame, event, argument: events.append(event))
    try:
        by()
    finally:
        sys.setprofile(None)
    return events.count("call")


@pytest.mark.parametrize("count", LENGTHS)
def test_a_long_queue_is_restored_and_delivered_in_turns(count: int) -> None:
    """None of the turns takes long, so that new calls are served in between."""
    house = PushHouse(store=Endless(count=count)).opens(1000)
    house.pipeline.start(0.0)
    longest = 0
    while not house.pipeline.is_restored or house.pipeline.open:
        sent = house.taken()
        for each in sent:
            house.pipeline.answered(each.lane, each.push.id, Delivered(), house.now)
        if not sent:
            at = house.pipeline.wake_at()
            assert at is not None
            house.now = max(house.now, at)
            longest = max(longest, calls_made(lambda: house.pipeline.wake(house.now)))
    assert {each.state for each in house.store.ended} == {State.SENT}
    assert len(house.store.ended) == count
    assert longest < 15_000, "as many as for some hundred pushes, however many there are"


@pytest.mark.parametrize("count", LENGTHS)
def test_a_long_queue_that_expires_at_one_time_does_so_in_turns(count: int) -> None:
    house = PushHouse(store=Endless(count=count))
    house.pipeline.start(0.0)
    house.later(3.0)
    house.now = 4000.0
    ring = call(0xFFFF0000, unix=house.unix())
    house.opens(1000).accepts(ring)
    assert house.ids() == [ring.id], "a new call goes first"
    assert house.pipeline.open > count - 1000
    house.later(5.0)
    assert {each.state for each in house.store.ended} == {State.EXPIRED}
    assert house.pipeline.open == 1
