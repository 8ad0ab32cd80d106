"""What the trace of a call says of its way through the pipeline, and to whom."""

from typing import Any

import pytest

from procall_mobility.gateway.push.lane.outputs import SendPush
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.trace import Stage
from procall_mobility.gateway.push.trace_facts import facts
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.protocols.push.outcomes import (
    FAULT,
    Delivered,
    Later,
    Outcome,
    Refused,
    TokenDead,
    WrongEnvironment,
)
from tests.gateway.push.fakes import KEY, UNIX, Apps, call, push
from tests.gateway.push.house import PushHouse

Words = list[tuple[Any, ...]]


def told(house: PushHouse, number: int = 1, *, for_operator: bool = True) -> dict[str, Any]:
    trace = house.pipeline.traces.find(call(number).id)
    assert trace is not None
    return facts(trace, lambda customer, _: f"device of {customer}", for_operator=for_operator)


def words(house: PushHouse, number: int = 1) -> Words:
    """The steps, without what is not said."""
    return [tuple(step.values()) for step in told(house, number)["steps"]]


def test_the_whole_way_of_a_call_is_told_with_its_times() -> None:
    house = PushHouse(commits=False).opens()
    house.accepts(call(1))
    house.now = 0.002
    house.store.commit()
    house.now = 0.038
    (sent,) = house.taken()
    house.pipeline.answered(sent.lane, sent.push.id, Delivered(), house.now, 1, 200)
    house.pipeline.traces.step("acme", call(1).id, Stage.SESSION_BACK, 1.5)
    house.pipeline.traces.step("acme", call(1).id, Stage.CALL_ANSWERED, 4.25)
    assert told(house) == {
        "id": call(1).id,
        "channel": "phone",
        "kind": "chat",
        "device": "device of acme",
        "accepted": UNIX,
        "status": "sent",
        "customer": "acme",
        "steps": [
            {"ms": 0.0, "step": "accepted"},
            {"ms": 0.0, "step": "handed_over", "lane": "apns"},
            {"ms": 2.0, "step": "durable"},
            {"ms": 38.0, "step": "provider_answer", "lane": "apns", "http_status": 200},
            {"ms": 38.0, "step": "ended"},
            {"ms": 1500.0, "step": "session_back"},
            {"ms": 4250.0, "step": "call_answered"},
        ],
    }


def test_a_customer_learns_the_provider_and_not_the_operators_credentials() -> None:
    house = PushHouse(apps=Apps(lanes={"phone": "apns:TEAM.KEY"})).opens(100, "apns:TEAM.KEY")
    house.accepts(call(1))
    house.delivers()
    said = told(house, for_operator=False)
    assert "customer" not in said
    assert [step.get("provider") for step in said["steps"]] == [None, "apns", None, "apns", None]
    assert "TEAM" not in str(said)


def test_nothing_is_traced_of_other_pushes() -> None:
    house = PushHouse().opens()
    house.accepts(push(1))
    house.delivers()
    assert house.pipeline.traces.find(push(1).id) is None
    assert len(house.pipeline.traces) == 0


def test_each_attempt_is_told() -> None:
    house = PushHouse().opens()
    house.accepts(call(1))
    house.says(Later(reason="InternalServerError"))
    (second,) = house.taken()
    house.says_nothing(second)
    house.later(10.0)
    house.delivers()
    assert [step[1:] for step in words(house)] == [
        ("accepted",),
        ("handed_over", "apns"),
        ("durable",),
        ("provider_answer", "apns", "InternalServerError"),
        ("handed_over", "apns"),
        ("no_answer", "apns", "reset"),
        ("handed_over", "apns"),
        ("provider_answer", "apns"),
        ("ended",),
    ]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (TokenDead(reason="Unregistered"), "token_gone"),
        (Refused(reason="BadTopic"), "rejected"),
    ],
)
def test_an_end_that_is_none_says_why(outcome: Outcome, state: str) -> None:
    house = PushHouse().opens()
    house.accepts(call(1))
    house.says(outcome)
    assert told(house)["status"] == state
    assert words(house)[-1][1:] == ("ended", outcome.reason)


def test_what_was_refused_here_is_no_providers_answer() -> None:
    """Nor has it woken the device, whose session may be there for another reason."""
    house = PushHouse().opens()
    house.accepts(call(1))
    house.says(Refused(reason="unsayable", is_ours=True))
    house.pipeline.device_came(device_of("acme", "phone", call(1).notification.token, KEY), 2.0)
    assert [step[1:] for step in words(house)] == [
        ("accepted",),
        ("handed_over", "apns"),
        ("durable",),
        ("not_sent", "apns", "unsayable"),
        ("ended", "unsayable"),
    ]


def test_nor_is_a_fault_of_ours() -> None:
    house = PushHouse().opens()
    house.accepts(call(1))
    house.says(FAULT)
    assert words(house)[-1][1:] == ("fault", "apns", "internal")


def test_a_call_that_waited_in_vain_is_told_to_have_expired() -> None:
    house = PushHouse().opens(0)
    house.accepts(call(1))
    house.later(60.0)
    assert (told(house)["status"], words(house)[-1]) == ("expired", (30_000.0, "ended"))


def test_one_that_could_not_be_stored_says_so() -> None:
    house = PushHouse(commits=False).opens(0)
    house.store.broken = True
    house.accepts(call(1))
    house.store.commit()
    assert told(house)["status"] == "rejected"
    assert words(house)[-1][1:] == ("not_stored", "not-stored")


def test_the_other_environment_is_another_lane() -> None:
    house = PushHouse(apps=Apps(others={"phone": "sandbox"})).opens(100, "apns", "sandbox")
    house.accepts(call(1))
    house.says(WrongEnvironment(reason="BadDeviceToken"))
    house.delivers()
    assert ("moved", "sandbox", "BadDeviceToken") in [step[1:] for step in words(house)]


@pytest.mark.parametrize(
    ("taken", "after"),
    [(True, ["taken_by_session", "ended"]), (False, ["not_taken_by_session", "handed_over"])],
)
def test_what_the_session_said_is_told(taken: bool, after: list[str]) -> None:
    house = PushHouse().opens()
    house.sessions.connected.add("t")
    house.accepts(call(1, token="t"))
    house.sessions.offered[0][1](taken)
    house.run()
    assert [step[1] for step in words(house)] == [
        "accepted", "offered_to_session", "durable", *after,
    ]  # fmt: skip


def test_after_a_restart_a_trace_begins_anew() -> None:
    house = PushHouse().opens(0)
    house.accepts(call(1))
    house.restarts()
    house.opens()
    house.delivers()
    assert [step[1] for step in words(house)] == [
        "restored", "handed_over", "provider_answer", "ended",
    ]  # fmt: skip


def test_what_was_left_out_is_counted() -> None:
    house = PushHouse().opens()
    house.accepts(call(1))
    (sent,) = house.taken()
    assert isinstance(sent, SendPush)
    for _ in range(100):
        house.pipeline.traces.step("acme", call(1).id, Stage.SESSION_BACK, 1.0)
    assert told(house)["left_out"] == 39
    assert told(house)["status"] == State.QUEUED
