"""Capability URLs: what Web Push libraries say there, and what a customer's server has made."""

import base64
import itertools
import json
from typing import Any

import pytest
from attrs import define, evolve, field

from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.capability_desk import ISSUING, PLACE, CapabilityDesk
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.paces import Paces
from procall_mobility.gateway.push_apps import Branch, PushApps
from procall_mobility.gateway.push_outputs import SendPush
from procall_mobility.gateway.push_pipeline import PushPipeline
from procall_mobility.gateway.push_providers.credentials import held
from procall_mobility.gateway.push_quota import PushShare
from procall_mobility.gateway.push_registrations import Provider, Registration
from procall_mobility.gateway.push_routes import Nobody
from procall_mobility.gateway.push_rules import PushPorts, PushRules
from procall_mobility.protocols.push.capabilities import KEY, Capability, CapabilitySeal
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Delivered, TokenDead
from procall_mobility.protocols.push.vapid import Vapid
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from tests.gateway.fakes import CLIENT, PASSWORD
from tests.gateway.push_fakes import UNIX, MemoryStore
from tests.gateway.relays import Site
from tests.gateway.test_push_apps import app
from tests.protocols.push.pushes import ec_key
from tests.protocols.push.web_push_vectors import MESSAGE

ORIGIN = "https://mobility.example.net"
TOKEN = "c0ffee" * 8
LANE = "apns:all:False"
SENDER = Vapid(ec_key(), "mailto:push@example.com")
SENDS = {"ttl": "60", "content-encoding": "aes128gcm"}


@define(eq=False)
class House:
    """A desk with a pipeline behind it."""

    share: PushShare = field(factory=PushShare)
    site: Site = field(factory=Site)
    store: MemoryStore = field(factory=MemoryStore)
    apps: PushApps = field(factory=PushApps)
    now: float = 0.0
    pipeline: PushPipeline = field(init=False)
    desk: CapabilityDesk = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.apps.replace([app(None, False)])
        self.pipeline = PushPipeline(
            PushRules(),
            PushPorts(
                store=self.store,
                routes=self.apps,
                presence=Nobody(),
                share_of=lambda _: self.share,
                wall_clock=self.unix,
                clock=lambda: self.now,
                dice=lambda: 0.5,
                key=b"key of this process",
                stirred=lambda: None,
            ),
        )
        numbers = itertools.count(1)
        self.desk = CapabilityDesk(
            door=CustomerDoor(
                customers=self.site.customers,
                book=self.site.access,
                back_off=BackOff(BackOffRules()),
                key=b"key of this process",
                clock=lambda: self.now,
            ),
            find_customer=self.site.customers.find,
            apps=self.apps,
            pipeline=self.pipeline,
            store=self.store,
            seal=CapabilitySeal(bytes(KEY)),
            paces=Paces(rate=1.0, burst=3),
            origin=lambda _: ORIGIN,
            wall_clock=self.unix,
            clock=lambda: self.now,
            new_id=lambda: f"{next(numbers):08x}-0000-7000-8000-000000000000",
        )
        self.pipeline.offers(LANE, 10, self.now)

    def unix(self) -> float:
        return UNIX + self.now

    def asked(self, method: str, path: str, body: bytes, **headers: str) -> list[HttpAnswer]:
        assert self.desk.wants(path)
        request = HttpRequest(
            method=method, path=path, query=(), headers=tuple(headers.items()), body=body,
            client_address=CLIENT, secure=True, host="mobility.example.net",
        )  # fmt: skip
        heard: list[HttpAnswer] = []
        self.desk.serve(request, heard.append)
        return heard

    def asks(self, method: str, path: str, body: bytes = b"", **headers: str) -> HttpAnswer:
        (answer,) = self.asked(method, path, body, **headers)
        return answer

    def asks_for_url(self, body: Any = None, method: str = "POST", **changed: Any) -> HttpAnswer:
        shown = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
        told = {"channel": "ios.example", "token": TOKEN, **changed} if body is None else body
        octets = told if isinstance(told, bytes) else json.dumps(told).encode()
        return self.asks(method, ISSUING, octets, authorization=f"Basic {shown}")

    def url(self, **changed: Any) -> str:
        answer = self.asks_for_url(**changed)
        assert answer.status == 200, answer.body
        endpoint: str = json.loads(answer.body)["endpoint"]
        assert endpoint.startswith(ORIGIN + PLACE)
        return endpoint.removeprefix(ORIGIN)

    def sends(self, url: str, body: bytes = MESSAGE, **headers: str) -> HttpAnswer:
        heard = self.asked("POST", url, body, **{**SENDS, **headers})
        self.store.commit()
        (answer,) = heard
        return answer

    def sent(self) -> list[SendPush]:
        return [each for each in self.pipeline.take() if isinstance(each, SendPush)]


def told(answer: HttpAnswer) -> tuple[int, str]:
    return answer.status, json.loads(answer.body)["error"]


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
    acme = house.site.customers.find("acme")
    assert acme is not None
    house.site.customers.customers["acme"] = evolve(acme, enabled=False)
    assert told(house.sends(url)) == (404, "unknown-url")
    house.site.customers.customers["acme"] = acme
    assert house.sends(url).status == 201
    house.apps.replace([])
    assert told(house.sends(url)) == (404, "unknown-url")
    strange = house.desk.seal.seal(
        Capability(customer="nobody", channel="ios.example", token=TOKEN, is_voip=False)
    )
    assert told(house.sends(PLACE + strange)) == (404, "unknown-url")


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
