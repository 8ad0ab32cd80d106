"""Metrics of pushes.

Lanes are told of by their provider: where tokens name whom to call, strangers make up the rest of
a lane's name.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Final

from attrs import define
from prometheus_client.metrics_core import Metric

from procall_mobility.gateway.push.applications.expiry import Expiring
from procall_mobility.gateway.push.customers import PushesByCustomer
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.statistics import BOUNDS, provider_of
from procall_mobility.operations.metrics.declaring import (
    Kind,
    counter,
    gauge,
    histogram,
    of_each_customer,
)

ACCEPTED: Final = counter("procall_push_accepted_total", "Pushes taken on.")
RESTORED: Final = counter(
    "procall_push_restored_total", "Pushes an earlier run had taken on, and left to this one."
)
REFUSED: Final = counter("procall_push_refused_total", "Pushes not taken on, by reason.", "reason")
ENDED: Final = counter(
    "procall_push_ended_total",
    "Pushes that were taken on and have ended: handed over (`sent`) or not, by provider, class "
    "and reason.",
    "provider",
    "class",
    "state",
    "reason",
)
IN_SESSION: Final = counter(
    "procall_push_in_session_total",
    "Pushes their device took by its own session, instead of a provider's.",
)
REQUESTS: Final = counter("procall_push_requests_total", "Requests to providers.")
RETRIED: Final = counter(
    "procall_push_retried_total", "Attempts that failed and were not the last."
)
UNKNOWN: Final = counter(
    "procall_push_unanswered_total",
    "Requests nobody knows the outcome of; they are sent again with the same id.",
)
UNTOUCHED: Final = counter(
    "procall_push_untouched_total", "Requests the provider has proven not to have processed."
)
REFRESHED: Final = counter(
    "procall_push_credential_refreshes_total", "Fresh tokens for providers, and new credentials."
)
ACKNOWLEDGED: Final = counter(
    "procall_push_acknowledged_total",
    "Pushes devices say they have received, by what they were about.",
    "type",
)
CALL_SECONDS: Final = histogram(
    "procall_push_call_duration_seconds",
    "How long calls took from being accepted to the provider's answer, or whatever else they "
    "ended by.",
    "state",
)
OPEN: Final = gauge("procall_push_open", "Pushes taken on that have not ended.")
WAITING: Final = gauge(
    "procall_push_waiting", "Pushes that wait in lanes, by provider.", "provider"
)
IN_FLIGHT: Final = gauge(
    "procall_push_in_flight", "Pushes sent and not answered, by provider.", "provider"
)
STREAMS: Final = gauge(
    "procall_push_streams", "Requests the connections to a provider carry at a time.", "provider"
)
LANES: Final = gauge(
    "procall_push_lanes",
    "Lanes, by provider and what their breaker says: closed lets everything pass.",
    "provider",
    "state",
)
TROUBLES: Final = gauge(
    "procall_push_lanes_in_trouble",
    "Lanes an operator has to look after, by provider and trouble; `push lanes` names them.",
    "provider",
    "trouble",
)
EXPIRES: Final = gauge(
    "procall_push_credential_expiry_timestamp_seconds",
    "When the first credential of an application of this name ends, in Unix seconds.",
    "application",
)
RESTORING: Final = gauge(
    "procall_push_restoring", "1 while pushes of an earlier run are read from the store, else 0."
)
CUSTOMER_ACCEPTED: Final = of_each_customer(
    "procall_customer_push_accepted_total", "Pushes of a customer taken on.", kind=Kind.COUNTER
)
CUSTOMER_REFUSED: Final = of_each_customer(
    "procall_customer_push_refused_total", "Pushes of a customer not taken on.", kind=Kind.COUNTER
)
CUSTOMER_ENDED: Final = of_each_customer(
    "procall_customer_push_ended_total",
    "Pushes of a customer that were taken on and have ended: handed over (`sent`) or not.",
    "state",
    kind=Kind.COUNTER,
)

DECLARED: Final = (
    ACCEPTED,
    RESTORED,
    REFUSED,
    ENDED,
    IN_SESSION,
    REQUESTS,
    RETRIED,
    UNKNOWN,
    UNTOUCHED,
    REFRESHED,
    ACKNOWLEDGED,
    CALL_SECONDS,
    OPEN,
    WAITING,
    IN_FLIGHT,
    STREAMS,
    LANES,
    TROUBLES,
    EXPIRES,
    RESTORING,
    CUSTOMER_ACCEPTED,
    CUSTOMER_REFUSED,
    CUSTOMER_ENDED,
)

SUMS: Final = {
    ACCEPTED: "accepted",
    RESTORED: "restored",
    IN_SESSION: "in_session",
    REQUESTS: "requests",
    RETRIED: "retried",
    UNKNOWN: "unknown",
    UNTOUCHED: "untouched",
    REFRESHED: "refreshed",
}
"""What lanes count, of all together: lanes come and go, and counters only grow."""


COUNTED_AT_ONCE: Final = 200
"""Lanes, which takes a millisecond; there may be a thousand.  As many customers take less."""


@define(kw_only=True, eq=False)
class PushMetrics:
    """Their source."""

    pipeline: PushPipeline
    acknowledged: Mapping[str, int]
    expiring: Callable[[], Iterable[Expiring]]
    knows: Callable[[str], bool]
    """Whether there is a customer of this UCSID; one that was removed is told of no more."""

    def count_customers(self, wanted: bool) -> None:
        """Count for each customer from now on, or for none; it may change at any time."""
        statistics = self.pipeline.book.statistics
        if wanted != (statistics.customers is not None):
            statistics.customers = PushesByCustomer() if wanted else None

    def collect(self) -> Iterator[Metric | None]:
        """Yield them."""
        yield from self._sums()
        statistics = self.pipeline.book.statistics
        yield REFUSED.by(([why], count) for why, count in sorted(statistics.refused.items()))
        yield ENDED.by(sorted(statistics.ended.items()))
        yield CALL_SECONDS.spread(
            BOUNDS,
            (([state], each.counts, each.total) for state, each in statistics.calls.items()),
        )
        yield ACKNOWLEDGED.by(([kind], count) for kind, count in self.acknowledged.items())
        yield OPEN.of(self.pipeline.open)
        yield RESTORING.of(not self.pipeline.is_restored)
        yield from self._lanes()
        first: dict[str, float] = {}
        for each in self.expiring():
            first[each.name] = min(each.at, first.get(each.name, each.at))
        yield EXPIRES.by(([name], at) for name, at in sorted(first.items()))
        if statistics.customers is not None:
            yield from self._customers(statistics.customers)

    def _sums(self) -> Iterator[Metric]:
        counts = [self.pipeline.past, *(lane.counts for lane in self.pipeline.lanes.values())]
        for declared, name in SUMS.items():
            yield declared.of(sum(map(attrgetter(name), counts)))

    def _lanes(self) -> Iterator[Metric | None]:
        waiting, in_flight, streams = Counter[str](), Counter[str](), Counter[str]()
        states, troubles = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for number, (name, lane) in enumerate(list(self.pipeline.lanes.items()), 1):
            if not number % COUNTED_AT_ONCE:
                yield None
            provider = provider_of(name)
            waiting[provider] += lane.waiting
            in_flight[provider] += lane.in_flight
            streams[provider] += lane.health.streams
            states[provider, lane.health.state.value] += 1
            for trouble in lane.health.troubles:
                troubles[provider, trouble.value] += 1
        for declared, counts in ((WAITING, waiting), (IN_FLIGHT, in_flight), (STREAMS, streams)):
            yield declared.by(([provider], count) for provider, count in sorted(counts.items()))
        yield LANES.by(sorted(states.items()))
        yield TROUBLES.by(sorted(troubles.items()))

    def _customers(self, counted: PushesByCustomer) -> Iterator[Metric | None]:
        for number, ucsid in enumerate(sorted(counted.names()), 1):
            if not number % COUNTED_AT_ONCE:
                yield None
            if not self.knows(ucsid):
                counted.forget(ucsid)
        yield CUSTOMER_ACCEPTED.by(([ucsid], count) for ucsid, count in counted.accepted.items())
        yield CUSTOMER_REFUSED.by(([ucsid], count) for ucsid, count in counted.refused.items())
        ended = CUSTOMER_ENDED.by(())
        for state, counts in counted.ended.items():
            yield None
            told = CUSTOMER_ENDED.by(([ucsid, state], count) for ucsid, count in counts.items())
            ended.samples += told.samples
        yield ended
