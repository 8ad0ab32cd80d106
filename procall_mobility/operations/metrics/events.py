"""Metrics of what the access book counts, lines or not."""

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen
from prometheus_client.metrics_core import Metric

from procall_mobility.gateway.access import Event
from procall_mobility.operations.metrics.declaring import Sample, counter

EVENTS: Final = counter(
    "procall_access_events_total",
    "What happened, in the words of the access book, by reason; refused ones as well where they "
    "have no line. How pushes ended is counted apart.",
    "event",
    "reason",
)

DECLARED: Final = (EVENTS,)

TOLD: Final = tuple(event.value for event in Event if not event.value.startswith("push "))
"""Of pushes the book counts its lines, which not all of them have; `pushes` knows of all."""


@frozen(eq=False)
class AccessEvents:
    """Their source."""

    counters: Mapping[str, int]
    """Of the book: by event, and again by `event: reason`."""

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield EVENTS.by(_samples(self.counters))


def _samples(counters: Mapping[str, int]) -> Iterator[Sample]:
    without = {event: counters.get(event, 0) for event in TOLD}
    # A copy: others have a turn while it is written.
    for key, count in list(counters.items()):
        event, colon, reason = key.partition(": ")
        if colon and event in without:
            without[event] -= count
            yield (_label(event), reason), count
    for event, count in without.items():
        # Those that have no reason, and all that have not happened yet: a rate needs a beginning.
        if count or event not in counters:
            yield (_label(event), ""), count


def _label(event: str) -> str:
    return event.replace(" ", "-")
