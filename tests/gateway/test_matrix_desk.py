"""What Matrix homeservers are answered (Push Gateway API, version 1)."""

import base64
from typing import Any

import pytest
from attrs import evolve

from procall_mobility.gateway.push_providers.credentials import held
from procall_mobility.gateway.push_quota import PushShare
from procall_mobility.gateway.push_registrations import Provider, Registration
from procall_mobility.gateway.push_suspicion import FEWEST
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.push.matrix import PATH
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Delivered, Refused, TokenDead
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from tests.gateway.push_fakes import UNIX
from tests.gateway.sender_house import LANE, TOKEN, House, said
from tests.gateway.test_push_apps import app

DEVICE: dict[str, Any] = {
    "app_id": "org.example.app",
    "pushkey": TOKEN,
    "pushkey_ts": UNIX - 86_400,
    "data": {"format": "event_id_only"},
}
OTHER = {**DEVICE, "pushkey": "decade" * 8}
EVENT: dict[str, Any] = {
    "event_id": "$3957tyerfgewrf384",
    "room_id": "!slw48wfj34rtnrf:example.com",
    "prio": "high",
    "counts": {"unread": 2},
}


def asked(house: House, *devices: dict[str, Any], **members: Any) -> list[HttpAnswer]:
    notification = {**EVENT, "devices": list(devices or [DEVICE]), **members}
    heard = house.asks(house.matrix, "POST", PATH, {"notification": notification})
    house.store.commit()
    return heard


def notifies(house: House, *devices: dict[str, Any], **members: Any) -> HttpAnswer:
    """Notify, and let the patience of the desk pass."""
    heard = asked(house, *devices, **members)
    house.later(2.0)
    (answer,) = heard
    return answer


def rejects(answer: HttpAnswer) -> list[str]:
    assert answer.status == 200
    pushkeys: list[str] = said(answer)["rejected"]
    return pushkeys


# What is taken ----------------------------------------------------------------------------


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


# Dead devices -----------------------------------------------------------------------------


def test_a_device_that_turns_out_to_be_gone_within_the_wait_is_rejected() -> None:
    house = House()
    heard = asked(house, DEVICE, OTHER)
    dead, living = house.sent()
    house.pipeline.answered(LANE, dead.id, TokenDead(reason="Unregistered"), house.now)
    assert heard == []
    house.pipeline.answered(LANE, living.id, Delivered(), house.now)
    assert rejects(heard[0]) == [TOKEN]


def test_a_device_that_is_known_to_be_gone_is_rejected_at_once() -> None:
    house = House()
    asked(house)
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, TokenDead(reason="Unregistered"), house.now)
    (answer,) = asked(house, event_id="$another")
    assert rejects(answer) == [TOKEN]
    (again,) = asked(house)
    assert rejects(again) == [TOKEN], "whose answer was lost"
    assert house.sent() == []


def test_a_pushkey_that_was_registered_since_lives() -> None:
    house = House()
    asked(house)
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, TokenDead(reason="Unregistered"), house.now)
    house.later(60.0)
    anew = {**DEVICE, "pushkey_ts": house.unix() - 30}
    assert rejects(notifies(house, anew, event_id="$another")) == []
    assert len(house.sent()) == 1
    assert rejects(notifies(house, anew)) == [], "nor for a push of before"


def test_a_provider_that_speaks_of_the_time_before_rejects_nothing() -> None:
    """APNs tells when it last knew that a token was dead."""
    house = House()
    heard = asked(house)
    (push,) = house.sent()
    long_ago = TokenDead(reason="Unregistered", since=UNIX - 2 * 86_400)
    house.pipeline.answered(LANE, push.id, long_ago, house.now)
    assert rejects(heard[0]) == []
    assert house.store.buried("acme", "ios.example", TOKEN) is None


def test_when_so_many_look_dead_that_a_mistake_is_likelier_nobody_is_rejected_any_more() -> None:
    """As with the topic of another application: the operator is told instead."""
    house = House()
    dead = TokenDead(reason="DeviceTokenNotForTopic", is_suspicious=True)
    rejected = []
    for number in range(60):
        heard = asked(house, {**DEVICE, "pushkey": f"{number:064x}"})
        (push,) = house.sent()
        house.pipeline.answered(LANE, push.id, dead, house.now)
        rejected += rejects(heard[0])
    assert len(rejected) < FEWEST


def test_a_time_of_registration_in_the_far_future_means_nothing() -> None:
    """As when it is told in milliseconds: a dead token would be tried for ever."""
    house = House()
    asked(house)
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, TokenDead(reason="Unregistered"), house.now)
    (answer,) = asked(house, {**DEVICE, "pushkey_ts": UNIX * 100}, event_id="$another")
    assert rejects(answer) == [TOKEN]


# What is refused --------------------------------------------------------------------------


def refused(house: House, *devices: dict[str, Any], **members: Any) -> tuple[int, str]:
    answer = notifies(house, *devices, **members)
    assert house.sent() == []
    assert house.store.told.queued == {}
    return answer.status, said(answer)["errcode"]


def test_nobody_is_let_in_whom_the_operator_does_not_know() -> None:
    house = House()
    stranger = {**DEVICE, "app_id": "org.example.other"}
    assert refused(house, stranger) == (403, "M_FORBIDDEN")
    assert house.noted == [(None, Reason.UNKNOWN_SENDER)]


def test_a_mistake_of_the_operators_costs_no_device_its_pushkey() -> None:
    """The homeserver tries again, and by then it may be mended."""
    house = House()
    assert refused(house, {**DEVICE, "app_id": "org.example.lost"}) == (403, "M_FORBIDDEN")
    assert house.noted == [("acme", Reason.UNKNOWN_APP)]
    lost = Registration(name="ios.example", provider=Provider.APNS, credential="lost.p8")
    house.apps.replace([held(lost)])
    assert refused(house) == (503, "M_UNKNOWN")


def test_a_customer_that_is_switched_off_sends_nothing() -> None:
    house = House()
    house.switch_off("acme")
    assert refused(house) == (403, "M_FORBIDDEN")
    assert house.noted == [("acme", Reason.CUSTOMER_DISABLED)]


def test_a_sender_whose_customer_is_no_more_is_unknown() -> None:
    house = House()
    house.site.customers.customers.clear()
    assert refused(house) == (403, "M_FORBIDDEN")


def test_a_stranger_among_others_spoils_nothing() -> None:
    house = House()
    stranger = {**DEVICE, "app_id": "org.example.other"}
    assert rejects(notifies(house, stranger, DEVICE)) == []
    assert len(house.sent()) == 1


@pytest.mark.parametrize("pushkey", ["no token of Apple's", "no+base64", "\ud800"])
def test_a_pushkey_of_another_provider_is_refused_and_not_rejected(pushkey: str) -> None:
    """It may be that the application is mapped to the wrong channel."""
    assert refused(House(), {**DEVICE, "pushkey": pushkey}) == (400, "M_INVALID_PARAM")


def test_what_cannot_be_written_is_to_be_sent_again() -> None:
    house = House()
    house.store.broken = True
    answer = notifies(house)
    assert (answer.status, said(answer)["errcode"]) == (503, "M_UNKNOWN")
    assert answer.header("retry-after") == "5"


def test_a_quota_is_told_with_the_time_to_come_back() -> None:
    house = House(PushShare(rate=0.1, burst=1.0))
    assert notifies(house).status == 200
    answer = notifies(house, event_id="$another")
    assert (answer.status, answer.header("retry-after")) == (429, "10")
    assert said(answer) == {
        "errcode": "M_LIMIT_EXCEEDED",
        "error": "more pushes than the quota allows",
        "retry_after_ms": 10_000,
    }


def test_an_address_that_asks_too_fast_is_slowed_down() -> None:
    house = House(burst=1)
    assert notifies(house).status == 200
    house.now = 0.0
    answer = notifies(house, event_id="$another")
    assert (answer.status, answer.header("retry-after")) == (429, "10")
    assert house.noted == [(None, Reason.TOO_MANY_ATTEMPTS)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no JSON", "M_NOT_JSON"),
        (b"{}", "M_BAD_JSON"),
        (b'{"notification":{"devices":[]}}', "M_MISSING_PARAM"),
    ],
)
def test_what_is_no_notification_is_a_bad_request(body: bytes, code: str) -> None:
    house = House()
    (answer,) = house.asks(house.matrix, "POST", PATH, body)
    assert (answer.status, said(answer)["errcode"]) == (400, code)


def test_whoever_asks_finds_a_gateway_for_unified_push() -> None:
    """UnifiedPush, "Matrix": how applications find out."""
    house = House()
    (answer,) = house.asks(house.matrix, "GET", PATH)
    assert (answer.status, said(answer)) == (200, {"unifiedpush": {"gateway": "matrix"}})


def test_other_methods_and_places_are_none() -> None:
    house = House()
    (answer,) = house.asks(house.matrix, "PUT", PATH + "/")
    assert (answer.status, said(answer)["errcode"]) == (405, "M_UNRECOGNIZED")
    assert not house.matrix.wants("/_matrix/push/v2/notify")
