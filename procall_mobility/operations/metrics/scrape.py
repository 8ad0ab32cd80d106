"""A scrape: all metrics as text, made a few at a time, so that others have their turns."""

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric
from twisted.internet.defer import Deferred
from twisted.internet.task import Cooperator
from twisted.python.failure import Failure

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Registry(Protocol):
    """What is scraped."""

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics, each when it is asked for."""


class _One:
    """A registry of one metric, which alone can be written in one go."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def collect(self) -> Iterator[Metric]:
        """Yield it."""
        yield self._metric


class Scraper:
    """Makes scrapes; whoever asks while one is being made gets the same."""

    def __init__(self, registry: Registry, cooperator: Cooperator) -> None:
        """Take turns.

        Args:
            registry: what there is to tell.
            cooperator: gives a turn for each metric.
        """
        self._registry = registry
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
        for metric in self._registry.collect():
            pieces.append(generate_latest(_One(metric)))
            yield

    def _tell(self, made: bytes | Failure) -> None:
        asked, self._asked = self._asked, []
        for each in asked:
            each.callback(made)
