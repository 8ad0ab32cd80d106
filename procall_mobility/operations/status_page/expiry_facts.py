"""What the status page says of certificates and credentials: until when they are good."""

import datetime
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import frozen

DAY: Final = 86_400.0

SOON: Final = 14
"""Days: what renews itself has done so by then, as it begins with a third of its time left."""

VERY_SOON: Final = 3


@frozen(kw_only=True)
class Ending:
    """Something that is good until a day."""

    kind: str
    """`certificate`, or `push credential`."""
    names: Sequence[str]
    until: float
    """Unix seconds."""


def facts(endings: Iterable[Ending], unix: float) -> list[dict[str, Any]]:
    """Return them as JSON has them, the next to end first."""
    return [
        {
            "kind": each.kind,
            "names": list(each.names),
            "until": datetime.datetime.fromtimestamp(each.until, datetime.UTC).isoformat(),
            "days": max(0, math.floor((each.until - unix) / DAY)),
            "state": _state((each.until - unix) / DAY),
        }
        for each in sorted(endings, key=lambda each: each.until)
    ]


def _state(days: float) -> str:
    if days <= 0:
        return "ended"
    return "very-soon" if days < VERY_SOON else "soon" if days < SOON else "good"
