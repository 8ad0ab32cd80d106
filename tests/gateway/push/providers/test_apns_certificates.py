"""Apple by certificate: connections show it, requests have no token, and it ends one day."""

import datetime

import pytest
from attrs import evolve

from procall_mobility.gateway.push.applications.apps import PushApp
from procall_mobility.gateway.push.applications.carriers import Carrier
from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.protocols.push.apple_certificates import PRODUCTION, SANDBOX
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.protocols.push.outcomes import LaneRefused, TokenDead, WrongEnvironment
from procall_mobility.protocols.push.unsayable import MalformedToken, NoCredential
from tests.gateway.push.attempts import attempt
from tests.gateway.push.credentials import P8, UNIX
from tests.gateway.push.providers.house import House
from tests.gateway.push.some_applications import PUSH
from tests.protocols.push.certificates import BUNDLE, certificate, pem, pkcs12, topics_extension

START = datetime.datetime.fromtimestamp(UNIX, datetime.UTC) - datetime.timedelta(days=1)
PAIR = certificate(start=START)
TOLD = Registration(
    name="ios.example", provider=Provider.APNS, credential="certificate.pem",
    options={"topic": BUNDLE, "title": "Example", "environment": "both"},
)  # fmt: skip


def app(octets: bytes, house: House | None = None, **options: str) -> PushApp:
    told = evolve(TOLD, options={**TOLD.options, **options})
    return (house or House()).app(told, octets)


def carrier(octets: bytes, **options: str) -> Carrier:
    return app(octets, **options).first.standing.carrier


def test_a_certificate_has_lanes_of_its_own_and_its_connections_show_it() -> None:
    made = app(pem(*PAIR))
    mark = made.branches[False].carrier.destination.certificate.mark
    assert {each: way.lane for each, way in made.branches.items()} == {
        False: f"apns:certificate.{mark}", True: f"apns-sandbox:certificate.{mark}",
    }  # fmt: skip
    assert made.branches[True].carrier.destination.host == "api.sandbox.push.apple.com"
    assert made.branches[False].carrier.destination.certificate.chain == (PAIR[0],)
    same = app(pkcs12(*PAIR)).branches[False]
    assert same.carrier.destination == made.branches[False].carrier.destination
    other = app(pem(*certificate(start=START)))
    assert other.branches[False].lane != made.branches[False].lane, "it gets other connections"


def test_requests_have_no_token() -> None:
    speaker = carrier(pem(*PAIR))
    assert speaker.is_ready(0.0)
    request = speaker.request(PUSH, 0.0, UNIX)
    names = [name for name, _ in request.headers]
    assert "authorization" not in names
    assert "apns-topic" in names
    assert speaker.renew(request, 0.0, UNIX) is False, "there is nothing to renew"
    assert speaker.traces(Answer(status=500, headers={}, body=b"")) == {}


@pytest.mark.parametrize(
    ("environment", "has_moved", "kind"),
    [
        ("both", False, WrongEnvironment),
        ("both", True, TokenDead),
        ("production", False, TokenDead),
    ],
)
def test_a_bad_token_is_tried_in_the_other_environment(
    environment: str, has_moved: bool, kind: type
) -> None:
    speaker = carrier(pem(*PAIR), environment=environment)
    request = speaker.request(PUSH, 0.0, UNIX)
    bad = Answer(status=400, headers={}, body=b'{"reason":"BadDeviceToken"}')
    outcome = speaker.judge(attempt(request, token="", has_moved=has_moved, now=0.0), bad)
    assert isinstance(outcome, kind)


def test_a_certificate_that_apple_refuses_stops_its_lane() -> None:
    speaker = carrier(pem(*PAIR))
    refused = Answer(status=403, headers={}, body=b'{"reason":"BadCertificate"}')
    request = speaker.request(PUSH, 0.0, UNIX)
    outcome = speaker.judge(attempt(request, token="", has_moved=False, now=0.0), refused)
    assert outcome == LaneRefused(reason="BadCertificate")


def test_a_certificate_without_calls_takes_none() -> None:
    call = evolve(PUSH.notification, is_voip=True)
    carrier(pem(*PAIR)).check(call)
    speaker = carrier(pem(*certificate(start=START, topics=topics_extension(BUNDLE))))
    speaker.check(PUSH.notification)
    with pytest.raises(NoCredential):
        speaker.check(call)
    with pytest.raises(MalformedToken):
        speaker.check(evolve(PUSH.notification, token="x"))


@pytest.mark.parametrize(
    ("octets", "options", "why"),
    [
        (pem(*PAIR), {"topic": "org.example.other"}, "for org.example.app, org.example.app.voip,"),
        (pem(*certificate(start=START, topics=None, user_id=None)), {}, "is for nothing, and not"),
        (pem(*certificate(start=START, environments=[PRODUCTION])), {}, "not for the sandbox"),
        (pem(*certificate(start=START, environments=[SANDBOX])), {}, "for the sandbox alone"),
        (pem(*certificate(start=START, days=1)), {}, "has expired on 2026-11-18"),
        (P8, {}, "the team's id and the key's are needed"),
        (P8, {"team": "TEAM123456"}, "the team's id and the key's are needed"),
    ],
)
def test_what_is_wrong_with_a_credential_is_told(
    octets: bytes, options: dict[str, str], why: str
) -> None:
    with pytest.raises(CredentialError, match=why):
        app(octets, **options)


def test_a_certificate_for_one_environment_is_for_that_one() -> None:
    only = pem(*certificate(start=START, environments=[SANDBOX]))
    assert list(app(only, environment="sandbox").branches) == [True]


def test_somebody_is_told_before_a_certificate_ends() -> None:
    house = House()
    app(pem(*certificate(start=START, days=11)), house)
    assert [each.name for each in house.credentials.expiring()] == ["ios.example"]
    assert [(each.name, each.days) for each in house.credentials.ending()] == [("ios.example", 10)]
    assert house.credentials.ending() == []
    house.credentials.forget_unused()
    house.credentials.forget_unused()
    assert house.credentials.ending() == [], "nobody has it any more"
