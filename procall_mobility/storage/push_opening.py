"""Puts the durable queue of pushes together."""

from collections.abc import Callable
from pathlib import Path

from twisted.internet.interfaces import IReactorTime

from procall_mobility.storage.passwords import Entropy
from procall_mobility.storage.push_bounds import Bounds
from procall_mobility.storage.push_commits import Commits
from procall_mobility.storage.push_file import open_file
from procall_mobility.storage.push_records import PushRecords
from procall_mobility.storage.push_seal import Seal
from procall_mobility.storage.push_store import DurablePushStore
from procall_mobility.storage.push_thread import Elsewhere
from procall_mobility.storage.push_writer import PushWriter


def open_push_store(
    path: Path,
    key: Path,
    *,
    makes_key: bool,
    bounds: Bounds,
    clock: IReactorTime,
    wall_clock: Callable[[], float],
    entropy: Entropy,
    elsewhere: Callable[[], Elsewhere],
) -> DurablePushStore:
    """Open or create the queue at `path`, sealed with the key in the file `key`.

    Args:
        path: the database's file.
        key: the key's file.
        makes_key: whether a key is made on first use; not where the operator provides one.
        bounds: how much is kept.
        clock: what things are timed by.
        wall_clock: returns unix seconds.
        entropy: returns octets nobody can guess.
        elsewhere: makes the one thread that writes, once there is something to write to.

    Raises:
        StoreError: it cannot be opened, or the key is not the one it was sealed with.
    """
    file = open_file(path, key, entropy, makes_key=makes_key, octets=bounds.octets)
    seal = Seal(file.key, entropy)
    return DurablePushStore(
        PushRecords(file, seal),
        Commits(PushWriter(file.writer, seal, bounds, wall_clock), clock, elsewhere()),
        seal,
        bounds,
        clock,
        wall_clock,
    )
