"""What may stand in a message to Push Kit: version 1 for Android, version 3 for HarmonyOS."""

import json
import re
from typing import Any

LONGEST_TTL = 1_296_000
"""Seconds: fifteen days."""
MOST_TOKENS = 1000
LARGEST = 4096
"""Octets of a body without its tokens."""
PUSH_TYPES = {"0", "1", "2", "6", "7", "10"}

_TTL = re.compile(r"(\d{1,8})s\Z", re.ASCII)
_ANDROID = {"collapse_key", "category", "urgency", "ttl", "bi_tag", "fast_app_target", "data",
            "notification", "receipt_id", "target_user_type"}  # fmt: skip
_MESSAGE = {"data", "notification", "android", "apns", "webpush", "token", "topic", "condition"}


class Malformed(Exception):
    """A message is not as it should be: code and text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def tokens_of(said: dict[str, Any]) -> tuple[str, ...]:
    """Return the devices' tokens, of either version."""
    place = said.get("message") or said.get("target") or {}
    found = place.get("token") if isinstance(place, dict) else None
    texts = [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
    return tuple(texts)


def check_size(body: bytes, tokens: tuple[str, ...]) -> None:
    """Check the numbers both versions have.

    Raises:
        Malformed: there are too many tokens, or octets.
    """
    if not tokens:
        raise Malformed("80100001", "there is no token")
    if len(tokens) > MOST_TOKENS:
        raise Malformed("80300010", "too many tokens")
    if len(body) - len(json.dumps(tokens)) > LARGEST:
        raise Malformed("80300008", "the body is too large")


def check_android(said: dict[str, Any]) -> None:
    """Check a message of version 1.

    Raises:
        Malformed: it is none.
    """
    message = said.get("message")
    if not isinstance(message, dict) or not set(said) <= {"message", "validate_only"}:
        raise Malformed("80100003", "there is no message, or more")
    _only(message, _MESSAGE, "message")
    if not isinstance(message.get("data", ""), str):
        raise Malformed("80100003", "data is no text")
    android = message.get("android", {})
    if not isinstance(android, dict):
        raise Malformed("80100003", "android is no object")
    _only(android, _ANDROID, "android")
    if android.get("urgency", "NORMAL") not in ("HIGH", "NORMAL"):
        raise Malformed("80100001", "urgency is neither HIGH nor NORMAL")
    _check_ttl(android.get("ttl", "86400s"))
    key = android.get("collapse_key", -1)
    if isinstance(key, bool) or not isinstance(key, int) or not -1 <= key <= 100:
        raise Malformed("80100013", "collapse_key is not from -1 to 100")
    notification = android.get("notification")
    if notification is None and not message.get("data"):
        raise Malformed("80100003", "neither data nor a notification")
    if notification is not None:
        _check_notification(notification)


def check_harmony(said: dict[str, Any], push_type: str | None) -> None:
    """Check a message of version 3.

    Raises:
        Malformed: it is none.
    """
    if push_type not in PUSH_TYPES:
        raise Malformed("80100001", "push-type is missing or unknown")
    payload, options = said.get("payload"), said.get("pushOptions", {})
    if not isinstance(payload, dict) or not isinstance(options, dict):
        raise Malformed("80100003", "there is no payload")
    _only(said, {"payload", "target", "pushOptions"}, "body")
    if push_type in ("6", "10") and not isinstance(payload.get("extraData"), str):
        raise Malformed("80100003", "there is no extraData")
    if push_type == "0":
        notification = payload.get("notification")
        if not isinstance(notification, dict):
            raise Malformed("80100003", "there is no notification")
        for name in ("category", "title", "body", "clickAction"):
            if not notification.get(name):
                raise Malformed("80100003", f"the notification has no {name}")
    ttl = options.get("ttl", 86_400)
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 1 <= ttl <= LONGEST_TTL:
        raise Malformed("80100001", "ttl is not from 1 to 1296000")


def _check_ttl(value: object) -> None:
    found = _TTL.match(value) if isinstance(value, str) else None
    if found is None or not 1 <= int(found[1]) <= LONGEST_TTL:
        raise Malformed("80100001", "ttl is not from 1s to 1296000s")


def _check_notification(value: object) -> None:
    if not isinstance(value, dict) or not value.get("title") or not value.get("body"):
        raise Malformed("80100003", "the notification has no title or body")
    action = value.get("click_action")
    if not isinstance(action, dict) or action.get("type") not in (1, 2, 3):
        raise Malformed("80100003", "the notification has no click_action")


def _only(value: dict[str, Any], known: set[str], where: str) -> None:
    unknown = value.keys() - known
    if unknown:
        raise Malformed("80100003", f"{where} has the unknown member {min(unknown)}")
