"""A push that is handed in again before it is durable: no crash may lose what was promised."""

from typing import Any

from procall_mobility.protocols.push.matrix import PATH
from procall_mobility.protocols.push.outcomes import Delivered
from tests.gateway.push.desks.office import CHAT, ID, LANE, Office
from tests.gateway.push.desks.sender_house import TOKEN, House, said

UNDECIDED = {"id": ID, "status": "rejected", "reason": "undecided", "retry_after": 1.0}
NOTIFICATION = {"event_id": "$1", "devices": [{"app_id": "org.example.app", "pushkey": TOKEN}]}
ORDER: dict[str, Any] = {"messages": [CHAT]}


def slow(**members: Any) -> tuple[Office, dict[str, Any]]:
    """An office whose disk is busy with its first order."""
    office = Office()
    office.pushes.commits = False
    order = {**ORDER, **members}
    assert office.asks("mobilityPushMessages", order) == []
    return office, order


def test_what_is_posted_again_meanwhile_may_be_posted_later() -> None:
    office, order = slow()
    assert office.asks("mobilityPushMessages", order) == [{"results": [UNDECIDED]}]
    assert office.refused("mobilityPushBecame", {"id": ID}) == (404, "unknown-push")
    office.pushes.commits = True
    office.pushes.run()
    queued = {"results": [{"id": ID, "status": "queued"}]}
    assert office.answers() == [queued]
    assert office.asks("mobilityPushMessages", order) == [queued]
    assert len(office.pushes.taken()) == 1


def test_so_may_a_whole_order() -> None:
    office, order = slow(key="order-1")
    assert office.asks("mobilityPushMessages", order) == [{"results": [UNDECIDED]}]
    office.pushes.commits = True
    office.pushes.run()
    queued = {"results": [{"id": ID, "status": "queued"}]}
    assert office.answers() == [queued]
    assert office.asks("mobilityPushMessages", order) == [queued]


def test_a_call_its_provider_has_taken_is_accepted_without_a_disk() -> None:
    office, order = slow(messages=[{**CHAT, "kind": "avnewcall"}])
    assert office.asks("mobilityPushMessages", order) == [{"results": [UNDECIDED]}]
    (sent,) = office.pushes.taken()
    office.pushes.pipeline.answered(LANE, sent.push.id, Delivered(), office.pushes.now)
    has_it = {"results": [{"id": ID, "status": "sent"}]}
    assert office.answers() == [has_it]
    assert office.asks("mobilityPushMessages", order) == [has_it]


def test_a_homeserver_tries_again_what_is_not_durable() -> None:
    """It would forget the event."""
    house = House()
    told = {"notification": NOTIFICATION}
    assert house.asks(house.matrix, "POST", PATH, told) == []
    (again,) = house.asks(house.matrix, "POST", PATH, told)
    assert (again.status, said(again)["retry_after_ms"]) == (503, 1000)
    house.store.commit()
    house.later(2.0)
    (later,) = house.asks(house.matrix, "POST", PATH, told)
    assert later.status == 200
    assert len(house.sent()) == 1
