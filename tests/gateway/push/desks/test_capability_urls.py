"""Capability URLs: who gets them for which device, and what they are worth to others."""

import json
from typing import Any

import pytest
from attrs import evolve

from procall_mobility.gateway.push.applications.apps import Branch
from procall_mobility.gateway.push.desks.capability_desk import ISSUING, PLACE
from procall_mobility.protocols.push.capabilities import KEY, Capability, CapabilitySeal
from tests.gateway.push.desks.capability_house import LANE, ORIGIN, SENDER, TOKEN, House, told
from tests.gateway.push.fakes import UNIX
from tests.gateway.push.some_applications import app


def test_a_device_has_one_url_for_each_kind() -> None:
    house = House()
    assert house.url() == house.url()
    assert house.url() != house.url(voip=True)


def test_it_says_that_it_is_a_push_server() -> None:
    """UnifiedPush: SERV_1.2.0."""
    house = House()
    answer = house.asks("GET", house.url())
    assert (answer.status, json.loads(answer.body)) == (200, {"unifiedpush": {"version": 1}})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "bad-body")),
        (b"[" * 100_000, (400, "bad-body")),
        ([], (400, "bad-body")),
        ({"channel": "ios.example"}, (400, "bad-body")),
        ({"channel": 1, "token": TOKEN}, (400, "bad-body")),
        ({"channel": "ios.example", "token": ""}, (400, "bad-body")),
        ({"channel": "ios.example", "token": TOKEN, "voip": 1}, (400, "bad-body")),
        ({"channel": "ios.example", "token": TOKEN, "sender": "x"}, (400, "bad-sender")),
        ({"channel": "ios.example", "token": TOKEN, "sender": 1}, (400, "bad-sender")),
        ({"channel": "ios.example", "token": "no token"}, (400, "token-malformed")),
        ({"channel": "other", "token": TOKEN}, (404, "unknown-app")),
    ],
)
def test_no_url_is_made_for_what_is_none(body: Any, expected: tuple[int, str]) -> None:
    assert told(House().asks_for_url(body)) == expected


def test_a_token_that_fits_into_no_url_has_none() -> None:
    house = House()
    house.apps.replace([evolve(app(None, False), branches={False: _any_token()})])
    assert told(house.asks_for_url(token="x" * 1025)) == (400, "token-malformed")


def _any_token() -> Any:
    """Return the branch of a provider whose tokens may be anything."""

    class Carrier:
        def check(self, notification: Any) -> None:
            """Take everything."""

    return Branch(lane=LANE, carrier=Carrier())  # type: ignore[arg-type]


def test_urls_are_made_for_customers_alone_and_by_post() -> None:
    house = House()
    assert house.asks("POST", ISSUING, b"{}").status == 401
    assert house.asks_for_url(method="GET").status == 405
    answer = house.asks("PUT", house.url())
    assert (answer.status, answer.header("allow")) == (405, "POST")


def test_what_was_not_sealed_here_leads_nowhere() -> None:
    house = House()
    assert told(house.sends(PLACE + "x" * 60)) == (404, "unknown-url")
    other = CapabilitySeal(bytes(KEY - 1) + b"\1").seal(
        Capability(customer="acme", channel="ios.example", token=TOKEN, is_voip=False)
    )
    assert told(house.sends(PLACE + other)) == (404, "unknown-url")


def test_a_url_is_worth_nothing_without_its_customer_and_application() -> None:
    house = House()
    url = house.url()
    house.apps.replace([])
    assert told(house.sends(url)) == (404, "unknown-url")
    strange = house.desk.seal.seal(
        Capability(customer="nobody", channel="ios.example", token=TOKEN, is_voip=False)
    )
    assert told(house.sends(PLACE + strange)) == (404, "unknown-url")


def test_a_url_of_what_is_switched_off_is_good_again_when_it_is_on() -> None:
    """Senders forget a subscription that is answered 404 (RFC 8030 section 7.3)."""
    house = House()
    url = house.url()
    acme = house.site.customers.find("acme")
    assert acme is not None
    house.site.customers.customers["acme"] = evolve(acme, enabled=False)
    answer = house.sends(url)
    assert (told(answer), answer.header("retry-after")) == ((503, "customer-disabled"), "600")
    house.site.customers.customers["acme"] = acme
    house.apps.forbid("acme", ["apns"])
    assert told(house.sends(url)) == (503, "provider-forbidden")
    house.apps.forbid("acme", [])
    assert house.sends(url).status == 201


def test_one_sender_may_be_named_and_then_nobody_else_may_send() -> None:
    """RFC 8292 section 4.2."""
    house = House()
    url = house.url(sender=SENDER.public_key)
    answer = house.sends(url)
    assert told(answer) == (401, "no-vapid")
    assert answer.header("www-authenticate") == "vapid"
    elsewhere = SENDER.authorization("https://other.example.net", UNIX)
    assert told(house.sends(url, authorization=elsewhere)) == (403, "wrong-sender")
    assert house.sent() == []
    shown = SENDER.authorization(ORIGIN, UNIX)
    assert house.sends(url, authorization=shown).status == 201
