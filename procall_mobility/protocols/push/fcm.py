"""Requests to Firebase Cloud Messaging, HTTP v1 (`projects.messages.send`)."""

import re

from attrs import field, frozen
from attrs.validators import instance_of, matches_re

from procall_mobility.protocols.push.contents import application_data, flat_json, short_key
from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import MalformedToken, ReservedName, TooLarge

HOST = "fcm.googleapis.com"

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
"""What an access token must be good for."""

LARGEST = 4096
"""Octets of data.  Google does not say how it counts them; we count the JSON, which is most."""

LONGEST_TTL = 2_419_200
"""Seconds: four weeks."""

RESERVED = frozenset({"from", "message_type", "collapse_key"})
RESERVED_BEGINNINGS = ("google", "gcm")

_TOKEN = re.compile(r"[A-Za-z0-9_:%.-]{20,4096}", re.ASCII)
"""Google promises neither length nor letters; those seen have 140 to 250 of these."""

_PROJECT = r"[a-z0-9][a-z0-9.:-]{0,99}\Z"
"""A project's id, or its number; those of a domain have its name and a colon before them."""


@frozen(kw_only=True)
class FcmTarget:
    """The project an application belongs to."""

    project: str = field(validator=[instance_of(str), matches_re(_PROJECT)])


def check(notification: Notification) -> None:
    """Find out whether a notification can be said to FCM, before it is accepted.

    Raises:
        Unsayable: it cannot; what is wrong is its class.
    """
    _token(notification)
    _data(notification)


def request(
    notification: Notification,
    target: FcmTarget,
    token: str,
    unix: float,
    *,
    is_rehearsal: bool = False,
) -> ProviderRequest:
    """Say a notification to FCM, as data for the application alone.

    `token` is an access token; a rehearsal is judged by FCM and not delivered.

    Raises:
        Unsayable: it cannot be said.
    """
    body = b'{"message":{"token":"%b","data":%b,"android":%b}%b}' % (
        _token(notification).encode(),
        _data(notification),
        flat_json(_android(notification, unix)),
        b',"validate_only":true' if is_rehearsal else b"",
    )
    return ProviderRequest(
        path=f"/v1/projects/{target.project}/messages:send",
        headers=(
            ("authorization", f"Bearer {token}"),
            ("content-type", "application/json; charset=utf-8"),
        ),
        body=body,
    )


def _token(notification: Notification) -> str:
    if not _TOKEN.fullmatch(notification.token):
        raise MalformedToken("a token of FCM's is 20 or more letters, digits and _:%.-")
    return notification.token


def _data(notification: Notification) -> bytes:
    members = application_data(notification, RESERVED)
    if any(name.startswith(RESERVED_BEGINNINGS) for name in notification.content):
        raise ReservedName("the content has a member with a name that begins like Google's own")
    data = flat_json(members)
    if len(data) > LARGEST:
        raise TooLarge(len(data), LARGEST)
    return data


def _android(notification: Notification, unix: float) -> dict[str, str]:
    is_calm = notification.urgency is Urgency.BACKGROUND
    left = min(notification.expires - unix, LONGEST_TTL)
    # A call keeps its seconds: with 0 a phone that is between two networks would not ring.
    android = {
        "priority": "normal" if is_calm else "high",
        "ttl": f"{int(left) if left >= 1 else 0}s",
    }
    if is_calm and notification.collapse is not None:
        # FCM keeps four keys for a phone that is away and drops any of the others, and it slows
        # down what has one: nothing that somebody waits for may be lost to that.
        android["collapse_key"] = short_key(notification.collapse)
    return android
