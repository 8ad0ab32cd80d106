"""Requests to Huawei's Push Kit: Android (v1) and HarmonyOS 5 and later (v3)."""

import enum
import hashlib
import re

from attrs import field, frozen
from attrs.validators import instance_of, matches_re

from procall_mobility.protocols.push import oauth_requests
from procall_mobility.protocols.push.contents import application_data, json_octets, short_key
from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import MalformedToken, TooLarge

HOST = "push-api.cloud.huawei.com"

TOKEN_HOST = "oauth-login.cloud.huawei.com"  # noqa: S105  # A name, no secret.
"""Who gives out access tokens, for Android alone; they last an hour."""

LARGEST = 4096
"""Octets of a body, without the device's token."""

LONGEST_TTL = 1_296_000
"""Seconds: fifteen days."""

SILENT_KINDS = frozenset({"avdropcall", "check"})
"""Of kinds (Wire 7.3): what an application looks after by itself, and nobody is shown."""

_TOKEN = re.compile(r"[!#-\[\]-~]{16,1024}", re.ASCII)
"""Huawei promises neither length nor letters; those seen have 100 to 200."""

IDENTIFIER = r"[0-9A-Za-z]{1,64}\Z"
TEXT = r"(?s).{1,100}\Z"
CATEGORY = r"[A-Z_]{1,32}\Z"


class System(enum.Enum):
    """What runs on the device; each has its interface."""

    ANDROID = "android"
    """HarmonyOS up to version 4 as well."""
    HARMONY = "harmony"


class Manner(enum.Enum):
    """How a device goes about a notification."""

    RING = "ring"
    """The application is started, or its call is put on the screen."""
    SHOW = "show"
    """The system shows a text, the application starts when it is touched."""
    TELL = "tell"
    """The application gets it if it runs."""


PUSH_TYPES = {Manner.SHOW: "0", Manner.TELL: "6", Manner.RING: "10"}
"""HarmonyOS's."""


@frozen(kw_only=True)
class HmsTarget:
    """An application, as its developer has registered it with Huawei."""

    system: System
    id: str = field(validator=[instance_of(str), matches_re(IDENTIFIER)])
    """Android: the OAuth client id.  HarmonyOS: the project's."""
    title: str = field(validator=[instance_of(str), matches_re(TEXT)])
    body: str = field(validator=[instance_of(str), matches_re(TEXT)])
    """Title and text of what the system shows: the same for everybody, and they say nothing about
    who calls or writes."""
    category: str = field(default="IM", validator=[instance_of(str), matches_re(CATEGORY)])
    """What Huawei has granted the application for messages; without a grant, it counts them as
    advertisements."""
    may_ring: bool = True
    """Whether Huawei has granted it calls (HarmonyOS) or data of high priority (Android)."""


def manner(notification: Notification, target: HmsTarget) -> Manner:
    """Return how a notification is put to the device."""
    if notification.kind in SILENT_KINDS or notification.urgency is Urgency.BACKGROUND:
        return Manner.TELL
    if notification.urgency is Urgency.CALL and target.may_ring:
        return Manner.RING
    return Manner.SHOW


def check(notification: Notification, target: HmsTarget) -> None:
    """Find out whether a notification can be said to Huawei, before it is accepted.

    Raises:
        Unsayable: it cannot; what is wrong is its class.
    """
    # The longest number there is for seconds, so that what is accepted can be said later as well.
    _body(notification, target, LONGEST_TTL)


def request(
    notification: Notification, target: HmsTarget, token: str, unix: float
) -> ProviderRequest:
    """Say a notification to Huawei.

    `token` is an access token (Android) or one of the account's own (HarmonyOS, `HmsTokens`).

    Raises:
        Unsayable: it cannot be said.
    """
    # No second at all is refused; a call that is over by then is dropped by the application.
    ttl = max(1, min(notification.ttl(unix), LONGEST_TTL))
    headers = [
        ("authorization", f"Bearer {token}"),
        ("content-type", "application/json; charset=utf-8"),
    ]
    if target.system is System.HARMONY:
        headers.append(("push-type", PUSH_TYPES[manner(notification, target)]))
    version = "v1" if target.system is System.ANDROID else "v3"
    return ProviderRequest(
        path=f"/{version}/{target.id}/messages:send",
        headers=tuple(headers),
        body=_body(notification, target, ttl),
    )


def token_request(client: str, secret: str) -> ProviderRequest:
    """Ask `TOKEN_HOST` for an access token; asked too often, it refuses for a while."""
    return oauth_requests.client_credentials("/oauth2/v3/token", client, secret)


def _body(notification: Notification, target: HmsTarget, ttl: int) -> bytes:
    if not _TOKEN.fullmatch(notification.token):
        raise MalformedToken("a token of Huawei's is 16 or more visible characters")
    make = _android if target.system is System.ANDROID else _harmony
    body = json_octets(make(notification, target, ttl))
    size = len(body) - len(notification.token)
    if size > LARGEST:
        raise TooLarge(size, LARGEST)
    return body


def _android(notification: Notification, target: HmsTarget, ttl: int) -> dict[str, object]:
    # No collapse_key: of those that meet in one of its hundred groups, a phone that was away gets
    # the newest alone, whatever they were about.
    how = manner(notification, target)
    is_urgent = notification.urgency is Urgency.CALL and target.may_ring
    android: dict[str, object] = {"ttl": f"{ttl}s"}
    if how is Manner.SHOW:
        android["category"] = target.category
        android["notification"] = {
            "title": target.title,
            "body": target.body,
            "click_action": {"type": 3},
            **({"tag": short_key(notification.collapse)} if notification.collapse else {}),
        }
    else:
        android["urgency"] = "HIGH" if is_urgent else "NORMAL"
        if is_urgent:
            android["category"] = "VOIP"
    data = json_octets(application_data(notification)).decode()
    return {"message": {"data": data, "android": android, "token": [notification.token]}}


def _harmony(notification: Notification, target: HmsTarget, ttl: int) -> dict[str, object]:
    data = application_data(notification)
    payload: dict[str, object]
    if manner(notification, target) is Manner.SHOW:
        payload = {"notification": _harmony_text(notification, target, data)}
    else:
        payload = {"extraData": json_octets(data).decode()}
    return {
        "payload": payload,
        "pushOptions": {"ttl": ttl},
        "target": {"token": [notification.token]},
    }


def _harmony_text(
    notification: Notification, target: HmsTarget, data: dict[str, str]
) -> dict[str, object]:
    text: dict[str, object] = {
        "category": target.category,
        "title": target.title,
        "body": target.body,
        "clickAction": {"actionType": 0, "data": data},
        # An application that is in front shows it better itself.
        "foregroundShow": False,
        # Sent twice, as nobody knew whether it had arrived, it is still shown once.
        "appMessageId": notification.id,
    }
    if notification.collapse:
        digest = hashlib.sha256(notification.collapse.encode("utf-8", "surrogatepass")).digest()
        text["notifyId"] = int.from_bytes(digest[:4]) & 0x7FFFFFFF
    return text
