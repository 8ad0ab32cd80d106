"""A scrape is made in many turns, and once for all who ask meanwhile."""

from collections.abc import Callable, Iterator

import pytest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from twisted.internet.defer import Deferred
from twisted.internet.task import Cooperator

from procall_mobility.operations.metrics.scrape import Scraper


class Registry:
    def __init__(self) -> None:
        self.looked = 0
        self.fails = False

    def collect(self) -> Iterator[Metric]:
        for number in range(3):
            if self.fails and number == 1:
                raise RuntimeError("planted")
            self.looked += 1
            yield GaugeMetricFamily(f"m{number}", "A number.", value=self.looked)


class Turns:
    """A reactor's turns: what is put off comes in the next one."""

    def __init__(self) -> None:
        self.later: list[Callable[[], None]] = []

    def put_off(self, act: Callable[[], None]) -> None:
        self.later.append(act)

    def turn(self) -> None:
        due, self.later = self.later, []
        for each in due:
            each()


def made() -> tuple[Scraper, Registry, Turns]:
    reactor, registry = Turns(), Registry()
    cooperator = Cooperator(lambda: lambda: True, scheduler=reactor.put_off)
    return Scraper(registry, cooperator), registry, reactor


def turns(reactor: Turns, count: int = 10) -> None:
    for _ in range(count):
        reactor.turn()


def test_others_have_a_turn_after_each_metric() -> None:
    scraper, registry, reactor = made()
    answer = scraper.scrape()
    seen = []
    for _ in range(3):
        reactor.turn()
        seen.append(registry.looked)
    assert seen == [1, 2, 3]
    turns(reactor)
    text = answer.result
    assert isinstance(text, bytes)
    assert text.decode().splitlines()[-3:] == [
        "# HELP m2 A number.", "# TYPE m2 gauge", "m2 3.0",
    ]  # fmt: skip


def test_whoever_asks_meanwhile_gets_the_same() -> None:
    scraper, registry, reactor = made()
    first = scraper.scrape()
    reactor.turn()
    second = scraper.scrape()
    turns(reactor)
    assert first.result == second.result
    assert registry.looked == 3
    third = scraper.scrape()
    turns(reactor)
    assert b"m2 6.0" in third.result


def test_a_fault_is_told_to_all_and_the_next_one_is_tried() -> None:
    scraper, registry, reactor = made()
    registry.fails = True
    asked: list[Deferred[bytes]] = [scraper.scrape(), scraper.scrape()]
    turns(reactor)
    for each in asked:
        failures: list[object] = []
        each.addErrback(failures.append)
        assert failures
    registry.fails = False
    again = scraper.scrape()
    turns(reactor)
    assert b"m2" in again.result


@pytest.mark.parametrize("count", [1, 50])
def test_nothing_is_kept_of_those_who_were_answered(count: int) -> None:
    scraper, _, reactor = made()
    for _ in range(count):
        scraper.scrape()
    turns(reactor)
    assert scraper._asked == []
