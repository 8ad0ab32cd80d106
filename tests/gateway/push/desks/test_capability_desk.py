"""Capability URLs: what becomes of messages that Web Push libraries send there."""

import json

from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.gateway.push.desks.capability_desk import PLACE
from procall_mobility.gateway.push.providers.credentials import held
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.protocols.push.capabilities import Capability
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Delivered, TokenDead
from tests.gateway.push.desks.capability_house import LANE, ORIGIN, SENDS, TOKEN, House, told
from tests.protocols.push.web_push_vectors import MESSAGE


def test_a_message_goes_to_the_device() -> None:
    house = House()
    answer = house.sends(house.url(), urgency="high", topic="talk-7")
    assert (answer.status, answer.body) == (201, b"")
    (sent,) = house.sent()
    assert answer.header("location") == f"{ORIGIN}/push/m/{sent.push.id}"
    assert answer.header("ttl") == "60"
    push = sent.push
    assert (push.customer, push.app, push.notification.token) == ("acme", "ios.example", TOKEN)
    assert push.notification.urgency is Urgency.ALERT
    assert push.notification.content["enc"] == "aes128gcm"


def test_the_url_for_calls_rings() -> None:
    house = House()
    assert house.sends(house.url(voip=True)).status == 201
    (sent,) = house.sent()
    assert sent.push.notification.urgency is Urgency.CALL
    assert sent.push.notification.is_voip


def test_an_application_that_has_another_provider_by_now_takes_nothing() -> None:
    house = House()
    sealed = house.desk.seal.seal(
        Capability(customer="acme", channel="ios.example", token="android:1", is_voip=False)
    )
    assert told(house.sends(PLACE + sealed)) == (404, "token-malformed")


def test_an_application_without_a_credential_takes_it_later() -> None:
    house = House()
    url = house.url()
    registered = Registration(name="ios.example", provider=Provider.APNS, credential="x")
    house.apps.replace([held(registered)])
    answer = house.sends(url)
    assert told(answer) == (503, "no-credential")
    assert answer.header("retry-after") == "60"


def test_whoever_knows_a_url_sends_no_faster_than_there_is_sense_in() -> None:
    house = House()
    url = house.url()
    assert [house.sends(url).status for _ in range(4)] == [201, 201, 201, 429]
    answer = house.sends(url)
    assert (told(answer), answer.header("retry-after")) == ((429, "too-fast"), "1")
    house.now += 1.0
    assert house.sends(url).status == 201


def test_a_message_that_is_none_is_named() -> None:
    house = House()
    url = house.url()
    assert told(house.sends(url, ttl="soon")) == (400, "bad-ttl")
    assert told(house.sends(url, b"in clear")) == (400, "bad-encryption")


def test_the_largest_message_is_named() -> None:
    """Four kilobytes in base64, with the rest, are more than Apple takes."""
    house = House()
    url = house.url()
    answer = house.sends(url, MESSAGE.ljust(4000, b"x"))
    assert told(answer) == (413, "too-large")
    limit = json.loads(answer.body)["limit"]
    assert house.sends(url, MESSAGE.ljust(limit, b"x")).status == 201
    assert told(house.sends(url, MESSAGE.ljust(limit + 3, b"x"))) == (413, "too-large")


def test_a_device_that_is_gone_is_said_to_be_until_it_registers_again() -> None:
    house = House()
    url = house.url()
    assert house.sends(url).status == 201
    (sent,) = house.sent()
    house.pipeline.answered(LANE, sent.push.id, TokenDead(reason="Unregistered"), house.now)
    house.store.commit()
    assert told(house.sends(url)) == (410, "token-dead")
    assert house.url() == url
    assert house.sends(url).status == 201


def test_a_customer_with_too_much_has_to_wait() -> None:
    house = House(share=PushShare(queued=1))
    url = house.url()
    house.pipeline.offers(LANE, 0, house.now)
    assert house.sends(url).status == 201
    answer = house.sends(url)
    assert told(answer) == (429, "too-many-queued")
    assert answer.header("retry-after") is not None


def test_what_could_not_be_stored_may_be_sent_again() -> None:
    house = House()
    url = house.url()
    heard = house.asked("POST", url, MESSAGE, **SENDS)
    assert heard == [], "accepted means durable"
    house.store.broken = True
    house.store.commit()
    assert (told(heard[0]), heard[0].header("retry-after")) == ((503, "not-stored"), "5")


def test_a_message_is_accepted_once_it_is_durable_or_delivered() -> None:
    house = House()
    url = house.url(voip=True)
    heard = house.asked("POST", url, MESSAGE, **SENDS)
    (sent,) = house.sent()
    house.pipeline.answered(LANE, sent.push.id, Delivered(), house.now)
    assert heard[0].status == 201
