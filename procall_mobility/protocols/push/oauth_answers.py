"""What a token endpoint has answered (RFC 6749 sections 5.1 and 5.2)."""

import math
import re

from attrs import field, frozen

from procall_mobility.protocols.push.answers import members, retry_after, word
from procall_mobility.protocols.push.exchange import Answer, NoAnswer, Result

ASSUMED_LIFE = 600.0
"""Seconds, when the answer does not say; all providers we know give an hour or a day."""

LONGEST_LIFE = 86_400.0
"""Seconds; the day that WNS gives."""

PASSING = frozenset({408, 425, 429})
"""Statuses that look like a refusal of the client and are none."""

_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}", re.ASCII)
"""It goes into a header: a broken one must not bring lines of its own."""


@frozen
class Granted:
    """A token, and the seconds it is good for."""

    token: str = field(repr=False)
    life: float


@frozen(kw_only=True)
class Denied:
    """None."""

    reason: str
    is_refusal: bool = False
    """Whether it is our credential that is not accepted: asking again alone cures nothing."""
    after: float | None = None
    """Seconds we are asked to wait."""


def grant_of(result: Result, unix: float) -> Granted | Denied:
    """Read whatever a token endpoint has said."""
    if isinstance(result, NoAnswer):
        return Denied(reason="no-answer")
    if result.status == 200:
        return _granted(members(result))
    return _denied(result, unix)


def _granted(said: dict[str, object]) -> Granted | Denied:
    token = said.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return Denied(reason="no-token")
    kind = said.get("token_type", "bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        return Denied(reason="no-bearer-token")
    return Granted(token, _life(said.get("expires_in")))


def _life(value: object) -> float:
    # Some write it as a string.
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        return ASSUMED_LIFE
    return float(min(value, LONGEST_LIFE))


def _denied(answer: Answer, unix: float) -> Denied:
    error = members(answer).get("error")
    return Denied(
        reason=word(str(error) if isinstance(error, int) else error) or f"http-{answer.status}",
        is_refusal=400 <= answer.status < 500 and answer.status not in PASSING,
        after=retry_after(answer, unix),
    )
