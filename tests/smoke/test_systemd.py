"""What systemd hears of the daemon: ready, alive, reading its files again, ending."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import PATIENCE, ROOT
from tests.smoke.daemons import Daemons
from tests.smoke.strict_client import StrictClient


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(PATIENCE)
        yield listener


def until_told(systemd: socket.socket, what: str) -> None:
    until = time.monotonic() + PATIENCE
    while what not in systemd.recv(1000).decode().splitlines():
        # The watchdog is told again and again, whatever else is not.
        assert time.monotonic() < until, what


def test_systemd_hears_of_the_daemons_whole_life(tmp_path: Path, systemd: socket.socket) -> None:
    """Type=notify-reload, and a watchdog that waits 0.2 s."""
    daemons = Daemons(tmp_path)
    daemons.prepare()
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
    with subprocess.Popen(daemons.program("run"), cwd=ROOT, env={**os.environ, **told}) as process:
        try:
            for what in ("READY=1", "WATCHDOG=1", "WATCHDOG=1"):
                until_told(systemd, what)
            process.send_signal(signal.SIGHUP)
            for what in ("RELOADING=1", "READY=1"):
                until_told(systemd, what)
            process.send_signal(signal.SIGTERM)
            until_told(systemd, "STOPPING=1")
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def test_sockets_that_are_passed_in_are_served(tmp_path: Path) -> None:
    """LISTEN_FDS is for one process, and a shell becomes it by exec: its number stays."""
    daemons = Daemons(tmp_path)
    daemons.prepare()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        daemons.tls = taken.getsockname()[1]
        daemons.write_settings()
        script = f'exec 3<&{taken.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        process = subprocess.Popen(
            ["bash", "-c", script, "bash", *daemons.program("run")],
            cwd=ROOT,
            pass_fds=[taken.fileno()],
        )
    daemons.processes.append(process)
    try:
        daemons.until(daemons.is_up)
        assert StrictClient(daemons.tls, tls=True).look_up("nobody") is None
    finally:
        daemons.stop()
    assert process.returncode == 0
