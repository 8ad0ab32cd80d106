"""The customer's link as a way in for pushes: the same messages, rules and answers as by HTTP."""

import json
from typing import Any

import pytest

from procall_mobility.gateway.push.desks.link_desk import MOST_OPEN
from procall_mobility.gateway.push.pipeline import LONGEST_WAIT
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.push.outcomes import Delivered, TokenDead
from procall_mobility.protocols.rose.messages import Invoke, JsonValue
from tests.gateway.push.desks.office import CHAT, ID, LANE, Office


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


def test_orders_that_fail_are_not_open() -> None:
    """A queue that cannot be read for a while costs a customer nothing once it can."""
    office = Office()
    office.pushes.store.unreadable = True
    told = {"messages": [CHAT]}
    for _ in range(MOST_OPEN):
        assert office.refused("mobilityPushMessages", told) == (503, "not-readable")
    office.pushes.store.unreadable = False
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


def test_a_server_that_is_asked_whether_pushes_work_asks_us() -> None:
    """Wire 7.2, operation 2573: an empty error text means that all is well."""
    office = Office()
    assert office.asks("mobilityPushCheck", {"channel": "ios.example"}) == [{"ok": True}]
    (said,) = office.asks("mobilityPushCheck", {"channel": "nowhere"})
    assert said == {"ok": False, "error": Reason.UNKNOWN_APP.text}
    office.pushes.pipeline.credential_failed(LANE, "InvalidProviderToken", office.pushes.now)
    (said,) = office.asks("mobilityPushCheck", {"channel": "ios.example"})
    assert said == {"ok": False, "error": "InvalidProviderToken"}


@pytest.mark.parametrize("told", [{}, {"channel": 7}, {"channel": ""}, {"channel": "x" * 129}, []])
def test_a_check_of_nothing_is_declined(told: Any) -> None:
    assert Office().refused("mobilityPushCheck", told) == (400, "bad-body")
