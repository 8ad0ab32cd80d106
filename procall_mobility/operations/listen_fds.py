"""Descriptors that whoever started us has opened for us (sd_listen_fds(3))."""

from collections.abc import Mapping, MutableMapping
from typing import Final

from attrs import frozen

FIRST: Final = 3
"""The first one's number; the others follow."""

MOST: Final = 1000
"""More than any settings name, and than systemd keeps for anybody unless told so."""

UNKNOWN: Final = "unknown"
"""The name of one that came without."""

VARIABLES: Final = ("LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES")

ASIDE: Final = "PROCALL_MOBILITY_"
"""Stands before the names of variables that were put aside."""


@frozen
class Given:
    """What was passed to us."""

    descriptors: tuple[tuple[int, str], ...] = ()
    """Numbers and names."""
    error: str = ""
    """Why there are none, where there should be some, or why they have no names."""


def given(environment: Mapping[str, str], pid: int) -> Given:
    """Return what was passed to the process `pid`; what was meant for another one is not ours."""

    def told(name: str) -> str | None:
        return environment.get(ASIDE + name, environment.get(name))

    if told("LISTEN_PID") != str(pid):
        return Given()
    text = told("LISTEN_FDS") or ""
    # Neither signs, blanks nor digits of other scripts, all of which `int` takes.
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST))):
        return Given(error=f"LISTEN_FDS: expected a number up to {MOST}, not {text[:20]!r}")
    if int(text) > MOST:
        return Given(error=f"LISTEN_FDS: expected a number up to {MOST}, not {text}")
    numbers = range(FIRST, FIRST + int(text))
    named = told("LISTEN_FDNAMES")
    names = [UNKNOWN] * len(numbers) if not named else named.split(":")
    error = ""
    if len(names) != len(numbers):
        error = f"LISTEN_FDNAMES: expected {len(numbers)} names, not {len(names)}"
        names = [UNKNOWN] * len(numbers)
    return Given(tuple(zip(numbers, names, strict=True)), error)


def forget(environment: MutableMapping[str, str]) -> None:
    """Keep programs that we start from taking them for theirs."""
    for name in VARIABLES:
        environment.pop(name, None)
        environment.pop(ASIDE + name, None)


def put_aside(environment: MutableMapping[str, str]) -> None:
    """Keep Twisted from taking them: it empties the variables as soon as it looks for plugins."""
    for name in VARIABLES:
        if name in environment:
            environment[ASIDE + name] = environment.pop(name)
