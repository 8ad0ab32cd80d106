"""Alerts and dashboard ask for nothing that is not told."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from procall_mobility.gateway.access import Event
from procall_mobility.gateway.push.lane.breaker import State as BreakerState
from procall_mobility.gateway.push.lane.outputs import Trouble
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.statistics import BOUNDS
from procall_mobility.operations.metrics.catalogue import ALL
from procall_mobility.operations.metrics.declaring import Kind
from tests.examples.monitoring.promql import Matcher, Selector, grouped, selectors
from tools.make_metrics import name, of_library

EXAMPLES = Path(__file__).parents[3] / "examples"
RULES = yaml.safe_load((EXAMPLES / "prometheus/alerts.yml").read_text("utf-8"))
DASHBOARD = json.loads((EXAMPLES / "grafana/procall-mobility.json").read_text("utf-8"))

ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
TARGETS = [target for panel in PANELS for target in panel["targets"]]
EXPRESSIONS = [each["expr"] for each in (*ALERTS, *TARGETS)]

SCRAPED = {"instance", "job"}
"""Labels Prometheus puts to everything."""

VALUES = {
    "event": {event.value.replace(" ", "-") for event in Event},
    "trouble": {trouble.value for trouble in Trouble},
    "state": {state.value for state in (*State, *BreakerState)},
    "level": {"debug", "info", "warn", "error", "critical"},
    "le": {str(bound) for bound in BOUNDS},
    "provider": {"apns", "fcm", "hms", "wns", "webpush", "unifiedpush"},
}


def told() -> Iterator[tuple[str, set[str]]]:
    """Yield every name of a sample, with its labels."""
    yield "up", set()
    for metric in of_library():
        yield name(metric), {label for sample in metric.samples for label in sample.labels}
    for declared in ALL:
        labels = set(declared.labels)
        if declared.kind is Kind.HISTOGRAM:
            yield f"{declared.name}_bucket", labels | {"le"}
            yield f"{declared.name}_count", labels
            yield f"{declared.name}_sum", labels
        else:
            yield declared.name, labels


TOLD = dict(told())


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_and_label_exists(expression: str) -> None:
    found = list(selectors(expression))
    assert found
    for each in found:
        assert each.metric in TOLD
        for matcher in each.matchers:
            assert matcher.label in TOLD[each.metric] | SCRAPED
    known = set().union(*(TOLD[each.metric] for each in found)) | SCRAPED
    assert grouped(expression) <= known


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_value_that_is_asked_for_can_be(expression: str) -> None:
    for each in selectors(expression):
        for matcher in each.matchers:
            if matcher.label in VALUES:
                assert is_possible(matcher), matcher


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_only_counters_have_rates(expression: str) -> None:
    for rated in re.findall(r"\b(?:rate|increase)\(([a-z_]+)", expression):
        assert rated.endswith(("_total", "_bucket", "_count", "_sum"))


def is_possible(matcher: Matcher) -> bool:
    values = VALUES[matcher.label]
    if matcher.operator in ("=", "!="):
        return matcher.value in values
    parts = matcher.value.split("|")
    return all(any(re.fullmatch(part, value) for value in values) for part in parts)


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    for alert in ALERTS:
        assert re.fullmatch(r"ProCall[A-Za-z]+", alert["alert"])
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert alert["annotations"].keys() == {"summary", "action"}
    assert len({alert["alert"] for alert in ALERTS}) == len(ALERTS)


def test_alerts_name_only_labels_they_have() -> None:
    for alert in ALERTS:
        named = set(re.findall(r"\$labels\.([a-z]+)", str(alert["annotations"])))
        by = grouped(alert["expr"])
        of_metrics = set().union(*(TOLD[each.metric] for each in selectors(alert["expr"])))
        assert named <= (by or of_metrics | SCRAPED)


def test_panels_do_not_lie_on_each_other() -> None:
    taken: dict[tuple[int, int], Any] = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_legends_name_only_labels_that_are_left() -> None:
    for target in TARGETS:
        named = set(re.findall(r"\{\{([a-z]+)\}\}", target["legendFormat"]))
        assert named <= grouped(target["expr"]) | SCRAPED


def test_the_dashboard_is_bound_to_no_installation() -> None:
    assert {target["datasource"]["uid"] for target in TARGETS} == {"${datasource}"}
    assert "http" not in json.dumps(PANELS)


def test_expressions_are_taken_apart_as_they_are_meant() -> None:
    """The checks above check something."""
    expression = 'sum by (app) (rate(a_total{x="1",y=~"b|c"}[5m])) / max(d) > 0 and up'
    assert list(selectors(expression)) == [
        Selector("a_total", (Matcher("x", "=", "1"), Matcher("y", "=~", "b|c"))),
        Selector("d", ()),
        Selector("up", ()),
    ]
    assert grouped(expression) == {"app"}
