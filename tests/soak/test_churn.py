"""Clients and servers that come and go: nothing is left behind.

SOAK_SECONDS says for how long; the default is the short version.
"""

import os
import random
import time
from pathlib import Path

import pytest

from bench.figures import resident_kib
from tests.smoke.daemons import Daemons
from tests.smoke.strict_client import StrictClient

pytestmark = pytest.mark.soak

SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
KILLS = 3
"""How often the server is killed; that alone may cost its link."""
LEAST = 20
"""Log-ons of each churn, however slow the machine is."""
GROWTH_KIB = 40 * 1024
"""What the allocator may keep: comparing a password takes 16 MiB in a thread, which stay with it.
One leaked session of each log-on would be 36 KiB times more than a thousand."""


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def churn(running: Daemons, seconds: float, dice: random.Random) -> int:
    """Log on, talk, and leave in every way there is; returns how often."""
    rounds = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline or rounds < LEAST:
        tls = dice.random() < 0.5
        client = StrictClient(running.tls if tls else running.http, tls=tls)
        user = dice.choice(("alice", "bob"))
        if client.log_on(user, user, "acme") != 200:
            continue
        rounds += 1
        if dice.random() < 0.1:
            continue  # Never comes for its session.
        client.upgrade()
        bob = "sip:bob@demo.example"
        client.call("asnGetAndSubscribePresenceV2", {"seqContactIDs": [bob]})
        client.call("asnGetLoggedInContactV2")
        if dice.random() < 0.2:
            client.send_raw(b"\x81\x02{}")  # Without a mask: the daemon closes, in its own time.
            continue
        if dice.random() < 0.3:
            client.send({"invoke": {"invokeID": 99999, "operationID": 1001, "argument": {}}})
            client.close_code()
        client.close()
    return rounds


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    running = Daemons(tmp_path)
    running.prepare()
    text = "[ucclient]\ngrace = 1\nupgrade_timeout = 20\n"
    running.settings.write_text(running.settings.read_text() + text)
    dice = random.Random(20_261_124)
    with running.linked() as daemon:
        churn(running, SECONDS / 6, dice)
        running.until(lambda: running.status()["sessions"] == 0)
        files, memory = open_files(daemon.pid), resident_kib(daemon.pid)
        rounds = 0
        for _ in range(KILLS):
            rounds += churn(running, SECONDS / 4, dice)
            running.processes[-1].kill()
            running.until(lambda: not running.status()["links"])
            running.start_server("--port", str(running.link))
            running.until_linked()
        running.until(lambda: running.status()["sessions"] == 0)
        running.until(lambda: open_files(daemon.pid) <= files + 2)
        grown = resident_kib(daemon.pid) - memory
        assert running.status()["counters"]["server link lost"] == KILLS
        print(f"{rounds} log-ons, {grown} KiB more, {open_files(daemon.pid)} files open")
        assert grown < GROWTH_KIB
