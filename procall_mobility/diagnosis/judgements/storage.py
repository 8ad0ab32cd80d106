"""Whether the daemon can keep what it has to: folders, stores, logs, room on the disk."""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, warning, wrong

STORAGE = "storage"

NO_SPACE: Final = 16 * 1024 * 1024
"""Octets; below that the daemon says it is not ready."""
LITTLE_SPACE: Final = 500 * 1024 * 1024
"""A flood of pushes may want as much."""
MEGA: Final = 1_000_000


@frozen(kw_only=True)
class FolderFacts:
    """A folder the daemon writes in, or a file it writes to."""

    setting: str
    path: str
    account: str
    is_there: bool
    is_writable: bool
    """By that account."""
    is_made_at_start: bool = False
    """Whoever starts the daemon makes it."""
    trouble: str | None = None
    """Why nothing can be written to a store, in the words of SQLite."""
    free: int | None = None
    """Octets left on its disk."""


def judge_storage(places: Iterable[FolderFacts]) -> Iterator[Finding]:
    """Judge them."""
    places = list(places)
    found = [finding for each in places for finding in _judge(each)]
    yield from found
    yield from _judge_space(places)
    if not found:
        yield ok(STORAGE, "All folders and stores are there and can be written to.")


def _judge(place: FolderFacts) -> Iterator[Finding]:
    if not place.is_there:
        if not place.is_made_at_start:
            yield wrong(
                STORAGE,
                "folder-missing",
                f"{place.setting} names {place.path}, which is not there.",
                f"Make it: `install -d -m 700 -o {place.account} {place.path}`; or correct"
                f" {place.setting}.",
            )
    elif not place.is_writable:
        yield wrong(
            STORAGE,
            "not-writable",
            f"{place.account} cannot write to {place.path}, which {place.setting} names.",
            # Of a link in the daemon's folder, whatever it leads to stays whose it is.
            f"`chown -h {place.account} {place.path}`, and see that no file system is read-only;"
            " for a unit of your own, ReadWritePaths names it.",
        )
    elif place.trouble is not None:
        yield wrong(
            STORAGE,
            "store-unusable",
            f"Nothing can be written to the store {place.path}: {place.trouble}.",
            "Make room, or end what holds the file; a damaged store comes back from a backup.",
        )


def _judge_space(places: list[FolderFacts]) -> Iterator[Finding]:
    known = [each for each in places if each.free is not None]
    least = min(known, key=lambda each: each.free or 0, default=None)
    if least is None or least.free is None or least.free >= LITTLE_SPACE:
        return
    judge = wrong if least.free < NO_SPACE else warning
    yield judge(
        STORAGE,
        "disk-full",
        f"The disk of {least.path} has {least.free // MEGA} MB left.",
        "Make room: `du -xh / | sort -h | tail`; logs are rotated by"
        " /etc/logrotate.d/procall-mobility.",
    )
