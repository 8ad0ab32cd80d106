"""How long a killed daemon takes to know what it had accepted, and to send it."""

import asyncio
import shutil
import signal
import time
from pathlib import Path

from attrs import frozen

from bench.figures import Case
from bench.push_load import closed_loop, requests
from bench.push_sides import Ours, Target
from procall_mobility.operations.admin_client import NotRunningError

BATCH = 250
IN_FLIGHT = 4
PATIENCE = 300.0
"""Seconds until all must have been sent."""


@frozen
class Recovery:
    """Seconds since the start of the process."""

    restored: float
    sent: float


async def fill(ours: Ours, target: Target, pushes: int, kept: Path) -> None:
    """Have pushes accepted that cannot be sent, kill the daemon, and keep what it leaves."""
    target.stop()
    await closed_loop(ours.port, requests(pushes, BATCH), IN_FLIGHT)
    ours.stop(signal.SIGKILL)
    _copy_queue(ours.folder, kept)


async def recover(ours: Ours, target: Target, pushes: int, kept: Path) -> Recovery:
    """Start the daemon on what was left, until all of it has been sent."""
    _copy_queue(kept, ours.folder)
    target.start()
    begun = time.monotonic()
    ours.start()
    restored = sent = 0.0
    while not sent:
        await asyncio.sleep(0.02)
        now = time.monotonic() - begun
        if now > PATIENCE:
            raise TimeoutError(f"{target.numbers()} instead of {pushes} pushes")
        if not restored and _restored(ours) >= pushes:
            restored = now
        if target.numbers()["ids"] >= pushes:
            sent = now
    ours.stop()
    target.stop()
    return Recovery(restored or sent, sent)


def _copy_queue(source: Path, to: Path) -> None:
    to.mkdir(exist_ok=True)
    for file in to.glob("push.*"):
        file.unlink()
    for file in source.glob("push.*"):
        shutil.copy(file, to)


def _restored(ours: Ours) -> int:
    try:
        return int(ours.lane().get("restored", 0))
    except NotRunningError:
        return 0


async def measure(ours: Ours, target: Target, rounds: int, pushes: int) -> list[Case]:
    """Measure; both run before, and neither does afterwards."""
    kept = ours.folder / "kept"
    restored = Case("push recovery", f"seconds to restore {pushes}")
    sent = Case("push recovery, all sent", f"seconds to send {pushes}")
    await fill(ours, target, pushes, kept)
    print("  filled", flush=True)
    for _ in range(rounds):
        found = await recover(ours, target, pushes, kept)
        restored.ours.append(found.restored)
        sent.ours.append(found.sent)
    return [restored, sent]
