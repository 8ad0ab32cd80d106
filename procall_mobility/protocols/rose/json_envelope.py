"""Walks the members of a JSON object without building what they hold."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from procall_mobility.protocols.rose.undecodable import Undecodable, mistyped

DEEPEST = 100
"""Nesting of one value; published messages stay below 20, and whoever walks one may recur."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_NAME = re.compile(r'[ \t\r\n]*"([^"\\\x00-\x1f]*)"[ \t\r\n]*:[ \t\r\n]*')
"""A member's name; ours hold no escapes, and a name with one is a JSON name all the same."""
_NEXT = re.compile(r"[ \t\r\n]*([,}\]])")

Members = dict[str, tuple[Any, str]]
"""Name to the value and the text it was parsed from; of two equal names the last one counts."""

Descent = Mapping[str, "Descent"]
"""Members that are envelopes themselves: their value is again `Members`."""


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number is too large")
    return value


_parse = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse_constant).raw_decode


def members_at(text: str, at: int, descent: Descent) -> tuple[Members, int]:
    """Read the object at `at`; return its members and the index behind it.

    Every value is parsed by the C scanner to prove that it is JSON, and dropped by the caller
    unless it needs it.  One message at a time is held that way, at most some 25 times its length.

    Raises:
        Undecodable: there is no object, or it is no JSON.
    """
    if not text.startswith("{", at):
        raise mistyped("a message is no JSON object", None)
    members: Members = {}
    at = _BLANKS.match(text, at + 1).end()  # type: ignore[union-attr]  # Matches anything.
    if text.startswith("}", at):
        return members, at + 1
    while True:
        name, at = _name_at(text, at)
        deeper = descent.get(name)
        if deeper is not None and text.startswith("{", at):
            inner, end = members_at(text, at, deeper)
            members[name] = (inner, "")
        else:
            value, end = value_at(text, at)
            members[name] = (value, text[at:end])
        mark = _NEXT.match(text, end)
        if mark is None or mark[1] == "]":
            raise mistyped("a message is no JSON", None)
        at = mark.end()
        if mark[1] == "}":
            return members, at


def value_at(text: str, at: int) -> tuple[Any, int]:
    """Parse the value at `at`; return it and the index behind it.

    Raises:
        Undecodable: it is no JSON, or nested too deeply.
    """
    try:
        value, end = _parse(text, at)
    except ValueError as error:
        raise mistyped("a message is no JSON", None) from error
    except RecursionError as error:
        raise _too_deep() from error
    # Counting the brackets is quick, and nearly always enough.
    if isinstance(value, (dict, list)) and (
        text.count("{", at, end) + text.count("[", at, end) > DEEPEST
    ):
        _prove_shallow(value)
    return value, end


def _prove_shallow(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            # The parser makes no other containers; isinstance takes four times as long.
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> Undecodable:
    return mistyped("a message is nested too deeply", None)


def blanks_at(text: str, at: int) -> int:
    """Return the index behind the blanks at `at`."""
    return _BLANKS.match(text, at).end()  # type: ignore[union-attr]  # Matches anything.


def unicode_of(text: str) -> str:
    """Return `text` with `?` for lone surrogates, which neither UTF-8 nor BER can say."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _name_at(text: str, at: int) -> tuple[str, int]:
    match = _NAME.match(text, at)
    if match is not None:
        return match[1], match.end()
    at = blanks_at(text, at)
    name, end = value_at(text, at)
    end = blanks_at(text, end)
    if not isinstance(name, str) or not text.startswith(":", end):
        raise mistyped("a message is no JSON", None)
    return name, blanks_at(text, end + 1)
