"""A scrape: all metrics as text, made a few at a time, so that others have their turns."""

from collections.abc import Iterator, Sequence
from typing import Final

from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from twisted.internet.defer import Deferred
from twisted.internet.task import Cooperator
from twisted.python.failure import Failure

from procall_mobility.operations.metrics.declaring import Source

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


WRITTEN_AT_ONCE: Final = 100
"""Samples, which takes a millisecond."""


class _Part(Collector):
    """Some samples of a metric: what the library writes in one go."""

    def __init__(self, metric: Metric, samples: list[Sample]) -> None:
        self._part = Metric(metric.name, metric.documentation, metric.type)
        self._part.samples = samples

    def collect(self) -> Iterator[Metric]:
        """Yield it."""
        yield self._part


class Scraper:
    """Makes scrapes; whoever asks while one is being made gets the same."""

    def __init__(self, sources: Sequence[Source], cooperator: Cooperator) -> None:
        """Take turns.

        Args:
            sources: what there is to tell.
            cooperator: gives a turn for each metric, and each part of a long one.
        """
        self._sources = sources
        self._cooperator = cooperator
        self._asked: list[Deferred[bytes]] = []

    def scrape(self) -> "Deferred[bytes]":
        """Return the text when it is made."""
        asked: Deferred[bytes] = Deferred()
        self._asked.append(asked)
        if len(self._asked) == 1:
            pieces: list[bytes] = []
            made = self._cooperator.coiterate(self._write(pieces))
            made.addCallback(lambda _: b"".join(pieces)).addBoth(self._tell)
        return asked

    def _write(self, pieces: list[bytes]) -> Iterator[None]:
        for source in self._sources:
            for metric in source.collect():
                yield
                if metric is not None:
                    yield from _written(metric, pieces)

    def _tell(self, made: bytes | Failure) -> None:
        asked, self._asked = self._asked, []
        for each in asked:
            each.callback(made)


def _written(metric: Metric, pieces: list[bytes]) -> Iterator[None]:
    samples = metric.samples
    for start in range(0, max(1, len(samples)), WRITTEN_AT_ONCE):
        text = generate_latest(_Part(metric, samples[start : start + WRITTEN_AT_ONCE]))
        # HELP and TYPE come once.
        pieces.append(text if not start else text.split(b"\n", 2)[2])
        yield
