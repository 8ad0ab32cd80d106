"""The durable queue of pushes alone: rows per CPU-second, and the time a start takes.

    .venv/bin/python -m bench.push_store [--rounds 5] [--rows 40000] [--folder .]

Pushes are added and said to be durable; for the whole life of a push it is also ended, which is
written with the next group.  A batch is added when the one before is durable, so that each makes a
group of its own.  The time is that of all threads of the process, with the reactor's; the disk is
where the folder is.
"""

import argparse
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twisted.internet import defer, task
from twisted.internet import reactor as installed_reactor

from bench.figures import Case, report
from procall_mobility.gateway.push.ports import Ending, QueuedPush, State
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.storage.push_bounds import Bounds
from procall_mobility.storage.push_opening import open_push_store
from procall_mobility.storage.push_store import DurablePushStore
from procall_mobility.storage.push_thread import WriterThread

reactor: Any = installed_reactor

BATCHES = (1, 16, 256)
SMALLEST = 2000
"""Pushes of a round with batches of one: each waits for the disk."""
LOADED = 100_000
PAGE = 1000
"""Pushes a start takes at once."""

CONTENT = {"enc": "aes128", "data": "QUJD" * 150}
"""As long as what a phone needs to show who calls, sealed."""


def open_store(folder: Path) -> DurablePushStore:
    """Open the queue as the daemon does."""
    return open_push_store(
        folder / "push.sqlite",
        folder / "push.key",
        makes_key=True,
        bounds=Bounds(unwritten=10**9),
        clock=reactor,
        wall_clock=time.time,
        entropy=os.urandom,
        elsewhere=lambda: WriterThread(reactor.callFromThread),
    )


def pushes(count: int, first: int = 0) -> list[QueuedPush]:
    """Return pushes as a customer's server would send them, with growing ids."""
    unix = time.time()
    milliseconds = int(unix * 1000)
    found = []
    for number in range(first, first + count):
        dice = int.from_bytes(os.urandom(8)) >> 2
        bits = (milliseconds + number // 16) << 80 | 7 << 76 | (number & 0xFFF) << 64
        name = str(uuid.UUID(int=bits | 2 << 62 | dice))
        found.append(
            QueuedPush(
                customer="acme",
                app="ios.example.softphone",
                notification=Notification(
                    id=name,
                    kind="chat",
                    token=os.urandom(32).hex(),
                    urgency=Urgency.ALERT,
                    expires=unix + 86_400,
                    content=CONTENT,
                ),
                accepted=unix,
                not_before=unix,
            )
        )
    return found


async def add(store: DurablePushStore, batch: list[QueuedPush]) -> None:
    """Add pushes and wait until they are durable."""
    done: defer.Deferred[bool] = defer.Deferred()
    store.add(batch, done.callback)
    if not await done:
        raise OSError("the pushes were refused")


async def through(
    store: DurablePushStore, batches: list[list[QueuedPush]], *, whole: bool
) -> None:
    """Let pushes come, and go for their whole life."""
    for batch in batches:
        await add(store, batch)
        if not whole:
            continue
        store.end(
            [
                Ending(id=push.id, customer="acme", state=State.SENT, at=push.accepted)
                for push in batch
            ]
        )


def split(rows: list[QueuedPush], size: int) -> list[list[QueuedPush]]:
    """Return the pushes in batches."""
    return [rows[at : at + size] for at in range(0, len(rows), size)]


async def measure_batches(case: Case, folder: Path, rows: int, size: int, *, whole: bool) -> None:
    """Take one round of batches of a size."""
    store = open_store(folder)
    batches = split(pushes(rows), size)
    started = time.process_time()
    await through(store, batches, whole=whole)
    case.ours.append(rows / (time.process_time() - started))
    store.close()


async def measure_start(rate: Case, seconds: Case, folder: Path) -> None:
    """Fill the queue, then load all of it as a start does."""
    store = open_store(folder)
    for batch in split(pushes(LOADED), 1000):
        await add(store, batch)
    store.close()
    wall, cpu = time.monotonic(), time.process_time()
    store = open_store(folder)
    loaded = sum(len(page) for page in pages(store))
    seconds.ours.append(time.monotonic() - wall)
    rate.ours.append(loaded / (time.process_time() - cpu))
    store.close()
    if loaded != LOADED:
        raise ValueError(f"{loaded} pushes were found instead of {LOADED}")


def pages(store: DurablePushStore) -> Iterator[list[QueuedPush]]:
    """Return all that is in the queue."""
    after = None
    while page := store.load(after, PAGE):
        yield page
        after = page[-1].id


async def main(rounds: int, rows: int, folder: Path) -> None:
    """Take all rounds, the cases in turn, and say what came out."""
    unit = "rows per CPU-second"
    cases = {
        (size, whole): Case(f"push store {word}, batches of {size}", unit)
        for whole, word in ((False, "add"), (True, "whole life"))
        for size in BATCHES
    }
    rate = Case("push store load", unit)
    seconds = Case(f"push store load of {LOADED}", "seconds")
    for _ in range(rounds):
        for (size, whole), case in cases.items():
            count = min(rows, SMALLEST * size)
            with tempfile.TemporaryDirectory(dir=folder) as made:
                await measure_batches(case, Path(made), count, size, whole=whole)
        with tempfile.TemporaryDirectory(dir=folder) as made:
            await measure_start(rate, seconds, Path(made))
    report("push_store", [*cases.values(), rate, seconds])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure the durable queue of pushes.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=40_000, help="of one round, at most")
    parser.add_argument("--folder", type=Path, default=Path(), help="on the disk to be used")
    given = parser.parse_args()
    task.react(lambda _: defer.ensureDeferred(main(given.rounds, given.rows, given.folder)))
