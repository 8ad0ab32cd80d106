"""What Mattermost servers are answered, as by their own push proxy."""

from typing import Any

import pytest

from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.push.mattermost import ACKNOWLEDGE, SEND, VERSION
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Delivered, Refused, TokenDead
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from tests.gateway.push.desks.sender_house import LANE, TOKEN, House, said

MESSAGE: dict[str, Any] = {
    "ack_id": "7w8ny5wqttnbmkq8sjpzr5q4ph",
    "platform": "apple_rn-v2",
    "server_id": "server-1",
    "device_id": TOKEN,
    "type": "message",
    "message": "@bob: lunch?",
    "channel_id": "c1",
    "version": "v2",
    "badge": 3,
}
ACK = {"id": MESSAGE["ack_id"], "platform": "ios", "type": "message", "received_at": 1}


def asked(house: House, **members: Any) -> list[HttpAnswer]:
    heard = house.asks(house.mattermost, "POST", SEND, {**MESSAGE, **members})
    house.store.commit()
    return heard


def sends(house: House, **members: Any) -> dict[str, Any]:
    """Send, and let the patience of the desk pass."""
    heard = asked(house, **members)
    house.later(2.0)
    (answer,) = heard
    assert answer.status == 200
    return said(answer)


def fails(house: House, **members: Any) -> str:
    told = sends(house, **members)
    assert told["status"] == "FAIL"
    assert house.sent() == []
    assert house.store.told.queued == {}
    text: str = told["error"]
    return text


def test_a_push_is_taken_and_sent() -> None:
    house = House()
    heard = asked(house)
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, Delivered(), house.now)
    assert said(heard[0]) == {"status": "OK"}
    assert (push.customer, push.app, push.notification.token) == ("acme", "ios.example", TOKEN)
    assert push.notification.content["message"] == "@bob: lunch?"
    assert push.notification.content["badge"] == "3"


def test_what_is_stored_is_ok_whatever_the_provider_does() -> None:
    house = House()
    assert sends(house) == {"status": "OK"}
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, Refused(reason="BadTopic"), house.now)
    assert sends(house) == {"status": "OK"}
    assert house.sent() == [], "it is the same push"


def test_a_push_without_an_id_is_another_one_each_time() -> None:
    house = House()
    sends(house, ack_id="")
    sends(house, ack_id="")
    assert len(house.sent()) == 2


def test_a_device_that_is_gone_is_to_be_removed() -> None:
    house = House()
    heard = asked(house)
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, TokenDead(reason="Unregistered"), house.now)
    assert said(heard[0]) == {"status": "REMOVE"}
    (known,) = asked(house, ack_id="another")
    assert said(known) == {"status": "REMOVE"}
    assert house.sent() == []


def test_what_is_too_large_is_cut_down_to_what_fits() -> None:
    house = House()
    sends(house, message="ü" * 2047)
    (push,) = house.sent()
    assert "message" not in push.notification.content
    assert push.notification.content["channel_id"] == "c1"


def test_a_call_is_a_call() -> None:
    house = House()
    sends(house, sub_type="calls")
    assert [push.notification.urgency for push in house.sent()] == [Urgency.CALL]


@pytest.mark.parametrize("change", [{"server_id": "server-2"}, {"platform": "android_rn"}])
def test_nobody_is_let_in_whom_the_operator_does_not_know(change: dict[str, str]) -> None:
    house = House()
    assert "takes no pushes for this server_id and platform" in fails(house, **change)
    assert house.noted == [(None, Reason.UNKNOWN_SENDER)]


def test_what_is_refused_says_why() -> None:
    house = House()
    assert fails(house, device_id="no token of Apple's") == "the application has no such devices"
    house.switch_off("acme")
    assert "now" in fails(house)
    house = House()
    house.store.broken = True
    assert fails(house) == "the push cannot be taken now"
    house = House(PushShare(rate=0.1, burst=1.0))
    sends(house)
    assert "quota" in sends(house, ack_id="another")["error"]


def test_an_address_that_asks_too_fast_is_slowed_down() -> None:
    house = House(burst=1)
    sends(house)
    house.now = 0.0
    (answer,) = asked(house)
    assert (answer.status, said(answer)["status"]) == (429, "FAIL")
    assert answer.header("retry-after") == "10"


@pytest.mark.parametrize("place", [SEND, ACKNOWLEDGE])
def test_what_is_no_push_fails(place: str) -> None:
    house = House()
    (answer,) = house.asks(house.mattermost, "POST", place, b"no JSON")
    assert said(answer) == {"status": "FAIL", "error": "the body is no JSON"}


def test_what_devices_have_received_is_counted() -> None:
    """Anybody may say so: only words that are known are told apart."""
    house = House()
    for told in (ACK, ACK, {**ACK, "type": "x" * 100}):
        (answer,) = house.asks(house.mattermost, "POST", ACKNOWLEDGE, told)
        assert said(answer) == {"status": "OK"}
    assert house.mattermost.acknowledged == {"message": 2, "other": 1}


def test_the_version_can_be_asked() -> None:
    house = House()
    (answer,) = house.asks(house.mattermost, "GET", VERSION)
    assert said(answer) == {"GitVersion": "1.2.3"}


@pytest.mark.parametrize(
    ("method", "place"), [("GET", SEND), ("PUT", ACKNOWLEDGE), ("POST", VERSION)]
)
def test_other_methods_are_none(method: str, place: str) -> None:
    house = House()
    (answer,) = house.asks(house.mattermost, method, place)
    assert (answer.status, said(answer)["status"]) == (405, "FAIL")
