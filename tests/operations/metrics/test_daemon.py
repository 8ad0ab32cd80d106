"""The daemon as a program."""

from procall_mobility.operations.lateness import Lateness
from procall_mobility.operations.metrics.daemon import DaemonMetrics
from tests.operations.metrics.told import told, value


def metrics(ends: float | None = 2_000_000_000.0) -> DaemonMetrics:
    return DaemonMetrics(
        version="1.0",
        node="node1",
        listeners=lambda: 5,
        is_stopping=lambda: True,
        certificate_ends=lambda: ends,
        bugs=lambda: 2,
        log_lines={"error": 3},
        lateness=Lateness(lambda: 0.0),
    )


def test_it_says_what_runs_and_how_it_goes() -> None:
    found = list(metrics().collect())
    assert value(found, "procall_build_info", version="1.0", node="node1") == 1
    assert value(found, "procall_listeners") == 5
    assert value(found, "procall_stopping") == 1
    assert value(found, "procall_bugs_total") == 2
    assert value(found, "procall_log_lines_total", level="error") == 3
    ends = "procall_certificate_expiry_timestamp_seconds"
    assert value(found, ends, certificate="tls") == 2_000_000_000
    assert value(found, "procall_reactor_lateness_seconds_count") == 0


def test_without_certificate_there_is_no_end_of_one() -> None:
    names = {name for name, _ in told(metrics(None).collect())}
    assert "procall_certificate_expiry_timestamp_seconds" not in names
