"""A carrier says pushes with the token there is, and reads answers by its provider's rules."""

import json
from random import Random

import pytest
from attrs import evolve

from procall_mobility.gateway.push.applications.carriers import Carrier, bearer_of
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.providers.apns_carrier import ApnsCarrier
from procall_mobility.gateway.push.providers.fcm_carrier import FcmCarrier
from procall_mobility.protocols.push.apns import ApnsTarget
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.fcm import FcmTarget
from procall_mobility.protocols.push.oauth_requests import client_credentials
from procall_mobility.protocols.push.oauth_tokens import OAuthTokens, RequestToken
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    Later,
    Outcome,
    TokenDead,
    WrongEnvironment,
)
from procall_mobility.protocols.push.unsayable import MalformedToken
from tests.gateway.push.attempts import attempt
from tests.gateway.push.credentials import UNIX, apple_tokens
from tests.gateway.push.some_applications import PUSH

TARGET = ApnsTarget(topic="org.example.app", title="Example")
ANDROID = evolve(PUSH, notification=evolve(PUSH.notification, token="f" * 140))


def said(status: int, reason: str | None = None) -> Answer:
    body = b"" if reason is None else json.dumps({"reason": reason}).encode()
    return Answer(status=status, headers={}, body=body)


def made(carrier: Carrier, now: float = 0.0) -> ProviderRequest:
    push = PUSH if isinstance(carrier, ApnsCarrier) else ANDROID
    request = carrier.request(push, now, UNIX + now)
    assert request is not None
    return request


def judged(
    carrier: Carrier, answer: Answer, now: float = 0.0, *, has_moved: bool = False
) -> Outcome:
    return carrier.judge(
        attempt(made(carrier, now), token="", has_moved=has_moved, now=now), answer
    )


def renewed(carrier: Carrier, request: ProviderRequest, now: float) -> bool | None:
    return carrier.renew(request, now, UNIX + now)


def test_there_is_nothing_to_trace_with_these_providers() -> None:
    assert apple().traces(said(500)) == google()[0].traces(said(500)) == {}


# Apple ------------------------------------------------------------------------------------


def apple(clock: list[float] | None = None, *, has_other: bool = False) -> ApnsCarrier:
    return ApnsCarrier(
        TARGET, apple_tokens(clock), Destination(host=TARGET.host), has_other=has_other
    )


def test_apple_is_asked_with_the_token_of_the_team() -> None:
    carrier, tokens = apple(), apple_tokens()
    assert carrier.is_ready(0.0)
    request = made(carrier)
    assert request.path.endswith(PUSH.notification.token)
    assert bearer_of(request).split(".")[0] == tokens.token(0.0).split(".")[0]


def test_what_cannot_be_said_to_apple_is_found_out_before() -> None:
    carrier = apple()
    carrier.check(PUSH.notification)
    with pytest.raises(MalformedToken):
        carrier.check(evolve(PUSH.notification, token="no token of Apple's"))


def test_a_bad_token_is_tried_in_the_other_environment_where_there_is_one() -> None:
    bad = said(400, "BadDeviceToken")
    assert isinstance(judged(apple(has_other=True), bad), WrongEnvironment)
    assert isinstance(judged(apple(has_other=True), bad, has_moved=True), TokenDead)
    assert isinstance(judged(apple(), bad), TokenDead)


def test_a_token_that_has_expired_is_made_anew_if_apple_may_be_given_one() -> None:
    clock = [UNIX]
    carrier = apple(clock)
    young = judged(carrier, said(403, "ExpiredProviderToken"))
    assert young == CredentialStale(reason="ExpiredProviderToken")
    first = made(carrier)
    assert renewed(carrier, first, 0.0) is False, "so young it has not expired: our clock is wrong"
    before = bearer_of(first)
    later = 1300.0
    clock[0] += later
    assert renewed(carrier, first, later) is True
    assert bearer_of(made(carrier, later)) != before


def test_apple_gets_the_older_token_when_it_wants_no_new_one() -> None:
    clock = [UNIX]
    carrier = apple(clock)
    older = bearer_of(made(carrier))
    clock[0] += 1900.0
    newer = bearer_of(made(carrier, 1900.0))
    assert newer != older
    outcome = judged(carrier, said(429, "TooManyProviderTokenUpdates"), 1900.0)
    assert isinstance(outcome, Later)
    assert bearer_of(made(carrier, 1900.0)) == older


def test_what_apple_delivered_is_delivered() -> None:
    assert judged(apple(), said(200)) == Delivered()


# Google -----------------------------------------------------------------------------------


def google(*granted: str) -> tuple[FcmCarrier, OAuthTokens]:
    tokens = OAuthTokens(
        lambda unix: client_credentials("/token", "client", "secret"),
        now=0.0,
        wall_clock=lambda: UNIX,
        jitter=Random(1).random,
    )
    for name in granted:
        grant(tokens, name, 0.0)
    return FcmCarrier(FcmTarget(project="example"), tokens, Destination(host="fcm")), tokens


def grant(tokens: OAuthTokens, name: str, now: float) -> None:
    tokens.wake(now)
    asked = [each for each in tokens.take() if isinstance(each, RequestToken)]
    body = json.dumps({"access_token": name, "expires_in": 3600, "token_type": "Bearer"})
    answer = Answer(status=200, headers={}, body=body.encode())
    tokens.hears(asked[-1].number, answer, now)


def test_google_is_asked_once_there_is_a_token() -> None:
    carrier, tokens = google()
    assert not carrier.is_ready(0.0)
    assert carrier.request(ANDROID, 0.0, UNIX) is None
    grant(tokens, "first", 0.0)
    assert carrier.is_ready(0.0)
    request = made(carrier)
    assert (request.path, bearer_of(request)) == ("/v1/projects/example/messages:send", "first")


def test_what_cannot_be_said_to_google_is_found_out_before() -> None:
    carrier, _ = google()
    carrier.check(ANDROID.notification)
    with pytest.raises(MalformedToken):
        carrier.check(evolve(ANDROID.notification, token="ü"))


def test_a_token_google_refuses_is_fetched_anew_once_it_is_old_enough() -> None:
    carrier, tokens = google("first")
    unauthenticated = Answer(
        status=401,
        headers={},
        body=json.dumps({"error": {"status": "UNAUTHENTICATED"}}).encode(),
    )
    assert isinstance(judged(carrier, unauthenticated, 5.0), CredentialStale)
    first = made(carrier, 5.0)
    assert renewed(carrier, first, 5.0) is False
    assert isinstance(judged(carrier, unauthenticated, 600.0), CredentialStale)
    assert renewed(carrier, first, 600.0) is None
    grant(tokens, "second", 600.0)
    assert renewed(carrier, first, 600.0) is True, "another lane has had it fetched"
    assert bearer_of(made(carrier, 600.0)) == "second"


def test_what_google_delivered_is_delivered() -> None:
    carrier, _ = google("first")
    assert judged(carrier, Answer(status=200, headers={}, body=b'{"name":"x"}')) == Delivered()
