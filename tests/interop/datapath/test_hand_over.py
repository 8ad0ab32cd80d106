"""A daemon hands over: the kernel goes on with its calls, and carries those of the new one too."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.daemon import PATIENCE
from tests.interop.datapath.conftest import StartCrossing
from tests.interop.datapath.kernel_objects import objects_of
from tests.interop.datapath.ways import Way, crosses

pytestmark = pytest.mark.interop

SIZE = 160


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """Have no daemon do anything: what still arrives the kernel has carried."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def end(pid: int) -> None:
    """End a daemon that is nobody's child here."""
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while _is_there(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _is_there(pid)


def _is_there(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(") ")[2][0] != "Z"


def test_the_kernel_carries_the_calls_of_both(start_crossing: StartCrossing) -> None:
    """Two programs see each packet; each knows its own flows, and passes all else on."""
    site = start_crossing()
    old = site.pid
    before = [Way(site, v6=v6) for v6 in (False, True)]
    new = int(site.relay.facts("hand-over")["pid"])
    try:
        after = [Way(site, v6=v6) for v6 in (False, True)]
        assert site.datapath()["path"] == "kernel"
        with stopped(old, new):
            for way in (*before, *after):
                crosses(way.says, way.heard_by_peer, SIZE)
                crosses(way.is_answered, way.heard_by_client, SIZE)
        held = objects_of(old)
        for way in before:
            assert way.caller.refreshes(600).ok, "the old one answers"
            assert way.caller.refreshes(0).ok
        assert site.relay.process is not None
        assert site.relay.process.wait(PATIENCE) == 0
        site.relay.until(lambda: not any(each.is_there() for each in held))
        with stopped(new):
            crosses(after[0].says, after[0].heard_by_peer, SIZE)
    finally:
        site.relay.process = None
        site.opened.close()
        end(new)
