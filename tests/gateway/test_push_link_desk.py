"""The customer's link as a way in for pushes: the same messages, rules and answers as by HTTP."""

import itertools
import json
from typing import Any

import pytest
from attrs import define, field

from procall_mobility.gateway.push_apps import PushApps
from procall_mobility.gateway.push_feedback_feed import FeedbackFeed
from procall_mobility.gateway.push_link_desk import MOST_OPEN, PushLinkDesk
from procall_mobility.gateway.push_orders import PushOrders
from procall_mobility.gateway.push_pipeline import LONGEST_WAIT
from procall_mobility.protocols.push.outcomes import Delivered, TokenDead
from procall_mobility.protocols.rose.messages import Error, Invoke, JsonValue, Result
from procall_mobility.storage.errors import StoreError
from tests.gateway.fakes import FakeLinkWire, House
from tests.gateway.push_house import PushHouse
from tests.gateway.test_push_apps import app

ID = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab"
LANE = "apns:all:False"
CHAT: dict[str, Any] = {
    "id": ID,
    "channel": "ios.example",
    "token": "c0ffee" * 8,
    "kind": "chat",
    "payload": {"enc": "aes128", "data": "AAEC"},
}


@define(eq=False)
class Office:
    """A customer's server at its link, and the push gateway behind it."""

    home: House = field(factory=House)
    pushes: PushHouse = field(init=False)
    wire: FakeLinkWire = field(init=False)
    answered: list[tuple[str, str, float]] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        apps = PushApps()
        apps.replace([app(None, False)])
        self.pushes = PushHouse(apps=apps)  # type: ignore[arg-type]
        self.pushes.opens(10, LANE)
        numbers = itertools.count(1)
        PushLinkDesk(
            orders=PushOrders(
                apps=apps,
                pipeline=self.pushes.pipeline,
                store=self.pushes.store,
                wall_clock=self.pushes.unix,
                new_id=lambda: f"{next(numbers):08x}-0000-7000-8000-000000000000",
            ),
            feed=FeedbackFeed(
                self.pushes.store, self.home.gateway.calls, self.home.gateway.alarms
            ),
            answered=lambda *told: self.answered.append(told),
            largest=2000,
        ).offers(self.home.own)
        self.wire = self.home.registers()

    def asks(self, operation: str, told: Any, number: int = 7) -> list[Any]:
        """Call; return the answers there are by now."""
        invoke = Invoke(number, 0, operation, JsonValue.of(told))
        self.home.gateway.link_invoked(self.wire, invoke, self.pushes.now)
        self.pushes.run()
        return self.answers()

    def answers(self) -> list[Any]:
        said = [
            (each.result if isinstance(each, Result) else each.error).value()  # type: ignore[union-attr]
            for each in self.wire.answers
        ]
        self.wire.answers.clear()
        return said

    def refused(self, operation: str, told: Any) -> tuple[int, str]:
        """The status and the reason code of a refusal."""
        invoke = Invoke(7, 0, operation, JsonValue.of(told))
        self.home.gateway.link_invoked(self.wire, invoke, self.pushes.now)
        (answer,) = self.wire.answers
        assert isinstance(answer, Error)
        self.wire.answers.clear()
        value = answer.error.value()  # type: ignore[union-attr]
        return value["iErrorDetail"], value["u8sErrorString"].partition(":")[0]


def test_a_push_is_sent_and_asked_for() -> None:
    office = Office()
    assert office.asks("mobilityPushMessages", {"ucsid": "acme", "messages": [CHAT]}) == [
        {"results": [{"id": ID, "status": "queued"}]}
    ]
    queued = {"id": ID, "status": "queued"}
    assert office.asks("mobilityPushBecame", {"id": ID.upper()}) == [queued]
    office.pushes.delivers()
    assert office.asks("mobilityPushBecame", {"id": ID}) == [{"id": ID, "status": "sent"}]


def test_an_answer_may_wait_for_how_the_pushes_end() -> None:
    office = Office()
    assert office.asks("mobilityPushMessages", {"messages": [CHAT], "wait": 2}) == []
    office.pushes.says(Delivered())
    assert office.answers() == [{"results": [{"id": ID, "status": "sent"}]}]


def test_however_long_an_order_wants_to_wait_it_is_answered_in_time() -> None:
    office = Office()
    for number in range(MOST_OPEN):
        chat = {**CHAT, "id": f"{number:08x}" + ID[8:]}
        assert office.asks("mobilityPushMessages", {"messages": [chat], "wait": 10**400}) == []
    office.pushes.later(LONGEST_WAIT)
    assert len(office.answers()) == MOST_OPEN


def test_a_key_makes_an_order_once() -> None:
    """As an Idempotency-Key does: the answer may have been lost with the link."""
    office = Office()
    order = {"messages": [CHAT, {**CHAT, "id": ID[:-1] + "c"}], "key": "order-1"}
    (first,) = office.asks("mobilityPushMessages", order)
    assert office.asks("mobilityPushMessages", order) == [first]
    assert len(office.pushes.taken()) == 2
    other = {**order, "messages": [CHAT]}
    assert office.refused("mobilityPushMessages", other) == (422, "key-in-use")


def test_the_rules_are_those_of_the_other_way_in() -> None:
    office = Office()
    wrong = [{**CHAT, "channel": "nobody"}, {**CHAT, "id": "x"}, {"id": ID}]
    (said,) = office.asks("mobilityPushMessages", {"messages": wrong})
    reasons = [each["reason"] for each in said["results"]]
    assert reasons == ["unknown-app", "bad-id", "bad-message"]
    assert office.pushes.taken() == []


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"messages": []}, (400, "bad-body")),
        ([], (400, "bad-body")),
        ({"messages": [CHAT], "ucsid": "other"}, (403, "other-customer")),
        ({"messages": [CHAT], "key": 7}, (400, "bad-key")),
        ({"messages": [CHAT], "key": ""}, (400, "bad-key")),
        ({"messages": [CHAT], "wait": "2"}, (400, "bad-body")),
        ({"messages": [CHAT], "wait": -1}, (400, "bad-body")),
        ({"messages": [CHAT], "wait": True}, (400, "bad-body")),
        ({"messages": [CHAT], "x": "x" * 2000}, (413, "too-large")),
    ],
)
def test_an_order_that_is_none_is_refused_whole(order: Any, why: tuple[int, str]) -> None:
    office = Office()
    assert office.refused("mobilityPushMessages", order) == why
    assert office.pushes.taken() == []
    (said,) = office.asks("mobilityPushMessages", {"messages": [CHAT]})
    assert [each["status"] for each in said["results"]] == ["queued"], "and the next is taken"


def test_unanswered_orders_are_bounded() -> None:
    """A server that waits for nothing must not make us hold everything."""
    office = Office()
    office.pushes.commits = False
    for number in range(MOST_OPEN):
        told = {"messages": [{**CHAT, "id": f"{number:08x}" + ID[8:]}]}
        assert office.asks("mobilityPushMessages", told, number + 1) == []
    assert office.refused("mobilityPushMessages", {"messages": [CHAT]}) == (429, "too-many-orders")
    office.pushes.commits = True
    office.pushes.run()
    assert len(office.answers()) == MOST_OPEN
    (said,) = office.asks("mobilityPushMessages", {"messages": [CHAT]})
    assert [each["status"] for each in said["results"]] == ["queued"]


def test_orders_that_are_refused_are_not_open() -> None:
    office = Office()
    for _ in range(MOST_OPEN):
        assert office.refused("mobilityPushMessages", {"messages": []}) == (400, "bad-body")
    (said,) = office.asks("mobilityPushMessages", {"messages": [CHAT]})
    assert [each["status"] for each in said["results"]] == ["queued"]


def test_orders_that_fail_are_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that cannot be read for a while costs a customer nothing once it can."""

    def known(*asked: Any) -> Any:
        raise StoreError("the pushes cannot be read")

    office = Office()
    with monkeypatch.context() as broken:
        broken.setattr(type(office.pushes.store), "known", known)
        for _ in range(MOST_OPEN):
            with pytest.raises(StoreError):
                office.asks("mobilityPushMessages", {"messages": [CHAT]})
    (said,) = office.asks("mobilityPushMessages", {"messages": [CHAT]})
    assert [each["status"] for each in said["results"]] == ["queued"]


def test_what_nobody_knows_is_said_so() -> None:
    office = Office()
    assert office.refused("mobilityPushBecame", {"id": ID}) == (404, "unknown-push")
    assert office.refused("mobilityPushBecame", {}) == (400, "bad-body")


def test_a_server_says_that_a_call_was_answered() -> None:
    """For the ring trace."""
    office = Office()
    assert office.asks("mobilityPushAnswered", {"id": ID.upper()}) == [{}]
    assert office.answered == [("acme", ID, office.pushes.now)]


def test_a_dead_token_is_told_when_it_is_asked_for() -> None:
    office = Office()
    office.asks("mobilityPushMessages", {"messages": [CHAT]})
    office.pushes.says(TokenDead(reason="Unregistered"))
    (said,) = office.asks("mobilityPushFeedback", {})
    (dead,) = said["feedback"]
    assert (dead["channel"], dead["token"], dead["reason"]) == (
        "ios.example",
        CHAT["token"],
        "Unregistered",
    )
    assert said["last"] == dead["number"]


def test_nothing_of_an_order_is_in_what_we_show_of_it() -> None:
    invoke = Invoke(7, 0, "mobilityPushMessages", JsonValue.of({"messages": [CHAT]}))
    assert CHAT["token"] in json.dumps(CHAT)
    assert CHAT["token"] not in repr(invoke)
