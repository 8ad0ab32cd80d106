"""What the daemon answers operators about pushes; no token is in any of it."""

from typing import Any

import pytest
from attrs import define, field
from twisted.internet.task import Clock, Cooperator

from procall_mobility.gateway.push.ports import Feedback
from procall_mobility.operations.push_verbs import COUNTED_AT_ONCE, NAMES, PushVerbs
from procall_mobility.operations.rendering import Pseudonyms
from procall_mobility.protocols.push.outcomes import Later, TokenDead
from tests.gateway.push.fakes import call, push
from tests.gateway.push.house import PushHouse


@define(eq=False)
class Desk:
    """A pipeline, and an operator at it."""

    house: PushHouse = field(factory=lambda: PushHouse().opens())
    reactor: Clock = field(factory=Clock)
    troubles: dict[str, str] = field(factory=dict)
    hurried: list[Any] = field(factory=list)
    verbs: PushVerbs = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.verbs = PushVerbs(
            pipeline=self.house.pipeline,
            dead=self,
            names=Pseudonyms(b"key of this node"),
            device_of=lambda *names: "/".join(names).encode(),
            trouble_of=self.troubles.get,
            app_test=lambda question: question,
            hurry=self.hurried.append,
            clock=lambda: self.house.now,
            cooperator=Cooperator(scheduler=lambda more: self.reactor.callLater(0, more)),
        )

    def feedback_of_all(
        self, customer: str | None, after: int, most: int
    ) -> list[tuple[str, Feedback]]:
        """The port `DeadTokens`, of the store the pipeline has."""
        found = self.house.store.told.feedback
        return [each for each in found if customer in (None, each[0]) and each[1].number > after]

    def asks(self, verb: str, **members: Any) -> Any:
        return self.verbs.verbs()[verb](members)

    def waits(self, **members: Any) -> Any:
        told: list[Any] = []
        self.asks("push-queue", **members).addCallback(told.append)
        while not told:
            self.reactor.advance(0.1)
        return told[0]


def test_all_that_may_be_asked_is_answered() -> None:
    assert tuple(Desk().verbs.verbs()) == NAMES


def test_a_trace_is_told_by_the_id_of_its_push() -> None:
    desk = Desk()
    desk.house.accepts(call(1), push(2))
    told = desk.asks("push-trace", id=call(1).id.upper())
    assert (told["id"], told["customer"], told["device"][:7]) == (call(1).id, "acme", "device#")
    assert "token-1" not in str(told)
    for wrong in (push(2).id, ""):
        with pytest.raises(ValueError, match="only calls have one"):
            desk.asks("push-trace", id=wrong)
    with pytest.raises(ValueError, match="id: expected text"):
        desk.asks("push-trace", id=5)


def test_what_waits_is_counted_in_turns() -> None:
    desk = Desk()
    desk.house.opens(0)
    desk.troubles["apns"] = "InvalidProviderToken"
    desk.house.accepts(*(push(number) for number in range(2 * COUNTED_AT_ONCE + 1)))
    told = desk.waits()
    assert told["restored"] is False
    (row,) = told["queue"]
    assert (row["waiting"], row["trouble"]) == (2 * COUNTED_AT_ONCE + 1, "InvalidProviderToken")
    assert desk.waits(customer="globex")["queue"] == []


def test_what_is_retried_is_told_and_its_lanes_connect_at_once() -> None:
    desk = Desk()
    desk.house.accepts(push(1), push(2, customer="globex"))
    desk.house.says(Later(reason="InternalServerError", after=100.0))
    assert desk.asks("push-retry", customer="acme") == {"pushes": 1, "lanes": ("apns",)}
    assert desk.asks("push-retry", id=push(2, customer="globex").id.upper())["pushes"] == 1
    assert desk.asks("push-retry", lane="apns")["pushes"] == 0
    assert desk.hurried == [("apns",)] * 3
    with pytest.raises(ValueError, match="there is no lane fcm"):
        desk.asks("push-retry", lane="fcm")


def test_dead_tokens_are_told_by_stand_ins_for_their_devices() -> None:
    desk = Desk()
    desk.house.accepts(push(1), push(2, customer="globex"))
    desk.house.says(TokenDead(reason="Unregistered"))
    told = desk.asks("push-feedback")
    assert [(each["number"], each["customer"], each["reason"]) for each in told["feedback"]] == [
        (1, "acme", "Unregistered"), (2, "globex", "Unregistered"),
    ]  # fmt: skip
    assert told["last"] == 2
    assert "token-" not in str(told)
    assert len({each["device"] for each in told["feedback"]}) == 2
    assert desk.asks("push-feedback", customer="acme", after=1) == {"feedback": [], "last": 1}


@pytest.mark.parametrize("after", [-1, "1", True, None, 2**63])
def test_a_number_that_is_none_is_refused(after: Any) -> None:
    with pytest.raises(ValueError, match="after: expected"):
        Desk().asks("push-feedback", after=after)
