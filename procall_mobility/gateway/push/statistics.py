"""What is counted of pushes by how they end, and how long calls took; nobody's name is in it.

These are for metrics, which want bounded tables: a reason may be a provider's own word, so each
provider has a bounded number of them, and what comes beyond is counted as `other`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from attrs import define, field

from procall_mobility.gateway.push.applications.ways import AT
from procall_mobility.gateway.push.customers import PushesByCustomer
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.waiting import CALL, Waiting
from procall_mobility.protocols.push.notification import Urgency

BOUNDS: Final = (
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0,
)  # fmt: skip
"""Seconds.  Two are what service levels promise, and a minute is what a call lives."""

MOST_REASONS: Final = 50
"""Of one provider: twice what the richest documents."""

MOST_FRESH: Final = 500
"""Kinds of ends that are not summed up: strangers make up names of lanes, and providers reasons.
Summing up takes half a millisecond."""

OTHER: Final = "other"
NONE: Final = "none"
"""Where an end has no reason but that it went well, or time was up."""

CLASSES: Final = tuple(urgency.name.lower() for urgency in Urgency)


class End(NamedTuple):
    """How pushes ended."""

    provider: str
    urgency: str
    state: str
    reason: str


@define(eq=False)
class Durations:
    """How many took how long: as many counts as there are bounds, and one for longer ones."""

    counts: list[int] = field(factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0
    """Seconds of all together."""

    def add(self, seconds: float) -> None:
        """Count one; on a bound is below it."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


@define(eq=False)
class PushStatistics:
    """Since the start."""

    refused: Counter[str] = field(factory=Counter, init=False)
    """Those that were not accepted, by reason."""
    calls: dict[str, Durations] = field(factory=dict, init=False)
    """How long calls took from being accepted to their end, by what that was."""
    customers: PushesByCustomer | None = field(default=None, init=False)
    """Where each customer is counted for by its name."""
    _reasons: dict[str, set[str]] = field(factory=dict, init=False)
    _ended: Counter[End] = field(factory=Counter, init=False)
    _fresh: dict[tuple[str, str, str, str | None], int] = field(factory=dict, init=False)
    """By lane, class, state and reason as they come; summed up by what is bounded later."""

    @property
    def ended(self) -> Counter[End]:
        """Return how many ended how."""
        self._sum_up()
        return self._ended

    def accept(self, pushes: Sequence[QueuedPush]) -> None:
        """Count pushes that are taken on; of all together the lanes know."""
        if self.customers is not None:
            self.customers.accept(pushes)

    def end(self, waiting: Waiting, state: State, reason: str | None, now: float) -> None:
        """Count an end.  There are thousands a second: here is only what cannot be done later."""
        word = state._value_  # What `value` is, without a call.
        fresh, key = self._fresh, (waiting.lane, CLASSES[waiting.urgency], word, reason)
        fresh[key] = fresh.get(key, 0) + 1
        if len(fresh) >= MOST_FRESH:
            self._sum_up()
        if waiting.urgency is CALL:
            durations = self.calls.get(word)
            if durations is None:
                durations = self.calls[word] = Durations()
            durations.add(max(0.0, now - waiting.since))
        if self.customers is not None:
            self.customers.ended[word][waiting.customer] += 1

    def refuse(self, customer: str, reason: str | None) -> None:
        """Count a push that was not accepted."""
        self.refused[NONE if reason is None else self._known("", reason)] += 1
        if self.customers is not None:
            self.customers.refused[customer] += 1

    def _sum_up(self) -> None:
        fresh, self._fresh = self._fresh, {}
        for (lane, urgency, state, reason), count in fresh.items():
            provider = provider_of(lane)
            known = NONE if reason is None else self._known(provider, reason)
            self._ended[End(provider, urgency, state, known)] += count

    def _known(self, provider: str, reason: str) -> str:
        known = self._reasons.setdefault(provider, set())
        if reason in known:
            return reason
        if len(known) >= MOST_REASONS:
            return OTHER
        known.add(reason)
        return reason


def provider_of(lane: str) -> str:
    """Return whose lane it is by its name, of which strangers may have said the rest."""
    return lane.partition(":")[0].partition(AT)[0]
