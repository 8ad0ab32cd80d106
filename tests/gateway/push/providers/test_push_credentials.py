"""Applications as they are registered, and what is made of them and their credential."""

import pytest
from attrs import evolve, field, frozen

from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.gateway.push.providers.credentials import PushCredentials, held
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.push.apple_tokens import AppleTokens
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.outcomes import Later
from procall_mobility.protocols.push.unsayable import NoCredential
from tests.gateway.push.attempts import attempt
from tests.gateway.push.credentials import P8, UNIX, service_account
from tests.gateway.push.some_applications import PUSH

IOS = Registration(
    name="ios.example",
    provider=Provider.APNS,
    credential="AuthKey.p8",
    options={
        "topic": "org.example.app", "team": "TEAM123456", "key_id": "KEY1234567",
        "title": "Example",
    },
)  # fmt: skip
ANDROID = Registration(name="android.example", provider=Provider.FCM, credential="account.json")


def workshop(**hosts: str) -> Workshop:
    return Workshop(
        wall_clock=lambda: UNIX, clock=lambda: 0.0, dice=lambda: 0.5, entropy=bytes, hosts=hosts
    )


@frozen
class Makes:
    workshop: Workshop = field(factory=workshop)

    @property
    def credentials(self) -> PushCredentials:
        return PushCredentials(self.workshop)

    def ios(self, **options: str) -> dict[bool, tuple[str, str]]:
        told = evolve(IOS, options={**IOS.options, **options})
        app = self.credentials.app(told, P8)
        return {each: (to.lane, to.carrier.destination.host) for each, to in app.branches.items()}


def test_an_application_of_apples_is_where_it_is_registered_to_be() -> None:
    production = ("apns:TEAM123456.KEY1234567", "api.push.apple.com")
    sandbox = ("apns-sandbox:TEAM123456.KEY1234567", "api.sandbox.push.apple.com")
    assert Makes().ios() == Makes().ios(environment="production") == {False: production}
    assert Makes().ios(environment="sandbox") == {True: sandbox}
    assert Makes().ios(environment="both") == {False: production, True: sandbox}


def test_an_application_has_its_name_and_its_customer() -> None:
    app = Makes().credentials.app(evolve(IOS, ucsid="acme"), P8)
    assert (app.name, app.ucsid, app.provider) == ("ios.example", "acme", "apns")


def test_applications_with_one_key_share_its_tokens() -> None:
    """Apple takes no two tokens of one team within 20 minutes."""
    makes = Makes()
    credentials = makes.credentials
    one, same = (credentials.app(evolve(IOS, name=name), P8) for name in ("a", "b"))
    assert one.first.lane == same.first.lane
    assert len(makes.workshop.all(AppleTokens)) == 1


def test_a_clock_that_apple_doubts_is_told_once() -> None:
    credentials = Makes().credentials
    carrier = credentials.app(IOS, P8).first.carrier
    assert credentials.doubts() == []
    request = carrier.request(PUSH, 0.0, UNIX)
    assert request is not None
    expired = Answer(status=403, headers={}, body=b'{"reason":"ExpiredProviderToken"}')
    carrier.judge(attempt(request, token="", has_moved=False, now=0.0), expired)
    assert carrier.renew(request, 0.0, UNIX) is False
    assert len(credentials.doubts()) == 1
    assert credentials.doubts() == []


def test_an_application_of_googles_has_the_project_of_its_account() -> None:
    credentials = Makes().credentials
    app = credentials.app(ANDROID, service_account())
    assert (app.first.lane, app.first.carrier.destination.host) == (
        "fcm:example",
        "fcm.googleapis.com",
    )
    (fetched,) = credentials.fetched.values()
    assert (fetched.name, fetched.host) == ("fcm:example", "oauth2.googleapis.com")
    credentials.app(evolve(ANDROID, name="other"), service_account())
    assert len(credentials.fetched) == 1, "one account, one token"
    credentials.app(ANDROID, service_account("elsewhere"))
    assert len(credentials.fetched) == 2


def test_another_account_of_a_project_has_a_lane_of_its_own() -> None:
    """One of them may be revoked: that is nothing to the other."""
    credentials = Makes().credentials
    first, second = service_account(), service_account().replace(b"push@", b"other@")
    assert first != second
    lanes = [
        credentials.app(evolve(ANDROID, name=name), octets).first.lane
        for name, octets in (("a", first), ("b", second), ("c", first), ("d", second))
    ]
    assert lanes[0] == lanes[2] == "fcm:example"
    assert lanes[1] == lanes[3] != lanes[0]
    assert lanes[1].startswith("fcm:example.")
    assert {each.name for each in credentials.fetched.values()} == set(lanes)
    credentials.forget_unused()
    assert credentials.app(ANDROID, second).first.lane == "fcm:example", "it is alone now"
    credentials.forget_unused()
    assert [each.name for each in credentials.fetched.values()] == ["fcm:example"]


def test_providers_may_be_elsewhere() -> None:
    """Behind a customer's proxy, or in a test."""
    hosts = {"apns": "127.0.0.1:1", "apns-sandbox": "127.0.0.1:2", "fcm": "127.0.0.1:3",
             "fcm-tokens": "127.0.0.1:4"}  # fmt: skip
    makes = Makes(workshop(**hosts))
    credentials = makes.credentials
    found = makes.ios(environment="both")
    assert [host for _, host in found.values()] == ["127.0.0.1:1", "127.0.0.1:2"]
    app = credentials.app(ANDROID, service_account())
    assert app.first.carrier.destination.host == "127.0.0.1:3"
    assert next(iter(credentials.fetched.values())).host == "127.0.0.1:4"


def test_a_token_is_asked_for_with_the_account() -> None:
    credentials = Makes().credentials
    credentials.app(ANDROID, service_account())
    (fetched,) = credentials.fetched.values()
    fetched.tokens.wake(0.0)
    (asked,) = fetched.tokens.take()
    assert b"grant_type=urn" in asked.request.body


@pytest.mark.parametrize(
    ("told", "credential", "why"),
    [
        (IOS, b"no PEM", "no PEM"),
        (evolve(IOS, options={**IOS.options, "team": "short"}), P8, "team is not"),
        (evolve(IOS, options={**IOS.options, "topic": "a b"}), P8, "bundle id"),
        (evolve(IOS, options={**IOS.options, "title": ""}), P8, "title"),
        (ANDROID, b"{}", "service_account"),
        (ANDROID, P8, "JSON"),
    ],
)
def test_what_is_wrong_with_a_credential_is_told(
    told: Registration, credential: bytes, why: str
) -> None:
    with pytest.raises(CredentialError, match=why):
        Makes().credentials.app(told, credential)


def test_tokens_that_no_application_has_any_more_are_fetched_no_more() -> None:
    makes = Makes()
    credentials = makes.credentials
    credentials.app(IOS, P8)
    credentials.app(ANDROID, service_account())
    credentials.forget_unused()
    kept = credentials.app(ANDROID, service_account())
    credentials.forget_unused()
    assert [each.name for each in credentials.fetched.values()] == [kept.first.lane]
    assert makes.workshop.all(AppleTokens) == {}
    credentials.forget_unused()
    assert credentials.fetched == {}


def test_an_application_whose_credential_is_spoilt_takes_nothing_and_loses_nothing() -> None:
    """What was accepted waits in a lane of its own until the operator has mended it."""
    app = held(evolve(IOS, ucsid="acme"))
    assert (app.name, app.ucsid, app.provider) == ("ios.example", "acme", "apns")
    apps = PushApps()
    apps.replace([app])
    assert list(apps) == [app]
    for sandbox in (None, False, True):
        assert apps.lane(evolve(PUSH, sandbox=sandbox)) == "held:apns"
    carrier = app.first.carrier
    assert carrier.destination is None
    assert not carrier.is_ready(0.0)
    assert carrier.request(PUSH, 0.0, UNIX) is None
    nothing = ProviderRequest(path="/", headers=(), body=b"")
    assert carrier.renew(nothing, 0.0, UNIX) is False
    assert carrier.traces(Answer(status=500, headers={}, body=b"")) == {}
    answer = Answer(status=200, headers={}, body=b"")
    assert isinstance(
        carrier.judge(attempt(nothing, token="", has_moved=False, now=0.0), answer), Later
    )
    with pytest.raises(NoCredential):
        carrier.check(PUSH.notification)
