"""What the status page says of pushes: the lanes, and whatever is wrong with them."""

from collections.abc import Callable
from typing import Any

from attrs import define

from procall_mobility.gateway.push.lane.breaker import State
from procall_mobility.gateway.push.lane.lane import Lane
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.statistics import provider_of
from procall_mobility.operations.status_page.connection_facts import MOST_ROWS, table


@define(eq=False, kw_only=True)
class PushFacts:
    """Their table."""

    pipeline: PushPipeline
    trouble_of: Callable[[str], str | None]
    """Why a lane carries nothing now."""

    def told(self) -> dict[str, Any]:
        """Return it; lanes that fail or have much to do come first."""
        lanes = sorted(self.pipeline.lanes.items(), key=_urgency)
        rows = [self._row(name, lane) for name, lane in lanes[:MOST_ROWS]]
        return {
            "open": self.pipeline.open,
            "restoring": not self.pipeline.is_restored,
            "lanes": table(rows, len(lanes)),
        }

    def _row(self, name: str, lane: Lane) -> dict[str, Any]:
        return {
            "lane": name,
            "provider": provider_of(name),
            "breaker": lane.health.state.value,
            "trouble": self.trouble_of(name),
            "streams": lane.health.streams,
            "waiting": lane.waiting,
            "in_flight": lane.in_flight,
            "sent": lane.counts.sent,
            "rejected": lane.counts.rejected,
            "expired": lane.counts.expired,
        }


def _urgency(named: tuple[str, Lane]) -> tuple[bool, int, str]:
    name, lane = named
    is_well = lane.health.state is State.CLOSED and not lane.health.troubles
    return is_well, -lane.waiting - lane.in_flight, name
