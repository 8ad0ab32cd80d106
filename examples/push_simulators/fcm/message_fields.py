"""The fields of FCM's `Message`, as its reference has them, and what may stand in them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[object, str], "Fault | None"]
Fault = tuple[str, str]
"""A field's name, and what Google says about it."""

LONGEST_TTL = 2_419_200
"""Seconds."""

_DURATION = re.compile(r"(\d{1,12})(?:\.\d{1,9})?s\Z", re.ASCII)


def _wrong(name: str, kind: str, value: object) -> Fault:
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return name, f"Invalid value at '{name}' ({kind}), {shown}"


def text(value: object, name: str) -> Fault | None:
    """A string."""
    return None if isinstance(value, str) else _wrong(name, "TYPE_STRING", value)


def boolean(value: object, name: str) -> Fault | None:
    """True or false."""
    return None if isinstance(value, bool) else _wrong(name, "TYPE_BOOL", value)


def integer(value: object, name: str) -> Fault | None:
    """A number of 32 bits."""
    is_one = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    return None if is_one else _wrong(name, "TYPE_INT32", value)


def anything(value: object, name: str) -> Fault | None:
    """Any object: `google.protobuf.Struct`."""
    is_one = isinstance(value, dict)
    return None if is_one else _wrong(name, "type.googleapis.com/google.protobuf.Struct", value)


def duration(value: object, name: str) -> Fault | None:
    """Seconds, as text with an s behind it."""
    if isinstance(value, str) and (found := _DURATION.match(value)):
        if int(found[1]) <= LONGEST_TTL:
            return None
        return name, "Invalid ttl: it must be between 0 and 2419200 seconds"
    return _wrong(name, "type.googleapis.com/google.protobuf.Duration", value)


def one_of(*words: str) -> Check:
    """Make the check of an enumeration, whose words may be in lower case."""

    def check(value: object, name: str) -> Fault | None:
        is_one = isinstance(value, str) and value.upper() in words
        return None if is_one else _wrong(name, "TYPE_ENUM", value)

    return check


def strings(value: object, name: str) -> Fault | None:
    """A map from strings to strings."""
    if not isinstance(value, dict):
        return _wrong(name, "TYPE_MESSAGE", value)
    for number, each in enumerate(value.values()):
        if not isinstance(each, str):
            return _wrong(f"{name}[{number}].value", "TYPE_STRING", each)
    return None


def message(fields: Mapping[str, Check]) -> Check:
    """Make the check of an object with these fields alone."""

    def check(value: object, name: str) -> Fault | None:
        if not isinstance(value, dict):
            return _wrong(name, "TYPE_MESSAGE", value)
        for each, content in value.items():
            known = fields.get(each) or fields.get(_snake(each))
            if known is None:
                at = f" at '{name}'" if name else ""
                return name, (
                    f'Invalid JSON payload received. Unknown name "{each}"{at}: Cannot find field.'
                )
            fault = known(content, f"{name}.{_snake(each)}" if name else _snake(each))
            if fault is not None:
                return fault
        return None

    return check


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", lambda found: f"_{found[1].lower()}", name)


NOTIFICATION = message({"title": text, "body": text, "image": text})
ANDROID = message(
    {
        "collapse_key": text,
        "priority": one_of("NORMAL", "HIGH"),
        "ttl": duration,
        "restricted_package_name": text,
        "data": strings,
        "notification": anything,
        "fcm_options": message({"analytics_label": text}),
        "direct_boot_ok": boolean,
        "bandwidth_constrained_ok": boolean,
        "restricted_satellite_ok": boolean,
    }
)
MESSAGE = message(
    {
        "token": text,
        "topic": text,
        "condition": text,
        "data": strings,
        "notification": NOTIFICATION,
        "android": ANDROID,
        "apns": message(
            {
                "headers": strings,
                "payload": anything,
                "fcm_options": message({"analytics_label": text, "image": text}),
                "live_activity_token": text,
            }
        ),
        "webpush": message(
            {
                "headers": strings,
                "data": strings,
                "notification": anything,
                "fcm_options": message({"link": text, "analytics_label": text}),
            }
        ),
        "fcm_options": message({"analytics_label": text}),
    }
)
REQUEST = message({"message": MESSAGE, "validate_only": boolean})


def fault_of(value: Mapping[str, Any]) -> Fault | None:
    """Return the first thing that is wrong in a request."""
    return REQUEST(dict(value), "")
