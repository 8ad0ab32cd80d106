"""Metrics of the daemon as a program: what it is, how it is, what it says."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import frozen
from prometheus_client.metrics_core import Metric

from procall_mobility.operations.lateness import BOUNDS, Lateness
from procall_mobility.operations.metrics.declaring import counter, gauge, histogram

BUILD: Final = gauge(
    "procall_build_info", "Always 1; which version runs, and what the node is called.",
    "version", "node",
)  # fmt: skip
LISTENERS: Final = gauge("procall_listeners", "Places listened on.")
STOPPING: Final = gauge("procall_stopping", "1 once the daemon is told to end, else 0.")
CERTIFICATE: Final = gauge(
    "procall_certificate_expiry_timestamp_seconds",
    "When the certificate clients and servers are shown ends, in Unix seconds.",
    "certificate",
)
BUGS: Final = counter(
    "procall_bugs_total",
    "Faults of our own that were caught; the service log tells of each.",
)
LOG_LINES: Final = counter(
    "procall_log_lines_total", "Lines of the service log, by level.", "level"
)
LATENESS: Final = histogram(
    "procall_reactor_lateness_seconds",
    "How late the reactor came to what was due, looked at twice a second.",
)

DECLARED: Final = (BUILD, LISTENERS, STOPPING, CERTIFICATE, BUGS, LOG_LINES, LATENESS)


@frozen(kw_only=True, eq=False)
class DaemonMetrics:
    """Their source."""

    version: str
    node: str
    listeners: Callable[[], int]
    is_stopping: Callable[[], bool]
    certificate_ends: Callable[[], float | None]
    """Unix seconds; None where there is no certificate."""
    bugs: Callable[[], int]
    log_lines: Mapping[str, int]
    lateness: Lateness

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield BUILD.by([((self.version, self.node), 1)])
        yield LISTENERS.of(self.listeners())
        yield STOPPING.of(self.is_stopping())
        ends = self.certificate_ends()
        yield CERTIFICATE.by([] if ends is None else [(["tls"], ends)])
        yield BUGS.of(self.bugs())
        yield LOG_LINES.by(([level], count) for level, count in self.log_lines.items())
        yield LATENESS.spread(BOUNDS, [((), self.lateness.counts, self.lateness.total)])
