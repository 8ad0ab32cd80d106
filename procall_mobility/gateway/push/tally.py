"""What waits, for operators: how much by lane, class and customer, since when, and for what."""

from collections.abc import Iterable
from typing import Any

from attrs import define

from procall_mobility.gateway.push.waiting import Waiting
from procall_mobility.protocols.push.notification import Urgency


@define(eq=False)
class _Row:
    since: float
    waiting: int = 0
    in_flight: int = 0
    octets: int = 0
    next_at: float | None = None


class QueueTally:
    """Counts pushes that have not ended, a few at a time: there may be a hundred thousand."""

    def __init__(self, lane: str | None = None, customer: str | None = None) -> None:
        """Count those of one lane or one customer, if they are named."""
        self._lane = lane
        self._customer = customer
        self._rows: dict[tuple[str, Urgency, str], _Row] = {}

    def count(self, pushes: Iterable[Waiting]) -> None:
        """Count some."""
        for push in pushes:
            if self._lane not in (None, push.lane) or self._customer not in (None, push.customer):
                continue
            place = push.lane, push.urgency, push.customer
            row = self._rows.get(place)
            if row is None:
                row = self._rows[place] = _Row(push.since)
            row.since = min(row.since, push.since)
            row.octets += push.octets
            if push.is_queued:
                row.waiting += 1
                at = push.not_before
                row.next_at = at if row.next_at is None else min(row.next_at, at)
            else:
                row.in_flight += 1

    def rows(self, now: float) -> list[dict[str, Any]]:
        """Return what was counted; times are in seconds from now.

        `next` is when the first of those that wait is due: 0 where only its turn is missing, or
        the lane carries nothing; None where all are under way.
        """
        return [
            {
                "lane": lane,
                "class": urgency.name.lower(),
                "customer": customer,
                "waiting": row.waiting,
                "in_flight": row.in_flight,
                "octets": row.octets,
                "oldest": round(now - row.since, 1),
                "next": None if row.next_at is None else round(max(0.0, row.next_at - now), 1),
            }
            for (lane, urgency, customer), row in sorted(self._rows.items())
        ]
