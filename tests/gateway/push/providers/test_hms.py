"""Huawei: which credential is for which system, and what its answers mean for a token."""

import json
from typing import Any

import pytest
from attrs import evolve

from procall_mobility.gateway.push.applications.carriers import Carrier, bearer_of
from procall_mobility.gateway.push.applications.options import OptionError
from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import CredentialStale, Delivered, Later, TokenDead
from procall_mobility.protocols.push.unsayable import MalformedToken
from tests.gateway.push.attempts import attempt
from tests.gateway.push.credentials import RSA, UNIX
from tests.gateway.push.providers.house import House
from tests.gateway.push.some_applications import PUSH

TOKEN = "h" * 120
CHAT = evolve(PUSH, notification=evolve(PUSH.notification, token=TOKEN))
CALL = evolve(CHAT, notification=evolve(CHAT.notification, kind="avnewcall", urgency=Urgency.CALL))

SECRET = json.dumps({"client_id": "100000001", "client_secret": "s3cret"}).encode()
ACCOUNT = json.dumps(
    {"project_id": "200000002", "key_id": "k" * 32, "sub_account": "3", "private_key": RSA}
).encode()
OPTIONS = {"title": "Example", "body": "There is news"}
ANDROID = Registration(
    name="huawei", provider=Provider.HMS, credential="secret.json",
    options={**OPTIONS, "system": "android"},
)  # fmt: skip
HARMONY = evolve(ANDROID, credential="account.json", options={**OPTIONS, "system": "harmony"})
REGISTERED = {"android": (ANDROID, SECRET), "harmony": (HARMONY, ACCOUNT)}


def said(code: str, message: object = "", status: int = 200) -> Answer:
    body = json.dumps({"code": code, "msg": message}).encode()
    return Answer(status=status, headers={}, body=body)


def made(carrier: Carrier, now: float = 0.0) -> ProviderRequest:
    request = carrier.request(CHAT, now, UNIX + now)
    assert request is not None
    return request


def judged(carrier: Carrier, answer: Answer) -> object:
    request = ProviderRequest(path="/", headers=(), body=b"")
    return carrier.judge(attempt(request, token=TOKEN, has_moved=False, now=0.0), answer)


def test_android_is_pushed_to_with_a_token_that_was_fetched() -> None:
    house = House()
    app = house.app(ANDROID, SECRET)
    assert app.first.standing.lane == "hms:android.100000001"
    carrier = house.carrier(ANDROID, SECRET)
    assert carrier.destination.host == "push-api.cloud.huawei.com"
    assert not carrier.is_ready(0.0)
    assert carrier.request(CHAT, 0.0, UNIX) is None
    assert "client_secret=s3cret" in house.grants("granted")
    (fetched,) = house.credentials.fetched.values()
    assert (fetched.name, fetched.host) == (
        app.first.standing.lane,
        "oauth-login.cloud.huawei.com",
    )
    assert carrier.is_ready(0.0)
    request = made(carrier)
    assert (request.path, bearer_of(request)) == ("/v1/100000001/messages:send", "granted")


def test_harmony_is_pushed_to_with_a_token_of_the_accounts_own() -> None:
    house = House()
    assert house.app(HARMONY, ACCOUNT).first.standing.lane == "hms:harmony.200000002"
    carrier = house.carrier(HARMONY, ACCOUNT)
    assert carrier.is_ready(0.0)
    assert house.credentials.fetched == {}, "nobody is asked"
    request = made(carrier)
    assert request.path == "/v3/200000002/messages:send"
    assert dict(request.headers)["push-type"] == "0"
    assert bearer_of(made(house.carrier(HARMONY, ACCOUNT))) == bearer_of(request), "it is shared"


def test_another_account_of_a_project_is_another_credential() -> None:
    """The lane is the same; it goes on at once where the one before was refused."""
    one = House().carrier(HARMONY, ACCOUNT).destination
    assert one == House().carrier(HARMONY, ACCOUNT).destination
    assert one != House().carrier(HARMONY, ACCOUNT.replace(b"k" * 32, b"l" * 32)).destination


@pytest.mark.parametrize("system", ["android", "harmony"])
def test_an_application_may_have_another_id_than_its_credential(system: str) -> None:
    house = House()
    carrier = house.carrier(*REGISTERED[system], id="999")
    if system == "android":
        house.grants("granted")
    assert "/999/" in made(carrier).path


def test_only_who_may_ring_rings() -> None:
    """Huawei refuses calls of applications it has not granted them: they are shown instead."""
    types = {}
    for may_ring in ("yes", "no"):
        request = House().carrier(HARMONY, ACCOUNT, may_ring=may_ring).request(CALL, 0.0, UNIX)
        assert request is not None
        types[may_ring] = dict(request.headers)["push-type"]
    assert types == {"yes": "10", "no": "0"}


def test_what_cannot_be_said_is_found_out_before() -> None:
    carrier = House().carrier(HARMONY, ACCOUNT)
    carrier.check(CHAT.notification)
    with pytest.raises(MalformedToken):
        carrier.check(evolve(CHAT.notification, token="short"))


def test_only_tokens_that_huawei_names_are_dead() -> None:
    carrier = House().carrier(HARMONY, ACCOUNT)
    assert judged(carrier, said("80000000")) == Delivered()
    illegal = json.dumps({"illegal_tokens": [TOKEN]})
    assert judged(carrier, said("80100000", illegal)) == TokenDead(reason="80100000")
    other = json.dumps({"illegal_tokens": ["another" * 5]})
    assert judged(carrier, said("80100000", other)) == Delivered()


def test_all_tokens_dead_at_once_is_suspicious() -> None:
    """A wrong application id says the same of all (`push_suspicion`)."""
    dead = judged(House().carrier(HARMONY, ACCOUNT), said("80300007"))
    assert dead == TokenDead(reason="80300007", is_suspicious=True, needs_living=True)


def test_there_is_nothing_to_trace() -> None:
    carrier = House().carrier(HARMONY, ACCOUNT)
    assert carrier.traces(said("81000001", status=500)) == {}
    assert isinstance(judged(carrier, said("81000001", status=500)), Later)


def test_a_fetched_token_that_was_refused_is_fetched_anew_once_it_is_old_enough() -> None:
    house = House()
    carrier = house.carrier(ANDROID, SECRET)
    house.grants("first")
    request = made(carrier)
    assert judged(carrier, said("80200003")) == CredentialStale(reason="80200003")
    assert carrier.renew(request, 5.0, UNIX + 5) is False
    assert carrier.renew(request, 600.0, UNIX + 600) is None
    house.grants("second", 600.0)
    assert carrier.renew(request, 600.0, UNIX + 600) is True


def test_a_signed_token_that_was_refused_is_signed_anew_once_it_is_old_enough() -> None:
    carrier = House().carrier(HARMONY, ACCOUNT)
    request = made(carrier)
    assert carrier.renew(request, 5.0, UNIX + 5) is False
    assert carrier.renew(request, 600.0, UNIX + 600) is True
    assert bearer_of(made(carrier, 600.0)) != bearer_of(request)


def test_huawei_may_be_elsewhere() -> None:
    house = House(hms="127.0.0.1:1", **{"hms-tokens": "127.0.0.1:2"})
    assert house.carrier(ANDROID, SECRET).destination.host == "127.0.0.1:1"
    assert [each.host for each in house.credentials.fetched.values()] == ["127.0.0.1:2"]


@pytest.mark.parametrize(
    ("told", "octets", "why"),
    [
        (ANDROID, ACCOUNT, "other members than client_id, client_secret"),
        (HARMONY, SECRET, "project_id is missing"),
        (ANDROID, SECRET.replace(b"100000001", b"a/b"), "client_id is not of"),
        (HARMONY, ACCOUNT.replace(b"200000002", b"a/b"), "project_id is not of"),
    ],
)
def test_what_is_wrong_with_a_credential_is_told(
    told: Registration, octets: bytes, why: str
) -> None:
    with pytest.raises(CredentialError, match=why):
        House().app(told, octets)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"system": "ios"}, "system is none of android, harmony"),
        ({"body": ""}, "body is not of 1 to 100 characters"),
        ({"category": "im"}, "category is not of 1 to 32 capital letters"),
        ({"may_ring": "perhaps"}, "may_ring is none of yes, no"),
        ({"id": "a/b"}, "id is not of up to 64"),
    ],
)
def test_what_is_wrong_with_an_option_is_told(options: dict[str, Any], why: str) -> None:
    told = evolve(ANDROID, options={**ANDROID.options, **options})
    with pytest.raises(OptionError, match=why):
        House().app(told, SECRET)
