"""Which foreign pages may call us, and how browsers are told (Wire 1.3)."""

import re

from attrs import evolve, frozen

from procall_mobility.protocols.ucclient.http_answer import HttpAnswer

METHODS = "GET, POST, OPTIONS"
HEADERS = "authorization, content-type, x-ucsid, x-epid, x-no401, x-simple, x-uctoken"
EXPOSED = "www-authenticate, x-epid"
SESSION_HEADER = "x-ucsessionid"
MAX_AGE = "600"

_VARY = ("Vary", "Origin")

_ORIGIN = re.compile(r"[!-~]{1,261}")
"""`https://` and a longest host name; nothing that could break a header line."""


@frozen
class CorsRules:
    """A customer's choice: the origins allowed (`*` for all), and whether pages may send the
    session id in a header, which the original service has stopped allowing (off).
    """

    origins: tuple[str, ...] = ("*",)
    session_header: bool = False


def preflight(origin: str | None, rules: CorsRules) -> HttpAnswer:
    """Answer an OPTIONS request: 204, with permissions only for an allowed origin."""
    allowed = HEADERS + (f", {SESSION_HEADER}" if rules.session_header else "")
    permissions: tuple[tuple[str, str], ...] = ()
    if origin is not None and _is_allowed(origin, rules):
        permissions = (
            ("Access-Control-Allow-Methods", METHODS),
            ("Access-Control-Allow-Headers", allowed),
            ("Access-Control-Max-Age", MAX_AGE),
        )
    return with_cors(HttpAnswer(204, (("Allow", METHODS), *permissions), b""), origin, rules)


def with_cors(answer: HttpAnswer, origin: str | None, rules: CorsRules) -> HttpAnswer:
    """Add what a browser needs to hand `answer` to a page of `origin`, once only.

    Browsers refuse an answer that names an allowed origin twice.
    """
    if _VARY in answer.headers:
        return answer
    added: tuple[tuple[str, str], ...] = (_VARY,)
    if origin is not None and _is_allowed(origin, rules):
        added += (
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", EXPOSED),
        )
    return evolve(answer, headers=answer.headers + added)


def _is_allowed(origin: str, rules: CorsRules) -> bool:
    if not _ORIGIN.fullmatch(origin):
        return False
    return "*" in rules.origins or origin.lower() in {one.lower() for one in rules.origins}
