"""Requests to the Apple Push Notification service (HTTP/2, "Sending notification requests")."""

import enum
from collections.abc import Mapping

from attrs import field, frozen
from attrs.validators import instance_of, matches_re

from procall_mobility.protocols.push.contents import (
    application_data,
    flat_json,
    json_octets,
    most_octets,
    short_key,
)
from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import MalformedToken, TooLarge

PRODUCTION, SANDBOX = "api.push.apple.com", "api.sandbox.push.apple.com"
"""The hosts; both listen on 443 and on 2197."""

LARGEST, LARGEST_VOIP = 4096, 5120
"""Octets of a body."""

LONGEST_STORED = 30 * 86_400
"""Seconds; Apple keeps nothing longer."""

RESERVED = frozenset({"aps"})

SHORTEST_TOKEN, LONGEST_TOKEN = 8, 100
"""Octets.  Apple promises no length.  Those of phones have 32, 100 have been announced; a token
becomes part of a path, and so nothing but digits passes."""

TOPIC = r"[A-Za-z0-9][A-Za-z0-9.-]{0,199}\Z"
"""Letters, digits, hyphens and dots; longer than any bundle id with its suffix."""

_BODY = b'{"aps":%b,%b'

TITLE = r"(?s).{1,100}\Z"


class PushType(enum.StrEnum):
    """What iOS does with a push."""

    ALERT = "alert"
    """Shows it, after the application's extension has made it readable."""
    BACKGROUND = "background"
    """Wakes the application two or three times an hour, and shows nothing."""
    VOIP = "voip"
    """Wakes the application at once; it must show a call, or iOS will stop waking it."""


TYPES: Mapping[str, PushType] = {
    "avnewcall": PushType.ALERT,
    "avdropcall": PushType.BACKGROUND,
    "chat": PushType.ALERT,
    "journal": PushType.ALERT,
    "check": PushType.BACKGROUND,
    "matrix.event": PushType.ALERT,
}
"""Of kinds (Wire 7.3), on tokens that are not for calls.  An alert about a call that is over would
be one too many; a check of the way to a device shall disturb nobody.  What a Matrix homeserver
calls low is to be shown, if not at once."""


@frozen(kw_only=True)
class ApnsTarget:
    """An application, as its developer has registered it with Apple."""

    topic: str = field(validator=[instance_of(str), matches_re(TOPIC)])
    """The bundle id."""
    voip_topic: str = field(validator=[instance_of(str), matches_re(TOPIC)])
    title: str = field(validator=[instance_of(str), matches_re(TITLE)])
    """Stands on the screen where the application's extension did not get to make a better one.  It
    is the same for everybody, and says nothing about who calls or writes."""
    sandbox: bool = False
    """Whether its tokens are those of development builds."""
    aps: Mapping[PushType, bytes] = field(init=False, repr=False, eq=False)
    """What is said to iOS itself, as it stands in bodies."""

    @voip_topic.default
    def _voip_topic(self) -> str:
        return f"{self.topic}.voip"

    @aps.default
    def _aps(self) -> Mapping[PushType, bytes]:
        alert = {"alert": {"title": self.title}, "sound": "default", "mutable-content": 1}
        return {
            PushType.ALERT: json_octets(alert),
            PushType.BACKGROUND: json_octets({"content-available": 1}),
            PushType.VOIP: json_octets({}),
        }

    @property
    def host(self) -> str:
        """Where its pushes go."""
        return SANDBOX if self.sandbox else PRODUCTION


# Looking a member of an enumeration up takes as long as a call, and this is done for each push.
_ALERT, _BACKGROUND, _VOIP = PushType.ALERT, PushType.BACKGROUND, PushType.VOIP
_CALM = Urgency.BACKGROUND


def push_type(notification: Notification) -> PushType:
    """Return how a notification is put to iOS.

    A token for calls is good for calls alone, whatever has happened: it has a topic of its own.
    """
    if notification.is_voip:
        return _VOIP
    kind = TYPES.get(notification.kind)
    if kind is None:
        return _BACKGROUND if notification.urgency is _CALM else _ALERT
    return kind


def limit(notification: Notification) -> int:
    """Return how many octets a body may have."""
    return LARGEST_VOIP if notification.is_voip else LARGEST


def check(notification: Notification, target: ApnsTarget) -> None:
    """Find out whether a notification can be said to APNs, before it is accepted.

    Raises:
        Unsayable: it cannot; what is wrong is its class.
    """
    _path(notification)
    kind = push_type(notification)
    most = most_octets(application_data(notification, RESERVED))
    # Of most it is plain that they are small enough.
    if most is None or most + len(target.aps[kind]) > LARGEST - len(_BODY):
        _body(notification, target, kind)


def request(
    notification: Notification, target: ApnsTarget, token: str | None, unix: float
) -> ProviderRequest:
    """Say a notification to APNs.

    `token` is the team's; None where the connection has a certificate.

    Raises:
        Unsayable: it cannot be said.
    """
    kind = push_type(notification)
    is_calm = notification.urgency is _CALM and kind is not _VOIP
    headers: tuple[tuple[str, str], ...] = (
        ("apns-topic", target.voip_topic if kind is _VOIP else target.topic),
        ("apns-push-type", kind),
        # 10 is an error for background pushes; 1 would let alerts wait for the next look at the
        # phone.
        ("apns-priority", "5" if kind is _BACKGROUND or is_calm else "10"),
        ("apns-expiration", str(_expiration(notification, unix))),
        ("apns-id", notification.id),
        ("apns-collapse-id", collapse_id(notification)),
    )
    if token is not None:
        headers = (("authorization", f"bearer {token}"), *headers)
    return ProviderRequest(
        path=_path(notification), headers=headers, body=_body(notification, target, kind)
    )


def collapse_id(notification: Notification) -> str:
    """Return what a newer push of the same key has in common with this one.

    Without a key that is the push itself: sent twice, as nobody knew whether it had arrived, it
    is still shown once.
    """
    return short_key(notification.collapse) if notification.collapse else notification.id


def _path(notification: Notification) -> str:
    token = notification.token
    try:
        octets = len(bytes.fromhex(token))
    except ValueError:
        octets = 0  # That error is not to be the context of ours.
    # It would have left out blanks.
    if 2 * octets != len(token) or not SHORTEST_TOKEN <= octets <= LONGEST_TOKEN:
        raise MalformedToken("a token of Apple's is hexadecimal, of 16 to 200 digits")
    return f"/3/device/{token.lower()}"


def _expiration(notification: Notification, unix: float) -> int:
    # 0: one attempt, and nothing is kept.
    left = notification.expires - unix
    return int(unix + min(left, LONGEST_STORED)) if left >= 1 else 0


def _body(notification: Notification, target: ApnsTarget, kind: PushType) -> bytes:
    members = flat_json(application_data(notification, RESERVED))
    body = _BODY % (target.aps[kind], members[1:])
    if len(body) > LARGEST and len(body) > limit(notification):
        raise TooLarge(len(body), limit(notification))
    return body
