"""Answers of our own HTTP interfaces: JSON that nobody keeps."""

import json
from typing import Any, Final

from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer

_GUARDED: Final = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Type", "application/json"),
)


def json_answer(status: int, members: Any, *headers: tuple[str, str]) -> HttpAnswer:
    """Return an answer with JSON in it."""
    return of_octets(status, json.dumps(members).encode(), *headers)


def of_octets(status: int, body: bytes, *headers: tuple[str, str]) -> HttpAnswer:
    """Return an answer whose JSON was made before."""
    length = ("Content-Length", str(len(body)))
    return HttpAnswer(status, (*_GUARDED, *headers, length), body)


def refusal(status: int, reason: str, text: str, *headers: tuple[str, str]) -> HttpAnswer:
    """Return an answer that says no: by a word for programs and a sentence for people."""
    return json_answer(status, {"error": reason, "text": text}, *headers)


def misunderstood(error: BadRequest) -> HttpAnswer:
    """Return the answer to a request that is none."""
    extra = (("Allow", ", ".join(error.allow)),) if error.allow else ()
    return refusal(error.status, error.reason, error.text, *extra)
