"""What a look at something has come to: how it is, why, and what helps."""

import enum
from collections.abc import Iterable

from attrs import frozen


class State(enum.StrEnum):
    """How something is."""

    OK = "ok"
    UNKNOWN = "unknown"
    """It could not be looked at, and may be well."""
    WARNING = "warning"
    """It works, and will not always, or not for everybody."""
    WRONG = "wrong"


WORST_FIRST = (State.WRONG, State.WARNING, State.UNKNOWN, State.OK)
"""What has to be read first comes first."""


@frozen
class Finding:
    """One thing that was looked at."""

    check: str
    """What was looked at: `ports`, `certificate` ..."""
    state: State
    reason: str
    """What it is, as a word for machines: `port-taken`."""
    what: str
    """The same as a sentence."""
    cure: str = ""
    """What an operator does about it; empty where nothing has to be done."""


def ok(check: str, what: str) -> Finding:
    """Return that something is well."""
    return Finding(check, State.OK, "ok", what)


def unknown(check: str, reason: str, what: str, cure: str = "") -> Finding:
    """Return that something could not be looked at."""
    return Finding(check, State.UNKNOWN, reason, what, cure)


def warning(check: str, reason: str, what: str, cure: str) -> Finding:
    """Return that something works, but not always, or not for everybody."""
    return Finding(check, State.WARNING, reason, what, cure)


def wrong(check: str, reason: str, what: str, cure: str) -> Finding:
    """Return that something does not work."""
    return Finding(check, State.WRONG, reason, what, cure)


def is_well(findings: Iterable[Finding]) -> bool:
    """Tell whether nothing is wrong; what is only a warning is not."""
    return all(each.state is not State.WRONG for each in findings)
