"""Whether the clock is right: certificates, credentials and pushes all depend on it."""

import datetime
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, unknown, warning, wrong

CLOCK = "clock"

TOLERABLE: Final = 5.0
"""Seconds; a clock that is kept right is so to milliseconds."""
BEARABLE: Final = 60.0
"""Seconds; further off, tokens for providers and customers' own are refused."""

CURE: Final = (
    "Have it kept right: install chrony or systemd-timesyncd; `timedatectl` shows how it is"
)


@frozen(kw_only=True)
class Comparison:
    """What another clock says."""

    whose: str
    ahead: float
    """Seconds by which ours is ahead of it."""
    tolerance: float = 0.0
    """Seconds by which it may be wrong: dates in HTTP have whole ones."""


@frozen(kw_only=True)
class ClockFacts:
    """What the clock says, and what others say of it."""

    now: float
    built: float
    """When this program was built or installed, unix seconds."""
    is_kept: bool | None
    """Whether the kernel knows of somebody who keeps it right; None where it cannot be asked."""
    comparisons: tuple[Comparison, ...] = ()
    unanswered: str | None = None
    """The time server that was to be asked and did not answer."""


def judge_clock(clock: ClockFacts) -> Iterator[Finding]:
    """Judge it."""
    if clock.unanswered is not None:
        yield warning(
            CLOCK,
            "time-server-silent",
            f"The time server {clock.unanswered} does not answer.",
            "Correct --time-server, or let its answers through: UDP port 123.",
        )
    if clock.comparisons:
        # Whoever may be wrong by least is believed.
        best = min(clock.comparisons, key=lambda each: each.tolerance)
        yield _judge_comparison(best)
    elif clock.now < clock.built:
        yield wrong(
            CLOCK,
            "clock-before-build",
            f"The clock says {_shown(clock.now)}, and this program was built on"
            f" {_shown(clock.built)}: it is slow.",
            f"{CURE}.",
        )
    elif clock.is_kept is None:
        yield unknown(
            CLOCK,
            "clock-untold",
            "Whether the clock is right cannot be told from here.",
            "Compare it: --time-server HOST.",
        )
    elif not clock.is_kept:
        yield warning(
            CLOCK,
            "clock-not-kept",
            "Nobody keeps the clock right, says the kernel; how wrong it is cannot be told.",
            f"{CURE}; --time-server HOST compares it.",
        )
    else:
        yield ok(CLOCK, "The clock is kept right, says the kernel.")


def _judge_comparison(other: Comparison) -> Finding:
    off = max(0.0, abs(other.ahead) - other.tolerance)
    if off <= TOLERABLE:
        return ok(CLOCK, f"The clock is right, compared with {other.whose}.")
    way = "fast" if other.ahead > 0 else "slow"
    what = f"The clock is {_lasted(abs(other.ahead))} {way}, compared with {other.whose}"
    if off <= BEARABLE:
        return warning(CLOCK, "clock-off", f"{what}.", f"{CURE}.")
    return wrong(
        CLOCK,
        "clock-off",
        f"{what}: providers and customers refuse our tokens, and certificates seem out of their"
        " time.",
        f"{CURE}.",
    )


def _lasted(seconds: float) -> str:
    """Return a difference of clocks as people say it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"


def _shown(unix: float) -> str:
    return f"{datetime.datetime.fromtimestamp(unix, datetime.UTC):%Y-%m-%d %H:%M} UTC"
