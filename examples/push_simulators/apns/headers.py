"""What APNs wants of a request's header fields and of its payload."""

import json
import re
import uuid
from collections import Counter
from typing import Any

from examples.push_simulators.exchange import Request

KINDS = {
    "alert": "",
    "background": "",
    "complication": ".complication",
    "controls": ".push-type.controls",
    "fileprovider": ".pushkit.fileprovider",
    "liveactivity": ".push-type.liveactivity",
    "location": ".location-query",
    "mdm": "",
    "pushtotalk": ".voip-ptt",
    "voip": ".voip",
    "widgets": ".push-type.widgets",
}
"""Each `apns-push-type`, and how its topics end after the bundle's id."""

LONGEST_PAYLOAD, LONGEST_CALL = 4096, 5120
"""Octets, and of those to wake an application for a call."""
LONGEST_COLLAPSE_ID = 64
"""Octets."""

_CANONICAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_NUMBER = re.compile(r"[0-9]{1,19}\Z")
_TOPIC = re.compile(r"[A-Za-z0-9.-]{1,255}\Z")
_ONCE = ("apns-id", "apns-expiration", "apns-priority", "apns-topic", "apns-collapse-id",
         "apns-push-type", "authorization")  # fmt: skip


def header_fault(request: Request) -> str | None:
    """Return the reason to refuse what the header fields say on their own."""
    names = Counter(name for name, _ in request.headers)
    priority = request.header("apns-priority")
    if any(names[name] > 1 for name in _ONCE):
        return "DuplicateHeaders"
    if not _is_uuid(request.header("apns-id")):
        return "BadMessageId"
    if not _NUMBER.match(request.header("apns-expiration") or "0"):
        return "BadExpirationDate"
    if priority not in (None, "1", "5", "10"):
        return "BadPriority"
    kind = request.header("apns-push-type") or "alert"
    if kind not in KINDS:
        return "InvalidPushType"
    if kind == "background" and (priority or "10") == "10":
        return "BadPriority"
    if len((request.header("apns-collapse-id") or "").encode("latin-1")) > LONGEST_COLLAPSE_ID:
        return "BadCollapseId"
    return None


def topic_fault(topic: str | None, kind: str, bundles: tuple[str, ...]) -> str | None:
    """Return the reason to refuse a topic, with the applications a sender may push to."""
    if not topic:
        return "MissingTopic"
    if not _TOPIC.match(topic):
        return "BadTopic"
    ending = KINDS[kind]
    if topic.removesuffix(ending) not in bundles or not topic.endswith(ending):
        return "TopicDisallowed"
    return None


def payload_fault(body: bytes, kind: str) -> str | None:
    """Return the reason to refuse a payload."""
    if not body:
        return "PayloadEmpty"
    if len(body) > (LONGEST_CALL if kind == "voip" else LONGEST_PAYLOAD):
        return "PayloadTooLarge"
    if payload_of(body) is None:
        return "PayloadEmpty"
    return None


def payload_of(body: bytes) -> dict[str, Any] | None:
    """Return the payload; None when it is no JSON object."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def remarks(request: Request, body: bytes) -> tuple[str, ...]:
    """Return what is allowed, and what Apple's documentation advises against."""
    found = []
    kind = request.header("apns-push-type")
    if kind is None:
        found.append("no apns-push-type")
    push_id = request.header("apns-id")
    if push_id is not None and not _CANONICAL.match(push_id):
        found.append("apns-id is not in canonical form")
    if request.header("authorization") not in (None, "") and not (
        request.header("authorization") or ""
    ).startswith("bearer "):
        found.append("authorization does not begin with bearer in lower case")
    if kind == "voip" and request.header("apns-priority") != "10":
        found.append("a call without apns-priority 10")
    aps = (payload_of(body) or {}).get("aps")
    if not isinstance(aps, dict):
        found.append("no aps")
    elif kind == "background" and (aps.get("content-available") != 1 or "alert" in aps):
        found.append("background, and not only content-available")
    elif kind == "alert" and not {"alert", "sound", "badge"} & aps.keys():
        found.append("alert, and nothing to show")
    return tuple(found)


def _is_uuid(text: str | None) -> bool:
    if text is None:
        return True
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
