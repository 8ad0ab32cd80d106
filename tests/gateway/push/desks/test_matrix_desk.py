"""What Matrix homeservers are answered (Push Gateway API, version 1)."""

import base64

from attrs import evolve

from procall_mobility.protocols.push.matrix import PATH
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Delivered, Refused, TokenDead
from tests.gateway.push.desks.homeserver import DEVICE, OTHER, asked, notifies, refused, rejects
from tests.gateway.push.desks.sender_house import LANE, TOKEN, House, said
from tests.gateway.push.some_applications import app


def test_a_push_is_taken_and_sent() -> None:
    house = House()
    heard = asked(house)
    (push,) = house.sent()
    assert heard == [], "somebody might say within two seconds that the device is gone"
    house.pipeline.answered(LANE, push.id, Delivered(), house.now)
    (answer,) = heard
    assert rejects(answer) == []
    assert (push.customer, push.app, push.notification.token) == ("acme", "ios.example", TOKEN)
    assert push.notification.content == {
        "event_id": "$3957tyerfgewrf384",
        "room_id": "!slw48wfj34rtnrf:example.com",
        "prio": "high",
        "unread": "2",
    }


def test_what_is_stored_is_answered_200_whatever_the_provider_does() -> None:
    house = House()
    assert rejects(notifies(house)) == []
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, Refused(reason="BadTopic"), house.now)
    assert rejects(notifies(house)) == [], "no fault of the pushkey's"


def test_a_homeserver_that_tries_again_makes_no_second_push() -> None:
    house = House()
    notifies(house)
    (push,) = house.sent()
    assert rejects(notifies(house)) == []
    house.pipeline.answered(LANE, push.id, Delivered(), house.now)
    assert rejects(notifies(house)) == []
    assert house.sent() == []


def test_another_event_and_another_device_are_other_pushes() -> None:
    house = House()
    notifies(house, DEVICE, OTHER)
    notifies(house, event_id="$another")
    assert len({push.id for push in house.sent()}) == 3


def test_a_device_that_is_named_twice_is_told_once() -> None:
    house = House()
    assert rejects(notifies(house, DEVICE, DEVICE)) == []
    assert len(house.sent()) == 1


def test_counts_alone_are_told_each_time() -> None:
    house = House()
    for unread in (1, 2):
        notifies(house, event_id=None, counts={"unread": unread})
        (push,) = house.sent()
        assert push.notification.urgency is Urgency.BACKGROUND
        house.pipeline.answered(LANE, push.id, Delivered(), house.now)


def test_the_pushkey_of_an_iphone_may_be_in_base64() -> None:
    house = House()
    pushkey = base64.b64encode(bytes.fromhex(TOKEN)).decode()
    heard = asked(house, {**DEVICE, "pushkey": pushkey})
    (push,) = house.sent()
    assert push.notification.token == TOKEN
    house.pipeline.answered(LANE, push.id, TokenDead(reason="Unregistered"), house.now)
    assert rejects(heard[0]) == [pushkey], "as the homeserver knows it"


def test_a_pushkey_of_others_is_their_token_as_it_is() -> None:
    house = House()
    house.apps.replace([evolve(app(None, False), provider="fcm")])
    pushkey = base64.b64encode(bytes.fromhex(TOKEN)).decode()
    assert refused(house, {**DEVICE, "pushkey": pushkey}) == (400, "M_INVALID_PARAM")


def test_what_is_too_large_is_cut_down_to_what_fits() -> None:
    house = House()
    device = {**DEVICE, "data": {}}
    notifies(house, device, sender="@a:example.com", content={"body": "x" * 3900})
    (push,) = house.sent()
    assert set(push.notification.content) == {"event_id", "room_id", "prio", "unread"}


def test_whoever_asks_finds_a_gateway_for_unified_push() -> None:
    """UnifiedPush, "Matrix": how applications find out."""
    house = House()
    (answer,) = house.asks(house.matrix, "GET", PATH)
    assert (answer.status, said(answer)) == (200, {"unifiedpush": {"gateway": "matrix"}})
