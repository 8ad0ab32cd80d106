"""Matrix's Push Gateway API (v1): what homeservers post to have devices told something.

Homeservers differ in what they tell, and try again for a day what was refused: only what a push
cannot do without has to be right, and all else is left out where it is not.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push.messages import LONGEST_TOKEN

PATH: Final = "/_matrix/push/v1/notify"

EVENT_ID_ONLY: Final = "event_id_only"
"""The format of devices that fetch events themselves: only ids and counts pass through us."""

MOST_DEVICES: Final = 100
"""Of one notification; Synapse names one, and nobody has so many."""

LONGEST_ID: Final = 255
"""Octets of ids of events, rooms and users (Client-Server API, appendix 4.2)."""

LONGEST_NAME: Final = 512
"""Characters of names for people; longer ones are left out."""

LONGEST_CONTENT: Final = 4096
"""Characters of an event's content as JSON; no provider takes more."""

SPOKEN: Final = ("type", "sender", "sender_display_name", "room_name", "room_alias", "membership")
"""Texts about an event that are no secret to the homeserver's operator, and one to ours."""


class MatrixError(PeerError):
    """A body that is no notification; `reason` is Matrix's code for that."""


@frozen(kw_only=True)
class Device:
    """One of the devices a notification is for."""

    app_id: str
    pushkey: str = field(repr=False)
    registered: float | None = None
    """Unix seconds of when the homeserver was told the pushkey last."""
    format: str | None = None
    """What the device wants to be told; None: everything."""
    payload: Mapping[str, Any] = field(factory=dict, repr=False)
    """Members the application wants to find in each push (`default_payload`)."""
    tweaks: Mapping[str, Any] = field(factory=dict)
    """What push rules want to be different: `sound`, `highlight`."""


@frozen(kw_only=True)
class Notify:
    """A notification, about an event or about counts alone."""

    devices: tuple[Device, ...]
    event_id: str | None = None
    room_id: str | None = None
    is_urgent: bool = True
    """`prio`."""
    counts: Mapping[str, int] = field(factory=dict)
    spoken: Mapping[str, str] = field(factory=dict, repr=False)
    """Those of `SPOKEN` that were told."""
    content: str | None = field(default=None, repr=False)
    """Texts and numbers of the event's content as JSON; None of none, or of too many."""
    lifetime: float | None = None
    """Seconds a call rings, where its event says so."""


def read(body: bytes) -> Notify:
    """Read the body of a request.

    Raises:
        MatrixError: it is no notification.
    """
    try:
        told = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise MatrixError("M_NOT_JSON", "the body is no JSON") from None
    told = _mapping(told).get("notification")
    if not isinstance(told, dict):
        raise MatrixError("M_BAD_JSON", "`notification` is no JSON object")
    devices = told.get("devices")
    if not isinstance(devices, list) or not devices:
        raise MatrixError("M_MISSING_PARAM", "`devices` is no list, or an empty one")
    if len(devices) > MOST_DEVICES:
        raise MatrixError("M_TOO_LARGE", f"a notification has at most {MOST_DEVICES} devices")
    spoken = {name: _text(told, name, LONGEST_NAME) for name in SPOKEN}
    content = _mapping(told.get("content"))
    return Notify(
        devices=tuple(_device(each) for each in devices),
        event_id=_id(told, "event_id"),
        room_id=_id(told, "room_id"),
        is_urgent=told.get("prio") != "low",
        counts=_counts(told.get("counts")),
        spoken={name: text for name, text in spoken.items() if text is not None},
        content=_said(content),
        lifetime=_lifetime(content.get("lifetime")),
    )


def _no_number(name: str) -> None:
    raise ValueError(name)  # Python knows more numbers than JSON.


def _device(told: Any) -> Device:
    if not isinstance(told, dict):
        raise MatrixError("M_BAD_JSON", "a device is no JSON object")
    app_id = _text(told, "app_id", LONGEST_ID)
    pushkey = _text(told, "pushkey", LONGEST_TOKEN)
    if app_id is None or pushkey is None:
        text = "a device has an `app_id` and a `pushkey`, which are texts of bounded length"
        raise MatrixError("M_MISSING_PARAM", text)
    data = _mapping(told.get("data"))
    form = data.get("format")
    return Device(
        app_id=app_id,
        pushkey=pushkey,
        registered=_moment(told.get("pushkey_ts")),
        format=form if isinstance(form, str) else None,
        payload=_mapping(data.get("default_payload")),
        tweaks=_mapping(told.get("tweaks")),
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(told: dict[str, Any], member: str, longest: int) -> str | None:
    text = told.get(member)
    return text if isinstance(text, str) and 0 < len(text) <= longest else None


def _id(told: dict[str, Any], member: str) -> str | None:
    """Return an id; one that is none is an error, as a push without it would be another push."""
    if told.get(member) is None:
        return None
    text = _text(told, member, LONGEST_ID)
    if text is None or not text.isprintable():
        raise MatrixError("M_INVALID_PARAM", f"`{member}` is no id of at most {LONGEST_ID} octets")
    return text


def _said(content: dict[str, Any]) -> str | None:
    """Write what can be told of an event's content: once, however many devices it is for."""
    flat = {
        name: value
        for name, value in content.items()
        if isinstance(value, str | int)  # Events have no other numbers.
    }
    text = json.dumps(flat, ensure_ascii=False, separators=(",", ":"))
    return text if flat and len(text) <= LONGEST_CONTENT else None


def _lifetime(value: Any) -> float | None:
    """Return seconds; they are told in milliseconds."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value / 1000 if is_number and 1000 <= value <= 3_600_000 else None


def _moment(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < 1e12 else None


def _counts(told: Any) -> dict[str, int]:
    counts = {name: _mapping(told).get(name) for name in ("unread", "missed_calls")}
    return {
        name: count
        for name, count in counts.items()
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 1e9
    }
