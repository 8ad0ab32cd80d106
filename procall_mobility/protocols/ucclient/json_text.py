"""JSON as we take it from strangers: bounded in depth, finite, and encodable (Wire 4.3)."""

import json
import math
from typing import Any

from procall_mobility.protocols.errors import PeerError

DEEPEST = 100
"""Levels of nesting.  The deepest published argument has about 12; Python's own parser gives up
near 1000, and everything downstream that walks a value recursively must be safe as well."""

NULL_MEMBER = "dummy"
"""The only name a member of type NULL has in the published interface; servers expect 0 there."""


def parse_json(text: str | bytes) -> Any:
    """Give the value of `text`; raise PeerError if it is not JSON that we can pass on.

    Refused beside malformed text: NaN, Infinity and numbers that overflow to it, nesting beyond
    `DEEPEST`, lone surrogates (no UTF-8 exists for them), integers beyond Python's digit limit.
    """
    try:
        if isinstance(text, bytes):
            # Else json would take UTF-16 and UTF-32 as well.
            text = text.decode("utf-8")
        value = json.loads(text, parse_constant=_not_a_number, parse_float=_finite)
    except (ValueError, RecursionError):
        # ValueError covers JSONDecodeError, UnicodeDecodeError and the digit limit.
        raise PeerError("bad-json", "the text is not valid JSON") from None
    if text.count("[") + text.count("{") > DEEPEST and not _is_shallow(value):
        raise PeerError("bad-json", f"the JSON is nested deeper than {DEEPEST} levels")
    if "\\u" in text or not text.isascii():
        _encode(value)
    return value


def render_json(value: object) -> bytes:
    """Give `value` as compact ASCII JSON, which survives every proxy, script and character set."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def without_nulls(value: Any) -> Any:
    """Give `value` with no null in it, as UCServers need it (Wire 4.3, section 11 trap 10).

    Their runtime throws a whole message away for one null: absent members are left out, and a
    member of type NULL is 0.  `value` must come from `parse_json`, which bounds the recursion.
    """
    if isinstance(value, dict):
        return {
            name: 0 if member is None else without_nulls(member)
            for name, member in value.items()
            if member is not None or name == NULL_MEMBER
        }
    if isinstance(value, list):
        return [without_nulls(element) for element in value if element is not None]
    return value


def _not_a_number(constant: str) -> float:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("overflow")
    return number


def _is_shallow(value: Any) -> bool:
    layer = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        members = (m for one in layer for m in (one.values() if isinstance(one, dict) else one))
        layer = [member for member in members if isinstance(member, dict | list)]
        if not layer:
            return True
    return False


def _encode(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise PeerError("bad-json", "the JSON holds half a character") from None
