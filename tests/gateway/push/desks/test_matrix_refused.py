"""What a Matrix homeserver is refused, and why."""

import pytest

from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.gateway.push.providers.credentials import held
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.push.matrix import PATH
from tests.gateway.push.desks.homeserver import DEVICE, notifies, refused, rejects
from tests.gateway.push.desks.sender_house import House, said


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


def test_other_methods_and_places_are_none() -> None:
    house = House()
    (answer,) = house.asks(house.matrix, "PUT", PATH + "/")
    assert (answer.status, said(answer)["errcode"]) == (405, "M_UNRECOGNIZED")
    assert not house.matrix.wants("/_matrix/push/v2/notify")
