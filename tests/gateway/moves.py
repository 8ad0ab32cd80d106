"""Moves everybody of a house away, and reads what calls are told that nobody answers."""

from typing import Any

from procall_mobility.gateway.moving import Move
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.messages import (
    Invoke,
    InvokeProblem,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
)
from tests.gateway.fakes import House

RELEASING = Problem(ProblemKind.INVOKE, InvokeProblem.INITIATOR_RELEASING)
MOVED = (1012, "moved")


def call(invoke_id: int, name: str = "asnChatTextMessage") -> Invoke:
    return Invoke(invoke_id, 0, name, JsonValue.of({}))


def move(house: House, *, dice: float = 0.0, **members: Any) -> None:
    told: dict[str, Any] = {"reason": Reason.MOVED, "patience": 20.0, "spread": 10.0}
    house.gateway.moving.begin(Move(**{**told, **members}, dice=lambda: dice), house.now)
    house.later(0.0)


def rejected(message: Any) -> tuple[int | None, Problem | None]:
    assert isinstance(message, Reject)
    return message.invoke_id, message.problem
