"""Requests to Web Push services (RFC 8030): browsers', and those of UnifiedPush."""

import hashlib
import json

from attrs import frozen

from procall_mobility.protocols.push.contents import application_data, json_octets
from procall_mobility.protocols.push.endpoints import Endpoint, EndpointPolicy, endpoint
from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import MalformedToken, TooLarge
from procall_mobility.protocols.push.vapid import Vapid
from procall_mobility.protocols.push.web_push_encryption import (
    LARGEST_CLEAR,
    PUBLIC_KEY,
    SECRET,
    Ephemeral,
    UserAgentKeys,
    base64_octets,
    seal,
)

LONGEST_TOKEN = 4096
"""Characters: an endpoint, both keys, and what browsers add to them."""

LONGEST_TTL = 2_419_200
"""Seconds: four weeks.  Google refuses more, Mozilla more than 30 days."""

LONGEST_TOPIC = 32
"""Characters (RFC 8030 section 5.4)."""

URGENCIES = {
    Urgency.CALL: "high",
    # "normal" would wait until a sleeping phone looks up by itself, which can take hours.
    Urgency.ALERT: "high",
    Urgency.BACKGROUND: "low",
}
"""RFC 8030 section 5.3."""


@frozen
class Subscription:
    """Where an application takes messages, and what they are enciphered with."""

    endpoint: Endpoint
    keys: UserAgentKeys


def subscription(token: str) -> Subscription:
    """Read a token: a browser's `PushSubscription` in JSON, with `keys` or their members beside.

    Raises:
        MalformedToken: it is none.
    """
    said = _members(token)
    keys = said.get("keys", said)
    if not isinstance(keys, dict):
        raise MalformedToken("keys is no JSON object")
    where = _endpoint(said)
    published = _keys(_octets(keys, "p256dh", PUBLIC_KEY), _octets(keys, "auth", SECRET))
    if published is None:
        raise MalformedToken("p256dh is no point of P-256")
    return Subscription(where, published)


def origin_of(token: str) -> str:
    """Return the origin of a subscription's endpoint; its keys are not looked at.

    Raises:
        MalformedToken: it has none.
    """
    return _endpoint(_members(token)).origin


def check(notification: Notification, policy: EndpointPolicy) -> None:
    """Find out whether a notification can be said to a push service, before it is accepted.

    Raises:
        Unsayable: it cannot, or not there; what is wrong is its class.
    """
    policy.check(subscription(notification.token).endpoint)
    _clear(notification)


def request(
    notification: Notification,
    target: Subscription,
    vapid: Vapid,
    unix: float,
    *,
    ephemeral: Ephemeral,
) -> ProviderRequest:
    """Say a notification to the push service at `target.endpoint.origin`.

    Raises:
        Unsayable: it cannot be said.
    """
    sealed = seal(_clear(notification), target.keys, ephemeral)
    return ProviderRequest(
        path=target.endpoint.path,
        headers=(
            ("authorization", vapid.authorization(target.endpoint.origin, unix)),
            *delivery_headers(notification, unix),
            ("content-type", "application/octet-stream"),
            ("content-encoding", "aes128gcm"),
        ),
        body=sealed,
    )


def delivery_headers(notification: Notification, unix: float) -> tuple[tuple[str, str], ...]:
    """Return what a push service does about a message (RFC 8030 sections 5.2 to 5.4)."""
    headers = (
        ("ttl", str(min(notification.ttl(unix), LONGEST_TTL))),
        ("urgency", URGENCIES[notification.urgency]),
    )
    if notification.collapse is None:
        return headers
    return (*headers, ("topic", topic(notification.collapse)))


def topic(key: str) -> str:
    """Return the topic of a collapse key: its digest, for a push service can read topics.

    It is written in digits and letters alone: Apple and Mozilla take no others, whatever the RFC
    allows.
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:LONGEST_TOPIC]


def _clear(notification: Notification) -> bytes:
    clear = json_octets(application_data(notification))
    if len(clear) > LARGEST_CLEAR:
        raise TooLarge(len(clear), LARGEST_CLEAR)
    return clear


def _members(token: str) -> dict[str, object]:
    value = _json(token) if len(token) <= LONGEST_TOKEN else None
    if not isinstance(value, dict):
        raise MalformedToken("a token of Web Push is a subscription in JSON")
    return value


def _endpoint(said: dict[str, object]) -> Endpoint:
    where = said.get("endpoint")
    if not isinstance(where, str):
        raise MalformedToken("the subscription has no endpoint")
    return endpoint(where)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None  # The error would hold the token.


def _keys(public_key: bytes, secret: bytes) -> UserAgentKeys | None:
    try:
        return UserAgentKeys(public_key, secret)
    except ValueError:
        return None


def _octets(keys: dict[str, object], name: str, length: int) -> bytes:
    text = keys.get(name)
    octets = base64_octets(text) if isinstance(text, str) else None
    if octets is None or len(octets) != length:
        raise MalformedToken(f"{name} is no base64 of {length} octets")
    return octets
