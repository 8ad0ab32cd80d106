"""Web Push: subscriptions as browsers give them, requests as RFC 8030 wants them."""

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.endpoints import (
    Endpoint,
    EndpointPolicy,
    ForbiddenEndpoint,
)
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import (
    MalformedToken,
    NoText,
    ReservedName,
    TooLarge,
    Unsayable,
)
from procall_mobility.protocols.push.vapid import Vapid
from procall_mobility.protocols.push.web_push import (
    LONGEST_TOKEN,
    LONGEST_TTL,
    check,
    origin_of,
    request,
    subscription,
    topic,
)
from procall_mobility.protocols.push.web_push_encryption import (
    LARGEST,
    LARGEST_CLEAR,
    Ephemeral,
    UserAgentKeys,
    unseal,
)
from tests.protocols.push.pushes import CALL, CHAT, ID, JSON, UNIX, ec_key
from tests.protocols.push.web_push_vectors import (
    AS_PRIVATE,
    AUTH,
    SALT,
    UA_PRIVATE,
    UA_PUBLIC,
    private,
)

P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH_TEXT = "BTBZMqHH6r4Tts7J_aSIgg"
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABnpdbu"
KEYS = {"p256dh": P256DH, "auth": AUTH_TEXT}
SUBSCRIPTION = {"endpoint": ENDPOINT, "expirationTime": None, "keys": KEYS}
TOKEN = json.dumps(SUBSCRIPTION)

VAPID = Vapid(ec_key(), "mailto:push@example.com")
EPHEMERAL = Ephemeral(private(AS_PRIVATE), SALT)
POLICY = EndpointPolicy()
BROWSER_CHAT, BROWSER_CALL = evolve(CHAT, token=TOKEN), evolve(CALL, token=TOKEN)


def said(notification: Notification) -> dict[str, str]:
    target = subscription(notification.token)
    return dict(request(notification, target, VAPID, UNIX, ephemeral=EPHEMERAL).headers)


def read(notification: Notification) -> Any:
    target = subscription(notification.token)
    body = request(notification, target, VAPID, UNIX, ephemeral=EPHEMERAL).body
    return json.loads(unseal(body, private(UA_PRIVATE), AUTH))


def test_a_push_goes_to_its_endpoint() -> None:
    """RFC 8030 section 5."""
    target = subscription(TOKEN)
    made = request(BROWSER_CHAT, target, VAPID, UNIX, ephemeral=EPHEMERAL)
    origin = "https://updates.push.services.mozilla.com"
    assert (made.method, made.path) == ("POST", "/wpush/v2/gAAAAABnpdbu")
    assert made.headers == (
        ("authorization", VAPID.authorization(origin, UNIX)),
        ("ttl", "3600"),
        ("urgency", "high"),
        ("topic", topic("talk-7")),
        ("content-type", "application/octet-stream"),
        ("content-encoding", "aes128gcm"),
    )


def test_the_application_alone_reads_what_it_is_told() -> None:
    """RFC 8291."""
    assert read(BROWSER_CHAT) == {
        "id": ID, "kind": "chat", "enc": "aes128", "data": "c2VhbGVk",
    }  # fmt: skip
    body = request(
        BROWSER_CHAT, subscription(TOKEN), VAPID, UNIX, ephemeral=EPHEMERAL
    ).body  # fmt: skip
    assert b"chat" not in body and b"c2VhbGVk" not in body


@pytest.mark.parametrize(
    ("expires", "ttl"),
    [
        (UNIX + 30, "30"),
        (UNIX + 30.9, "30"),
        (UNIX, "0"),
        (UNIX - 5, "0"),
        (UNIX + LONGEST_TTL, "2419200"),
        (UNIX + LONGEST_TTL + 1, "2419200"),
    ],
)
def test_a_push_lives_as_long_as_somebody_wants_it(expires: float, ttl: str) -> None:
    """RFC 8030 section 5.2: a number of seconds, and never none at all."""
    assert said(evolve(BROWSER_CHAT, expires=expires))["ttl"] == ttl


@pytest.mark.parametrize(
    ("urgency", "word"),
    [(Urgency.CALL, "high"), (Urgency.ALERT, "high"), (Urgency.BACKGROUND, "low")],
)
def test_a_push_is_as_urgent_as_its_class(urgency: Urgency, word: str) -> None:
    """RFC 8030 section 5.3."""
    assert said(evolve(BROWSER_CHAT, urgency=urgency))["urgency"] == word


def test_a_newer_push_of_the_same_key_takes_the_place_of_an_older_one() -> None:
    """RFC 8030 section 5.4."""
    assert said(BROWSER_CALL)["topic"] == topic("call-91") != topic("call-92")
    assert "topic" not in said(evolve(BROWSER_CALL, collapse=None))


@given(st.text() | st.just("\ud800"))
def test_a_topic_says_nothing_and_is_taken_everywhere(key: str) -> None:
    """32 of the RFC's characters at most; Apple and Mozilla take letters and digits alone."""
    assert len(topic(key)) == 32 and topic(key).isalnum() and topic(key).isascii()
    assert len(key) < 8 or key not in topic(key)


@pytest.mark.parametrize(
    "token",
    [
        SUBSCRIPTION,
        {"endpoint": ENDPOINT, **KEYS},
        {"endpoint": ENDPOINT, "keys": {"p256dh": P256DH + "=", "auth": AUTH_TEXT + "=="}},
        {"endpoint": ENDPOINT, "keys": {"p256dh": P256DH.replace("-", "+").replace("_", "/"),
                                        "auth": AUTH_TEXT.replace("_", "/")}},
    ],
)  # fmt: skip
def test_a_subscription_is_read_however_it_was_written(token: dict[str, object]) -> None:
    found = subscription(json.dumps(token))
    assert found.keys == UserAgentKeys(UA_PUBLIC, AUTH)
    assert found.endpoint == Endpoint(
        "updates.push.services.mozilla.com", 443, "/wpush/v2/gAAAAABnpdbu"
    )


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("", "JSON"),
        (ENDPOINT, "JSON"),
        ("[]", "JSON"),
        ("[" * 3000, "JSON"),
        ("1" * 3000, "JSON"),
        (json.dumps({**SUBSCRIPTION, "more": "x" * LONGEST_TOKEN}), "JSON"),
        (json.dumps({"keys": KEYS}), "no endpoint"),
        (json.dumps({**SUBSCRIPTION, "endpoint": 7}), "no endpoint"),
        (json.dumps({**SUBSCRIPTION, "endpoint": "http://push.example.com/x"}), "https"),
        (json.dumps({**SUBSCRIPTION, "keys": None}), "keys"),
        (json.dumps({**SUBSCRIPTION, "keys": [P256DH, AUTH_TEXT]}), "keys"),
        (json.dumps({**SUBSCRIPTION, "keys": {"auth": AUTH_TEXT}}), "p256dh"),
        (json.dumps({**SUBSCRIPTION, "keys": {**KEYS, "p256dh": 1}}), "p256dh"),
        (json.dumps({**SUBSCRIPTION, "keys": {**KEYS, "p256dh": P256DH[:-4]}}), "p256dh"),
        (json.dumps({**SUBSCRIPTION, "keys": {**KEYS, "p256dh": P256DH[:-1] + "0"}}), "point"),
        (json.dumps({**SUBSCRIPTION, "keys": {**KEYS, "p256dh": "!" * 87}}), "p256dh"),
        (json.dumps({**SUBSCRIPTION, "keys": {"p256dh": P256DH}}), "auth"),
        (json.dumps({**SUBSCRIPTION, "keys": {**KEYS, "auth": AUTH_TEXT[:-2]}}), "auth"),
        (json.dumps({**SUBSCRIPTION, "keys": {**KEYS, "auth": AUTH_TEXT + "AA"}}), "auth"),
    ],
)
def test_what_is_no_subscription_is_told_and_not_shown(token: str, why: str) -> None:
    with pytest.raises(MalformedToken, match=why) as caught:
        subscription(token)
    assert caught.value.__context__ is None
    with pytest.raises(MalformedToken):
        check(evolve(CHAT, token=token), POLICY)


def test_nobody_is_called_whom_the_policy_forbids() -> None:
    token = json.dumps({**SUBSCRIPTION, "endpoint": "https://localhost/x"})
    with pytest.raises(ForbiddenEndpoint):
        check(evolve(CHAT, token=token), POLICY)
    check(evolve(CHAT, token=token), EndpointPolicy(inside=frozenset({"localhost"})))


def test_a_token_has_a_bound() -> None:
    subscription(TOKEN.ljust(LONGEST_TOKEN))
    with pytest.raises(MalformedToken):
        subscription(TOKEN.ljust(LONGEST_TOKEN + 1))


def test_keys_and_path_are_not_shown() -> None:
    shown = repr(subscription(TOKEN))
    assert "gAAAAAB" not in shown and repr(AUTH) not in shown


def filled(size: int) -> Notification:
    """Return a notification whose clear text is as large as that."""
    empty = evolve(BROWSER_CHAT, content={"data": ""})
    left = size - len(json.dumps(read(empty), separators=(",", ":")))
    return evolve(empty, content={"data": "x" * left})


def test_the_limit_is_known_before_a_push_is_accepted() -> None:
    """RFC 8030 section 7.2: 4096 octets, of which encryption takes 103."""
    largest = filled(LARGEST_CLEAR)
    check(largest, POLICY)
    made = request(largest, subscription(TOKEN), VAPID, UNIX, ephemeral=EPHEMERAL)
    assert len(made.body) == LARGEST
    with pytest.raises(TooLarge) as caught:
        check(filled(LARGEST_CLEAR + 1), POLICY)
    assert (caught.value.size, caught.value.limit) == (3994, 3993)
    with pytest.raises(TooLarge):
        said(filled(LARGEST_CLEAR + 1))


@pytest.mark.parametrize(
    ("content", "error"), [({"id": "x"}, ReservedName), ({"data": "\ud800"}, NoText)]
)
def test_content_that_cannot_be_said(content: dict[str, str], error: type[Unsayable]) -> None:
    with pytest.raises(error):
        check(evolve(BROWSER_CHAT, content=content), POLICY)


SUBSCRIPTIONISH = st.fixed_dictionaries(
    {},
    optional={
        "endpoint": st.just(ENDPOINT) | JSON,
        "keys": st.fixed_dictionaries(
            {}, optional={"p256dh": st.just(P256DH) | JSON, "auth": st.just(AUTH_TEXT) | JSON}
        )
        | JSON,
        "p256dh": st.just(P256DH) | JSON,
        "auth": JSON,
    },
).map(json.dumps)


@given(st.text(max_size=200) | JSON.map(json.dumps) | SUBSCRIPTIONISH)
def test_any_token_is_a_subscription_or_malformed(token: str) -> None:
    try:
        found = subscription(token)
    except MalformedToken as error:
        assert error.__context__ is None
    else:
        assert len(found.keys.public_key) == 65 and len(found.keys.secret) == 16


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=1500), max_size=4))
def test_any_content_is_said_or_refused(content: dict[str, str]) -> None:
    notification = evolve(BROWSER_CHAT, content=content)
    try:
        check(notification, POLICY)
    except Unsayable:
        return
    assert read(notification) == {"id": ID, "kind": "chat", **content}


def test_the_origin_is_read_without_looking_at_the_keys() -> None:
    """It is asked of every push, to find its lane."""
    assert origin_of('{"endpoint": "https://push.example.com:8443/x"}') == (
        "https://push.example.com:8443"
    )
    for wrong in ("", "[]", "{}", '{"endpoint": 7}', '{"endpoint": "http://push.example.com/"}'):
        with pytest.raises(MalformedToken):
            origin_of(wrong)
