"""JSON as a script, for pages older than CORS (Wire 2.1); off unless switched on (A-07)."""

import re

from attrs import evolve

from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest

PARAMETERS = ("callback", "jsonp")

_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,63}(?:\.[A-Za-z_$][A-Za-z0-9_$]{0,63}){0,3}")
"""A script's name, as libraries make them; nothing in it can end a statement."""


def callback_of(request: HttpRequest) -> str | None:
    """Give the function to call; raise BadRequest if its name could be more than a name.

    `understand` has made sure of the name already: it refuses a request with an improper one.
    """
    for name, value in request.query:
        if name.lower() in PARAMETERS:
            if not _CALLBACK.fullmatch(value):
                raise BadRequest("bad-callback", "the callback is not the name of a function")
            return value
    return None


def wrapped(answer: HttpAnswer, callback: str) -> HttpAnswer:
    """Wrap the JSON of `answer` into a call of `callback`; an answer without a body stays."""
    if not answer.body:
        return answer
    # The comment keeps the first octets out of a stranger's hand; U+2028 and U+2029 end a line in
    # old scripts and stand inside strings only.
    text = answer.body.replace("\u2028".encode(), b"\\u2028").replace(
        "\u2029".encode(), b"\\u2029"
    )
    body = b"/**/" + callback.encode("ascii") + b"(" + text + b");"
    described = {
        "content-type": "text/javascript; charset=utf-8",
        "content-length": str(len(body)),
    }
    headers = tuple((name, described.get(name.lower(), value)) for name, value in answer.headers)
    return evolve(answer, headers=headers, body=body)
