"""What is read from the answers of providers, whatever has become of them on their way."""

import json
import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from procall_mobility.protocols.push.exchange import Answer

LONGEST_RETRY_AFTER = 86_400.0
"""Seconds; whoever asks for more than a day is mistaken, and pushes do not live much longer."""

LONGEST_DATE = 40
"""Characters; the longest of the three forms has 33 (RFC 9110 section 5.6.7)."""

_SECONDS = re.compile(r"[0-9]+", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", re.ASCII)


def members(answer: Answer) -> dict[str, object]:
    """Return the members of a JSON object; none when the body is anything else, such as HTML."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def word(value: object) -> str | None:
    """Return a provider's code for a reason, when it is one: nothing else may get into logs."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def retry_after(answer: Answer, unix: float) -> float | None:
    """Return the seconds Retry-After asks for, said as such or as a date (RFC 9110 10.2.3)."""
    text = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        # A number of any length: only its first digits are read.
        return min(float(text[:12]), LONGEST_RETRY_AFTER)
    if len(text) > LONGEST_DATE:
        return None
    try:
        date = parsedate_to_datetime(text)
        # "-0000" and no zone at all are read as times of nowhere; HTTP knows GMT alone.
        then = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(0.0, then - unix), LONGEST_RETRY_AFTER)
