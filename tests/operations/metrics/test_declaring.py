"""Declarations follow the conventions of Prometheus, and become what its client writes."""

import re

import pytest
from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric

from procall_mobility.operations.metrics.catalogue import ALL, of_process
from procall_mobility.operations.metrics.declaring import (
    Declared,
    Kind,
    counter,
    gauge,
    histogram,
)

NOBODYS = {"user", "client", "peer", "address", "token", "device", "session", "allocation", "lane"}
"""Labels that strangers could fill, or that name somebody."""


class Only:
    def __init__(self, metric: Metric) -> None:
        self.metric = metric

    def collect(self) -> list[Metric]:
        return [self.metric]


def written(metric: Metric) -> list[str]:
    return generate_latest(Only(metric)).decode().splitlines()


@pytest.mark.parametrize("declared", ALL, ids=lambda each: each.name)
def test_names_and_labels_are_as_prometheus_wants_them(declared: Declared) -> None:
    """prometheus.io/docs/practices/naming: base units, `_total` for counters and nothing else."""
    assert re.fullmatch(r"procall(_[a-z]+)+", declared.name)
    assert declared.name.endswith("_total") is (declared.kind is Kind.COUNTER)
    assert not re.search(r"_(octets|kib|ms|milliseconds|minutes|percent)(_|$)", declared.name)
    assert declared.kind is not Kind.HISTOGRAM or declared.name.endswith("_seconds")
    assert not set(declared.labels) & NOBODYS
    assert all(re.fullmatch(r"[a-z]+", label) for label in declared.labels)
    assert declared.text.endswith(".")
    assert ("customer" in declared.labels) is declared.per_customer


def test_no_name_is_declared_twice() -> None:
    names = [declared.name for declared in ALL]
    assert len(names) == len(set(names))


def test_a_counter_is_written_with_its_help() -> None:
    declared = counter("procall_things_total", "Things done.", "kind")
    assert written(declared.by([(["good"], 3)])) == [
        "# HELP procall_things_total Things done.",
        "# TYPE procall_things_total counter",
        'procall_things_total{kind="good"} 3.0',
    ]


def test_a_gauge_without_labels_is_one_line() -> None:
    assert written(gauge("procall_things", "Things there are.").of(True))[-1] == (
        "procall_things 1.0"
    )


def test_the_buckets_of_a_histogram_hold_all_that_is_below() -> None:
    declared = histogram("procall_waits_seconds", "Waits.", "who")
    assert written(declared.spread((0.1, 1.0), [(["we"], [2, 1, 4], 9.5)]))[2:] == [
        'procall_waits_seconds_bucket{le="0.1",who="we"} 2.0',
        'procall_waits_seconds_bucket{le="1.0",who="we"} 3.0',
        'procall_waits_seconds_bucket{le="+Inf",who="we"} 7.0',
        'procall_waits_seconds_count{who="we"} 7.0',
        'procall_waits_seconds_sum{who="we"} 9.5',
    ]


def test_each_daemon_has_a_registry_of_its_own() -> None:
    first, second = of_process(), of_process()
    assert first is not second
    names = {metric.name for metric in second.collect() if metric is not None}
    assert {"process_resident_memory_bytes", "python_info", "python_gc_collections"} <= names
