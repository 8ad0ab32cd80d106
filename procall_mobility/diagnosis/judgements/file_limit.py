"""Whether as many files may be open as connections and relays need."""

import enum
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, unknown, wrong

FILE_LIMIT = "file-limit"

SPARE: Final = 500
"""For logs, the store, listeners, the admin socket, and connections to providers."""

OF_A_RELAY: Final = 2
"""One for each family, at most."""


class Whose(enum.StrEnum):
    """Whose limit was looked at."""

    DAEMON = "the running daemon"
    UNIT = "the systemd unit"
    OURS = "what is started from here"


@frozen(kw_only=True)
class LimitFacts:
    """The limit and what is needed."""

    limit: int | None
    """None where there is none."""
    whose: Whose
    connections: int
    """connections.total"""
    relays: int
    """turn.limits.allocations; 0 where nobody relays."""
    has_unit: bool = False
    """A systemd unit is installed, whose own limit could not be read."""


def judge_file_limit(facts: LimitFacts) -> Iterator[Finding]:
    """Judge it."""
    needed = facts.connections + OF_A_RELAY * facts.relays + SPARE
    if facts.limit is None or facts.limit >= needed:
        most = "any number of" if facts.limit is None else str(facts.limit)
        yield ok(
            FILE_LIMIT, f"{_capital(facts.whose)} may open {most} files; {needed} are needed."
        )
        return
    relays = f", turn.limits.allocations = {facts.relays}" if facts.relays else ""
    what = (
        f"{_capital(facts.whose)} may open {facts.limit} files, and {needed} are needed for"
        f" connections.total = {facts.connections}{relays}"
    )
    if facts.has_unit and facts.whose is Whose.OURS:
        yield unknown(
            FILE_LIMIT,
            "file-limit-untold",
            f"{what}; the systemd unit has a limit of its own.",
            "Look again when the daemon runs.",
        )
        return
    yield wrong(
        FILE_LIMIT,
        "file-limit-low",
        f"{what}: beyond that, connections are not accepted.",
        f"Raise it: LimitNOFILE={_rounded(needed)} in the unit (`systemctl edit"
        f" procall-mobility`), `ulimit -n {_rounded(needed)}` in a shell; or lower those"
        " settings.",
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rounded(needed: int) -> int:
    """Return the next power of two, as people like it."""
    return 1 << (needed - 1).bit_length()
