"""Makes the page of metrics from their declarations.

Usage: python -m tools.make_metrics   (writes docs/metrics.md; a test holds it to it)
"""

from pathlib import Path

from prometheus_client.metrics_core import Metric

from procall_mobility.operations.metrics.catalogue import CHAPTERS, of_process
from procall_mobility.operations.metrics.declaring import Declared

FILE = Path(__file__).parents[1] / "docs/metrics.md"

HEAD = """\
# Metrics

Made by `python -m tools.make_metrics`. [Monitoring](monitoring.md) says how they are asked for,
and what to look at.

Labels have few values, and these are words of ours or codes of providers: no metric names a user,
a device, an address, a token or a message. What is marked "each customer" is there where
`admin.customers_in_metrics` is set, and names customers by their UCSID. Counters begin with the
daemon. A metric whose labels have not been seen yet has no line.
"""

LIBRARY = """
## The process

From the client library: what Linux and Python know of the process.

| metric | kind | says |
|---|---|---|"""


def page() -> str:
    """Return the page."""
    lines = [HEAD]
    for title, chapter in CHAPTERS.items():
        lines += [f"## {title}", "", "| metric | kind | labels | says |", "|---|---|---|---|"]
        lines += [*map(_row, chapter), ""]
    lines[-1:] = [LIBRARY]
    lines += [f"| `{name(each)}` | {each.type} | {each.documentation} |" for each in of_library()]
    return "\n".join(lines) + "\n"


def of_library() -> list[Metric]:
    """Return what the client library tells."""
    return [metric for metric in of_process().collect() if metric is not None]


def name(metric: Metric) -> str:
    """Return a metric's name as it is scraped."""
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def _row(declared: Declared) -> str:
    labels = ", ".join(f"`{label}`" for label in declared.labels) or "-"
    whose = " (each customer)" if declared.per_customer else ""
    return f"| `{declared.name}` | {declared.kind.value} | {labels} | {declared.text}{whose} |"


def main() -> None:
    """Write the page."""
    FILE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
