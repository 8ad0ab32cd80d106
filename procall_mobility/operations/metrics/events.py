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

ELSEWHERE: Final = frozenset(event for event in Event if event.value.startswith("push "))
"""The book counts its lines, which not all pushes have; `push` knows of all."""


@frozen(eq=False)
class AccessEvents:
    """Their source."""

    counters: Mapping[str, int]
    """Of the book: by event, and again by `event: reason`."""

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield EVENTS.by(_samples(self.counters))


def _samples(counters: Mapping[str, int]) -> Iterator[Sample]:
    without = {event.value: counters.get(event.value, 0) for event in Event}
    for key, count in counters.items():
        event, colon, reason = key.partition(": ")
        if colon and Event(event) not in ELSEWHERE:
            without[event] -= count
            yield (_label(event), reason), count
    for event in Event:
        # Those that have no reason, and all that have not happened yet: a rate needs a beginning.
        if event not in ELSEWHERE and (without[event] or event not in counters):
            yield (_label(event), ""), without[event]


def _label(event: str) -> str:
    return event.replace(" ", "-")
