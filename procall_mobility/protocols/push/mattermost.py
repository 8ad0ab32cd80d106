"""The API of Mattermost's push proxy (v1): what Mattermost servers post, and are answered.

A server reads the JSON of every answer, whatever its status; it tries nothing again, and forgets
a device when it is told to remove it.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push.messages import CALL, DAY, LONGEST_TOKEN
from procall_mobility.protocols.push.notification import Notification, Urgency

SEND, ACKNOWLEDGE, VERSION = "/api/v1/send_push", "/api/v1/ack", "/version"
"""Where."""

OK: Final = {"status": "OK"}
REMOVE: Final = {"status": "REMOVE"}

LONGEST_WORD: Final = 128
"""Characters of ids, platforms and types; Mattermost's own ids have 26."""

LONGEST_TEXT: Final = 2047
"""Characters; what is longer is cut, as by other proxies."""

WORDS: Final = (
    "ack_id", "server_id", "type", "sub_type", "category", "sound", "version", "team_id",
    "channel_id", "post_id", "root_id", "sender_id", "signature",
)  # fmt: skip
"""Members every device is told: nothing of them says what was written."""

SPOKEN: Final = (
    "message", "channel_name", "sender_name", "override_username", "override_icon_url",
    "from_webhook",
)  # fmt: skip
"""Members that do; devices that load posts by their ids are not told them."""

TYPES: Final = ("message", "clear", "update_badge", "session", "test")
"""What pushes are about."""

SILENT: Final = frozenset({"clear", "update_badge"})
"""Types that shall disturb nobody."""

CALLS: Final = "calls"
"""The sub-type of messages that a call has begun."""

TEST: Final = "test"


class MattermostError(PeerError):
    """A body that is none."""


@frozen(kw_only=True)
class SendPush:
    """A push for one device."""

    server_id: str
    platform: str
    """`apple_rn`, `android_rn` ..., without the version of the application behind it."""
    device_id: str = field(repr=False)
    type: str
    sub_type: str = ""
    ack_id: str = ""
    """Names the push; every device has another one."""
    words: Mapping[str, str] = field(factory=dict, repr=False)
    spoken: Mapping[str, str] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class Acknowledgement:
    """A device has received a push."""

    id: str
    platform: str
    type: str


def read(body: bytes) -> SendPush:
    """Read a push.

    Raises:
        MattermostError: it is none.
    """
    told = _object(body)
    device = told.get("device_id")
    if not isinstance(device, str) or not 0 < len(device) <= LONGEST_TOKEN:
        raise MattermostError("bad-push", "`device_id` is missing, or no device")
    numbers = {
        name: str(told[name])
        for name in ("badge",)
        if isinstance(told.get(name), int) and not isinstance(told.get(name), bool)
    }
    flags = {name: "true" for name in ("is_id_loaded", "is_crt_enabled") if told.get(name) is True}
    words = {name: _text(told, name, LONGEST_TEXT) for name in WORDS}
    spoken = {name: _text(told, name, LONGEST_TEXT) for name in SPOKEN}
    if flags.get("is_id_loaded"):
        spoken = {}
    return SendPush(
        server_id=_needed(told, "server_id"),
        platform=_needed(told, "platform").partition("-v")[0],
        device_id=device,
        type=_word(told, "type"),
        sub_type=_word(told, "sub_type"),
        ack_id=_word(told, "ack_id"),
        words={**{name: text for name, text in words.items() if text}, **numbers, **flags},
        spoken={name: text for name, text in spoken.items() if text},
    )


def read_acknowledgement(body: bytes) -> Acknowledgement:
    """Read what says that a push has arrived.

    Raises:
        MattermostError: it does not.
    """
    told = _object(body)
    return Acknowledgement(
        id=_needed(told, "id"), platform=_needed(told, "platform"), type=_needed(told, "type")
    )


def pushes(told: SendPush, *, name: str, unix: float) -> list[Notification]:
    """Return the push, and a shorter form of it for where that is too large."""
    urgency, ttl = _urgency(told)
    is_silent = told.type in SILENT
    forms = [{**told.words, **told.spoken}, dict(told.words)]
    return [
        Notification(
            id=name,
            kind="mattermost.silent" if is_silent else "mattermost",
            token=told.device_id,
            urgency=urgency,
            expires=unix + ttl,
            # Badges and cleared channels: the next one says all that matters.
            collapse=f"{told.type}:{told.words.get('channel_id', '')}" if is_silent else None,
            content=content,
        )
        for place, content in enumerate(forms)
        if content not in forms[:place]
    ]


def failed(text: str) -> dict[str, str]:
    """Return the answer that a push is not taken."""
    return {"status": "FAIL", "error": text}


def _urgency(told: SendPush) -> tuple[Urgency, float]:
    if told.type in SILENT:
        return Urgency.BACKGROUND, DAY
    if told.sub_type == CALLS:
        return Urgency.CALL, CALL
    return Urgency.ALERT, 60.0 if told.type == TEST else 7 * DAY


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise MattermostError("bad-body", "the body is no JSON") from None
    if not isinstance(told, dict):
        raise MattermostError("bad-body", "the body is no JSON object")
    return told


def _text(told: dict[str, Any], member: str, longest: int) -> str:
    text = told.get(member)
    return text[:longest] if isinstance(text, str) else ""


def _word(told: dict[str, Any], member: str) -> str:
    word = _text(told, member, LONGEST_WORD + 1)
    if len(word) > LONGEST_WORD or not word.isprintable():
        raise MattermostError("bad-push", f"`{member}` has more than {LONGEST_WORD} characters")
    return word


def _needed(told: dict[str, Any], member: str) -> str:
    word = _word(told, member)
    if not word:
        raise MattermostError("bad-push", f"`{member}` is missing")
    return word
