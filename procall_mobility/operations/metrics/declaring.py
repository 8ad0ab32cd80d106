"""How a metric is declared, and made anew for each scrape.

Nothing is counted here: whoever counts already does, and a scrape takes what there is.
"""

import enum
from collections.abc import Iterable, Sequence
from typing import Protocol

from attrs import frozen
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric


class Kind(enum.StrEnum):
    """Of a metric."""

    COUNTER = "counter"
    """Only grows while the daemon runs."""
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


Sample = tuple[Sequence[str], float]
"""Values of the labels, and the value."""


@frozen
class Declared:
    """A metric: its name by the conventions of Prometheus, and what it says."""

    kind: Kind
    name: str
    text: str
    labels: tuple[str, ...] = ()
    per_customer: bool = False
    """Whether it is there only where the settings say so."""

    def of(self, value: float) -> Metric:
        """Return it without labels."""
        return self.by([((), value)])

    def by(self, samples: Iterable[Sample]) -> Metric:
        """Return it by its labels.

        Each combination of labels comes once: Prometheus refuses a whole scrape for a second one.
        """
        family: CounterMetricFamily | GaugeMetricFamily
        if self.kind is Kind.COUNTER:
            family = CounterMetricFamily(self.name, self.text, labels=self.labels)
        else:
            family = GaugeMetricFamily(self.name, self.text, labels=self.labels)
        for values, value in samples:
            family.add_metric(values, value)
        return family

    def spread(
        self,
        bounds: Sequence[float],
        found: Iterable[tuple[Sequence[str], Sequence[int], float]],
    ) -> Metric:
        """Return a histogram.

        Args:
            bounds: Upper ones, rising.
            found: Values of the labels; counts of each bucket alone, the last without bound; the
                sum of all values.
        """
        family = HistogramMetricFamily(self.name, self.text, labels=self.labels)
        for values, counts, total in found:
            upto, buckets = 0, []
            for bound, count in zip([*map(str, bounds), "+Inf"], counts, strict=True):
                upto += count
                buckets.append((bound, float(upto)))
            family.add_metric(values, buckets, total)
        return family


class Source(Protocol):
    """Whoever knows some of the metrics."""

    def collect(self) -> Iterable[Metric | None]:
        """Yield them as they are now, after a few milliseconds of work each.

        None is for others to have a turn, where much is to be counted.
        """


def counter(name: str, text: str, *labels: str) -> Declared:
    """Declare a counter."""
    return Declared(Kind.COUNTER, name, text, labels)


def gauge(name: str, text: str, *labels: str) -> Declared:
    """Declare a gauge."""
    return Declared(Kind.GAUGE, name, text, labels)


def histogram(name: str, text: str, *labels: str) -> Declared:
    """Declare a histogram."""
    return Declared(Kind.HISTOGRAM, name, text, labels)


def of_each_customer(name: str, text: str, *labels: str, kind: Kind = Kind.GAUGE) -> Declared:
    """Declare what each customer has, where the settings say so; by `labels` beside its name."""
    return Declared(kind, name, text, ("customer", *labels), per_customer=True)
