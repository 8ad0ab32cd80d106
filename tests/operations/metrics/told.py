"""What metrics say, as a table: name and labels to value."""

from collections.abc import Iterable

from prometheus_client.metrics_core import Metric

Labels = tuple[tuple[str, str], ...]


def told(metrics: Iterable[Metric | None]) -> dict[tuple[str, Labels], float]:
    """Return every sample; fails where one is told twice, as Prometheus would."""
    found: dict[tuple[str, Labels], float] = {}
    for metric in filter(None, metrics):
        for sample in metric.samples:
            key = sample.name, tuple(sorted(sample.labels.items()))
            assert key not in found, f"{key} is told twice"
            found[key] = sample.value
    return found


def value(metrics: Iterable[Metric | None], name: str, **labels: str) -> float:
    return told(metrics)[name, tuple(sorted(labels.items()))]
