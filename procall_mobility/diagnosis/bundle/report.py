"""The form of a fault report, to be filled in before or after."""

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

BLANK: Final = "." * 50

KINDS: Final = ("user", "line", "device")
"""Whom it is about."""

PRIORITIES: Final[Mapping[str, str]] = {
    "P1": "total failure",
    "P2": "critical",
    "P3": "minor or sporadic",
    "P4": "deficiency",
}
"""How bad it is, as contracts have it."""


@frozen(kw_only=True)
class FaultReport:
    """What whoever reports a fault knows of it; None is left to be filled in."""

    time: str | None = None
    duration: str | None = None
    kind: str | None = None
    extent: str | None = None
    reproducible: str | None = None
    steps: str | None = None
    priority: str | None = None


def form(report: FaultReport) -> Iterator[str]:
    """Return the form's lines."""
    priorities = {code: f"{code} {text}" for code, text in PRIORITIES.items()}
    rows = (
        ("Time of the fault", report.time, "date and time, with the zone"),
        ("Duration", report.duration, "or: it goes on"),
        ("Kind", report.kind, " / ".join(KINDS)),
        ("Extent", report.extent, "who is concerned, and how many"),
        ("Reproducible", report.reproducible, "always, sometimes, once; how"),
        ("Steps taken", report.steps, "what was tried, and what came of it"),
        ("Priority", priorities.get(report.priority or ""), ", ".join(priorities.values())),
    )
    for name, said, hint in rows:
        yield f"{name:<18} {said}" if said else f"{name:<18} {BLANK}  ({hint})"
