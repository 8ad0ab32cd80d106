"""A scrape is made in many turns, and once for all who ask meanwhile."""

from collections.abc import Callable, Iterator

import pytest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from twisted.internet.defer import Deferred
from twisted.internet.task import Cooperator

from procall_mobility.operations.metrics.declaring import gauge
from procall_mobility.operations.metrics.scrape import WRITTEN_AT_ONCE, Scraper


class Numbers:
    """A source."""

    def __init__(self) -> None:
        self.looked = 0
        self.fails = False

    def collect(self) -> Iterator[Metric | None]:
        yield None
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


def made() -> tuple[Scraper, Numbers, Turns]:
    reactor, numbers = Turns(), Numbers()
    cooperator = Cooperator(lambda: lambda: True, scheduler=reactor.put_off)
    return Scraper([numbers], cooperator), numbers, reactor


def turns(reactor: Turns, count: int = 20) -> None:
    for _ in range(count):
        reactor.turn()


def test_others_have_a_turn_after_each_metric() -> None:
    scraper, numbers, reactor = made()
    answer = scraper.scrape()
    seen = []
    for _ in range(7):
        reactor.turn()
        seen.append(numbers.looked)
    assert seen == [0, 1, 1, 2, 2, 3, 3], "each is counted in one turn and written in the next"
    turns(reactor)
    text = answer.result
    assert isinstance(text, bytes)
    assert text.decode().splitlines()[-3:] == [
        "# HELP m2 A number.", "# TYPE m2 gauge", "m2 3.0",
    ]  # fmt: skip


def test_whoever_asks_meanwhile_gets_the_same() -> None:
    scraper, numbers, reactor = made()
    first = scraper.scrape()
    turns(reactor, 2)
    second = scraper.scrape()
    turns(reactor)
    assert first.result == second.result
    assert numbers.looked == 3
    third = scraper.scrape()
    turns(reactor)
    assert b"m2 6.0" in third.result


def test_a_long_metric_is_written_in_parts_and_reads_like_one() -> None:
    """A thousand customers: to write all of them in one turn would hold up calls."""
    long = gauge("procall_things", "Things.", "customer")
    samples = [([f"c{number}"], float(number)) for number in range(2 * WRITTEN_AT_ONCE + 1)]

    class Long:
        def collect(self) -> Iterator[Metric]:
            yield long.by(samples)
            yield long.by([])

    reactor = Turns()
    cooperator = Cooperator(lambda: lambda: True, scheduler=reactor.put_off)
    answer = Scraper([Long()], cooperator).scrape()
    turns(reactor, 4)
    assert not answer.called
    turns(reactor)
    head = ["# HELP procall_things Things.", "# TYPE procall_things gauge"]
    lines = answer.result.decode().splitlines()
    assert lines[:3] == [*head, 'procall_things{customer="c0"} 0.0']
    assert lines[-2:] == head
    assert len(lines) == len(samples) + 4


def test_a_fault_is_told_to_all_and_the_next_one_is_tried() -> None:
    scraper, numbers, reactor = made()
    numbers.fails = True
    asked: list[Deferred[bytes]] = [scraper.scrape(), scraper.scrape()]
    turns(reactor)
    for each in asked:
        failures: list[object] = []
        each.addErrback(failures.append)
        assert failures
    numbers.fails = False
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
