"""What devices are told of a Matrix notification, in our words.

A push says as much as its device wants, or as fits: an application that was told the ids alone
fetches the event.  So nothing is refused for its size, which would have the homeserver hold back
all that comes after it.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve

from procall_mobility.protocols.push.contents import OURS
from procall_mobility.protocols.push.matrix import EVENT_ID_ONLY, SPOKEN, Device, Notify
from procall_mobility.protocols.push.messages import CALL, DAY
from procall_mobility.protocols.push.notification import Notification, Urgency

EVENT, RING, COUNTS = "matrix.event", "matrix.call", "matrix.counts"
"""Kinds: something has happened in a room, a phone is to ring, only counts have changed."""

KINDS: Final = frozenset({EVENT, RING, COUNTS})

CALLS: Final = frozenset(
    {
        "m.call.invite",
        "m.call.notify",
        "m.rtc.notification",
        "org.matrix.msc4075.call.notify",
        "org.matrix.msc4075.rtc.notification",
    }
)
"""Types of events by which calls begin: of one to one (`m.call`) and of MatrixRTC."""

RINGING: Final = "ring"
"""The sound that push rules give to calls (Client-Server API, `.m.rule.call`)."""

MOST_MEMBERS: Final = 16
"""Of an application's own."""

_MEMBER = re.compile(r"(?!aps\Z|from\Z|google|gcm)[A-Za-z0-9_.-]{1,64}", re.ASCII)
"""Names of them; those that providers keep for themselves are left out."""

_TAKEN: Final = frozenset(
    {*OURS, *SPOKEN, "event_id", "room_id", "prio", "unread", "missed_calls", "content"}
)
"""Names that mean something here already."""

_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}", re.ASCII)


def pushes(
    notify: Notify, device: Device, *, name: str, token: str, unix: float
) -> list[Notification]:
    """Return the push for a device, and shorter forms of it for where that is too large.

    `name` is its id, and `token` what the provider knows the device by.
    """
    kind, urgency, ttl = _kind(notify, device)
    fullest = Notification(
        id=name,
        kind=kind,
        token=token,
        urgency=urgency,
        expires=unix + ttl,
        # The next count makes this one worthless; no event does that to another.
        collapse=COUNTS if kind == COUNTS else None,
        content={**_own(device.payload), **_spoken(notify, device), **_lean(notify)},
    )
    forms = [
        fullest,
        evolve(fullest, content={**_own(device.payload), **_lean(notify)}),
        evolve(fullest, content=_lean(notify)),
    ]
    return [form for place, form in enumerate(forms) if form not in forms[:place]]


def apple_token(pushkey: str) -> str:
    """Return the token in a pushkey of Apple's: most applications write it in base64."""
    if _HEX.fullmatch(pushkey):
        return pushkey
    try:
        return base64.b64decode(pushkey, validate=True).hex()
    except (binascii.Error, ValueError):
        return pushkey  # Whoever checks tokens will say what is wrong.


def as_notification(notification: Notification) -> dict[str, Any]:
    """Return the body of a notification again, as it is put to UnifiedPush's applications."""
    told: dict[str, Any] = dict(notification.content)
    counts = {name: told.pop(name) for name in ("unread", "missed_calls") if name in told}
    if "content" in told:
        told["content"] = _value(told["content"])
    told |= {"id": notification.id, "counts": {name: _value(n) for name, n in counts.items()}}
    return {"notification": told}


def _value(text: str) -> Any:
    """Read what was written as JSON; what never was is itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _kind(notify: Notify, device: Device) -> tuple[str, Urgency, float]:
    if notify.event_id is None:
        return COUNTS, Urgency.BACKGROUND, DAY
    if notify.spoken.get("type") in CALLS or device.tweaks.get("sound") == RINGING:
        return RING, Urgency.CALL, notify.lifetime or CALL
    return EVENT, Urgency.ALERT if notify.is_urgent else Urgency.BACKGROUND, 7 * DAY


def _lean(notify: Notify) -> dict[str, str]:
    """Return what every device is told: nothing of it says who wrote what."""
    said = {name: str(count) for name, count in notify.counts.items()}
    if notify.event_id is not None:
        said["event_id"] = notify.event_id
        said["prio"] = "high" if notify.is_urgent else "low"
    if notify.room_id is not None:
        said["room_id"] = notify.room_id
    return said


def _spoken(notify: Notify, device: Device) -> dict[str, str]:
    """Return what only devices are told that have asked for no less."""
    if device.format == EVENT_ID_ONLY:
        return {}
    content = {} if notify.content is None else {"content": notify.content}
    return {**notify.spoken, **content}


def _own(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the members an application wants to find again, as it has named them."""
    own = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in payload.items()
        if isinstance(value, str | int) and _MEMBER.fullmatch(name) and name not in _TAKEN
    }
    return dict(list(own.items())[:MOST_MEMBERS])
