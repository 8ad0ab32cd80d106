"""One lane on its own, whose provider and whose store are played by the test."""

from collections.abc import Sequence
from typing import Any

import pytest

from procall_mobility.gateway.push.lane.lane import Lane
from procall_mobility.gateway.push.lane.outputs import ConnectNow, LaneOutput, PushEnded, SendPush
from procall_mobility.gateway.push.lane.rules import LaneRules
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.waiting import Waiting, waiting
from procall_mobility.protocols.push.exchange import NoAnswer
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Outcome
from tests.gateway.push.fakes import UNIX, call, push


class Play:
    """One lane; `says` is the provider, and outputs are collected."""

    def __init__(self, streams: int = 100, **rules: Any) -> None:
        self.now = 0.0
        self.dice = 0.5
        self.home: set[bytes] = set()
        self.off: set[str] = set()
        self.stored: dict[str, QueuedPush] | None = {}
        self.lane = Lane(
            "apns",
            LaneRules(**rules),
            weight=lambda _: 1.0,
            is_home=lambda device: device in self.home,
            is_off=lambda customer: customer in self.off,
            fetch=self.fetch,
            wall_clock=lambda: UNIX + self.now,
            dice=lambda: self.dice,
        )
        self.number = 0
        if streams:
            self.lane.offers(streams, self.now)

    def fetch(self, ids: Sequence[str]) -> list[QueuedPush] | None:
        if self.stored is None:
            return None
        return [self.stored[each] for each in ids if each in self.stored]

    def waits(self, urgency: Urgency = Urgency.ALERT, **members: Any) -> Waiting:
        """Hand in a push."""
        self.number += 1
        made = call if urgency is Urgency.CALL else push
        told = made(self.number, unix=UNIX + self.now, **members)
        if urgency is Urgency.BACKGROUND:
            told = push(self.number, urgency, unix=UNIX + self.now, **members)
        entered = waiting(told, self.number, self.now, UNIX + self.now)
        entered.is_durable = True
        if self.stored is not None:
            self.stored[told.id] = told
        self.lane.add(entered, self.now)
        return entered

    def sends(self, urgency: Urgency = Urgency.ALERT, **members: Any) -> Waiting:
        """Hand in a push that goes out at once."""
        entered = self.waits(urgency, **members)
        assert [each.push.id for each in self.sent()] == [entered.id]
        return entered

    def says(
        self, outcome: Outcome, *pushes: Waiting, connection: int | None = None
    ) -> list[LaneOutput]:
        for each in pushes:
            self.lane.answered(each.id, outcome, self.now, connection)
        return self.lane.take()

    def is_silent(
        self, each: Waiting, was_processed: bool | None = None, connection: int | None = None
    ) -> list[LaneOutput]:
        nothing = NoAnswer(was_processed=was_processed, why="reset")
        self.lane.unanswered(each.id, nothing, self.now, connection)
        return self.lane.take()

    def sent(self) -> list[SendPush]:
        outputs = [each for each in self.lane.take() if not isinstance(each, ConnectNow)]
        assert all(isinstance(each, SendPush) for each in outputs), outputs
        return outputs  # type: ignore[return-value]

    def later(self, seconds: float) -> list[LaneOutput]:
        until = self.now + seconds
        for _ in range(10_000):
            at = self.lane.wake_at()
            if at is None or at > until:
                break
            self.now = max(self.now, at)
            self.lane.wake(self.now)
        else:
            pytest.fail("woken for ever")
        self.now = until
        return self.lane.take()


def kinds(outputs: list[LaneOutput]) -> list[type]:
    return [type(each) for each in outputs]


def ended(each: Waiting, state: State, reason: str | None = None) -> PushEnded:
    return PushEnded(waiting=each, state=state, reason=reason)
