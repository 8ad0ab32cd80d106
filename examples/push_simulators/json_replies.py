"""Replies in JSON, and bodies that should be."""

import json
from typing import Any

from examples.push_simulators.exchange import Headers, Reply

TYPE = ("content-type", "application/json; charset=UTF-8")


def json_reply(status: int, value: object, *headers: tuple[str, str]) -> Reply:
    """Return a reply."""
    said: Headers = (TYPE, *headers)
    return Reply(status, said, json.dumps(value, separators=(",", ":")).encode())


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return the object a body says; None when it says none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def text_at(value: object, *names: str) -> str:
    """Return a text inside objects, some of which may be JSON in a text; empty without one."""
    for name in names:
        if isinstance(value, str):
            value = json_object(value.encode())
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
