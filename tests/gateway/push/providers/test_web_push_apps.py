"""Applications reached by Web Push and UnifiedPush: their lanes, and what is said in them."""

import json
from collections.abc import Callable
from hashlib import sha256

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from procall_mobility.gateway.push.applications.apps import PushApp, PushApps
from procall_mobility.gateway.push.applications.destinations import Destination, Wire
from procall_mobility.gateway.push.applications.options import OptionError
from procall_mobility.gateway.push.applications.registrations import Provider, Registration
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.gateway.push.providers.credentials import PushCredentials
from procall_mobility.gateway.push.providers.web_push_apps import SealedOrPlain
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.endpoints import EndpointPolicy, ForbiddenEndpoint
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.json_web_tokens import base64url
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    Outcome,
    Refused,
    TokenDead,
)
from procall_mobility.protocols.push.web_push_encryption import public_octets, unseal
from tests.gateway.push.attempts import attempt
from tests.gateway.push.fakes import UNIX, push

BROWSER = ec.derive_private_key(7, ec.SECP256R1())
AUTH = b"sixteen octets.."
POLICY = EndpointPolicy(inside=frozenset({"push.local"}))
TOLD = Registration(
    name="phone",
    provider=Provider.WEBPUSH,
    credential="vapid.pem",
    options={"subject": "mailto:push@example.com"},
)


def vapid_pem(number: int = 5) -> bytes:
    key = ec.derive_private_key(number, ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def token(endpoint: str) -> str:
    keys = {"p256dh": base64url(public_octets(BROWSER.public_key())), "auth": base64url(AUTH)}
    return json.dumps({"endpoint": endpoint, "keys": keys})


def chance() -> Callable[[int], bytes]:
    """Return a source whose octets never come twice, and are the same in every run."""
    drawn = iter(range(1000))

    def entropy(octets: int) -> bytes:
        return sha256(str(next(drawn)).encode()).digest().ljust(octets, b"\x01")[:octets]

    return entropy


def workshop(policy: EndpointPolicy = POLICY) -> Workshop:
    return Workshop(
        wall_clock=lambda: UNIX,
        clock=lambda: 0.0,
        dice=lambda: 0.5,
        entropy=chance(),
        endpoints=policy,
    )


def apps(told: Registration = TOLD, pem: bytes | None = None) -> PushApps:
    made = PushApps()
    made.replace([made_of(told, pem, workshop())])
    return made


def made_of(told: Registration, pem: bytes | None, shop: Workshop) -> PushApp:
    return PushCredentials(shop).app(told, pem or vapid_pem())


def to(endpoint: str) -> QueuedPush:
    return push(1, token=token(endpoint))


def said(known: PushApps, each: QueuedPush, unix: float = UNIX) -> ProviderRequest:
    branch = known.branch(each)
    assert branch is not None
    request = branch.carrier.request(each, 0.0, unix)
    assert request is not None
    return request


def judged(known: PushApps, each: QueuedPush, status: int, body: bytes = b"") -> Outcome:
    branch = known.branch(each)
    assert branch is not None
    answer = Answer(status=status, headers={}, body=body)
    told = each.notification.token
    return branch.carrier.judge(
        attempt(said(known, each), token=told, has_moved=False, now=0.0), answer
    )


A, B = "https://push.example.com/secret-a", "https://updates.example.net:8443/secret-b"
PLAIN = "https://ntfy.example.org/secret-topic"


def test_each_origin_has_a_lane_that_tells_no_secret() -> None:
    known = apps()
    first, other, bare = (known.lane(each) for each in (to(A), to(B), push(1, token=PLAIN)))
    assert first is not None and other is not None
    family, _, origin = first.partition("@")
    assert origin == "https://push.example.com"
    assert other == f"{family}@https://updates.example.net:8443"
    assert family.startswith("webpush:") and len(family) == len("webpush:") + 12
    assert bare == "unifiedpush@https://ntfy.example.org"
    assert "secret" not in first + other + bare
    assert not known.standing()


def test_another_key_or_subject_has_other_lanes() -> None:
    """What a push service says of a credential is about that one."""
    subject = evolve(TOLD, options={"subject": "https://example.com/contact"})
    lanes = {apps().lane(to(A)), apps(pem=vapid_pem(6)).lane(to(A)), apps(subject).lane(to(A))}
    assert len(lanes) == 3


def test_a_lanes_name_tells_whom_to_call_and_by_what_rules() -> None:
    known = apps()
    for each in (to(B), push(1, token=PLAIN)):
        lane = known.lane(each)
        assert lane is not None
        carrier = known.carrier(lane)
        assert carrier is not None and carrier.is_ready(0.0)
        host = lane.partition("@https://")[2]
        wanted = Destination(host=host, wire=Wire.EITHER, policy=POLICY)
        assert carrier.destination == wanted
    assert known.carrier("webpush:other@https://push.example.com") is None


def test_a_browser_reads_what_was_said_and_each_time_it_is_another_text() -> None:
    """RFC 8291 section 3.1: a key that is used twice gives both messages away."""
    known = apps()
    one, two = (said(known, to(A)) for _ in range(2))
    assert one.path == "/secret-a"
    for each in (one, two):
        assert b'"data":"sealed"' in unseal(each.body, BROWSER, AUTH)
    salts, keys = (
        {each.body[:16] for each in (one, two)},
        {each.body[21:86] for each in (one, two)},
    )
    assert (len(salts), len(keys)) == (2, 2)


def test_an_endpoint_alone_gets_bare_content_and_no_credential() -> None:
    request = said(apps(), push(1, token=PLAIN))
    assert (request.path, b"sealed" in request.body) == ("/secret-topic", True)
    assert "authorization" not in dict(request.headers)


def test_what_is_no_token_has_no_lane() -> None:
    known = apps()
    for wrong in ("", "{}", "no token", "https://", '{"endpoint": 7}'):
        assert known.lane(push(1, token=wrong or "-")) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "router.local", "push.local"])
def test_only_the_operators_own_services_may_be_inside(host: str) -> None:
    way = made_of(TOLD, None, workshop()).first
    for told in (token(f"https://{host}/x"), f"https://{host}/x"):
        if host in POLICY.inside:
            way.check(push(1, token=told).notification)
        else:
            with pytest.raises(ForbiddenEndpoint):
                way.check(push(1, token=told).notification)


def test_a_service_that_is_not_inside_any_more_is_not_called_for_what_waits() -> None:
    known = PushApps()
    known.replace([made_of(TOLD, None, workshop(EndpointPolicy()))])
    for each in (to("https://push.local/x"), push(1, token="https://push.local/x")):
        branch = known.branch(each)
        assert branch is not None
        with pytest.raises(ForbiddenEndpoint):
            branch.carrier.check(each.notification)
        with pytest.raises(ForbiddenEndpoint):
            branch.carrier.request(each, 0.0, UNIX)


def test_answers_are_judged_by_the_rules_of_web_push() -> None:
    known, bare = apps(), push(1, token=PLAIN)
    assert judged(known, to(A), 201) == judged(known, bare, 201) == Delivered()
    assert judged(known, to(A), 410) == judged(known, bare, 410) == TokenDead(reason="http-410")
    assert judged(known, to(A), 401) == CredentialStale(reason="http-401")
    assert judged(known, bare, 401) == Refused(reason="http-401"), "there is none to renew"


def test_a_token_that_was_refused_is_renewed_when_its_age_may_be_why() -> None:
    """For this origin alone: strangers' services say what they like."""
    known = apps()
    lane = known.lane(to(A))
    assert lane is not None
    first, other = said(known, to(A)), said(known, to(B))
    carrier = known.carrier(lane)
    assert carrier is not None
    assert carrier.renew(first, 0.0, UNIX + 1.0) is False, "it is as fresh as can be"
    assert carrier.renew(first, 0.0, UNIX + 3600.0) is True
    assert header(said(known, to(A), UNIX + 3600.0)) != header(first)
    assert header(said(known, to(B), UNIX + 3600.0)) == header(other)
    assert carrier.renew(first, 0.0, UNIX + 3601.0) is True, "there is another one already"


def test_an_endpoint_alone_has_nothing_to_renew_and_nobody_is_quoted() -> None:
    known = apps()
    answer = Answer(status=400, headers={"x-trace": "stranger's words"}, body=b"")
    for each in (to(A), push(1, token=PLAIN)):
        branch = known.branch(each)
        assert branch is not None
        assert branch.carrier.traces(answer) == {}
    assert branch.carrier.renew(said(known, each), 0.0, UNIX) is False


def test_tokens_are_kept_when_applications_are_made_anew() -> None:
    shop = workshop()
    headers = set()
    for _ in range(2):
        known = PushApps()
        known.replace([made_of(TOLD, None, shop)])
        headers.add(header(said(known, to(A))))
    assert len(headers) == 1


@pytest.mark.parametrize(
    "subject", ["mailto:push@localhost", "push@example.com", "http://example.com", "", "mailto:"]
)
def test_a_subject_that_push_services_refuse_is_refused_at_once(subject: str) -> None:
    """Apple's answers 403 to all but these; better the operator hears of it now."""
    with pytest.raises(OptionError, match="subject"):
        made_of(evolve(TOLD, options={"subject": subject}), None, workshop())


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(CredentialError):
        made_of(TOLD, b"no key", workshop())


def test_a_way_has_no_lane_before_there_is_a_token() -> None:
    way = made_of(TOLD, None, workshop()).first
    assert isinstance(way, SealedOrPlain)
    assert way.standing is None


def header(request: ProviderRequest) -> str:
    return dict(request.headers)["authorization"]
