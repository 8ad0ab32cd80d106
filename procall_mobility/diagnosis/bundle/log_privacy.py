"""Which lines of the log books go into a bundle, and what of them."""

import datetime
import json
import re
from typing import Any, Final

from attrs import define, field

from procall_mobility.diagnosis.bundle.shortening import shorten

WORDS: Final = frozenset(
    {"address", "after", "allocation", "app", "certificate", "class", "client", "count",
     "customer", "device", "error", "errors", "event", "failure", "failure_type", "file", "lane",
     "left_out", "level", "link", "name", "note", "push", "reason", "received",
     "received_octets", "seconds", "sent", "sent_octets", "server", "signal", "text", "time",
     "until", "user", "version", "via", "where"}
)  # fmt: skip
"""What the two books write; whatever else has come into a line is not shown."""

LEFT_OUT: Final = "(left out)"

STAMP: Final = 19
"""Characters of a time without its fraction and offset."""

LONGEST_LINE: Final = 2000

_FIELD: Final = re.compile(r'(?<![\w"])([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|[^\s"]\S*|(?=\s|$))')
_STAMPED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z) ")


@define(eq=False, kw_only=True)
class LogPrivacy:
    """Decides on lines, and counts what it leaves out."""

    since: datetime.datetime
    customer: str | None = None
    """Whose lines are wanted; None for everybody's.  Those of nobody in particular are, too."""
    is_access: bool
    """The access book, whose second word is the customer."""
    older: int = field(default=0, init=False)
    others: int = field(default=0, init=False)
    """Lines of other customers."""
    strange: int = field(default=0, init=False)
    """Lines that are none of ours: nobody knows what they say."""

    def shown(self, line: str) -> str | None:
        """Return what is shown of a line; None where that is nothing."""
        told = _object(line)
        line = line.rstrip("\n")[:LONGEST_LINE]
        when = _time(line if told is None else f"{told.get('time')} ")
        if when is None:
            self.strange += 1
        elif when < self.since:
            self.older += 1
        elif self.customer not in (None, *self._whose(line, told)):
            self.others += 1
        elif told is not None:
            kept = {name: value if name in WORDS else LEFT_OUT for name, value in told.items()}
            return shorten(json.dumps(kept, ensure_ascii=False))[:LONGEST_LINE]
        else:
            return shorten(_FIELD.sub(_known, line))
        return None

    def _whose(self, line: str, told: dict[str, Any] | None) -> tuple[str | None, ...]:
        """Return the customer of a line; whoever asks, where it is nobody's in particular."""
        if told is not None:
            whose = told.get("customer")
        elif self.is_access:
            whose = [*line.split(" ", 2), ""][1]
        else:
            fields = {found[1]: found[2] for found in _FIELD.finditer(line)}
            whose = fields.get("customer", "").strip('"')
        return (self.customer,) if whose in (None, "", "-") else (str(whose),)


def _known(found: re.Match[str]) -> str:
    return found[0] if found[1] in WORDS else f"{found[1]}={LEFT_OUT}"


def _object(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _time(line: str) -> datetime.datetime | None:
    found = _STAMPED.match(line)
    if found is None:
        return None
    try:
        return datetime.datetime.fromisoformat(found[0].strip())
    except ValueError:
        return None
