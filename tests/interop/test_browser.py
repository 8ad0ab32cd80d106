"""Debian's Chromium, headless, against what `make run` starts: the main job, seen by users."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.browser.stage import ROOT, Running, perform, running_demo
from tests.ports import free_port

pytestmark = pytest.mark.interop


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Running]:
    with running_demo(tmp_path) as running:
        yield running


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_alice_and_bob_meet_talk_and_see_each_other(demo: Running, scheme: str) -> None:
    """Log-in, presence, chat and a call whose frames arrive at both ends."""
    variable = {"http": "HTTP_PORT", "https": "PORT"}[scheme]
    host = {"http": "localhost", "https": "127.0.0.1"}[scheme]
    address = f"{scheme}://{host}:{demo.environment[variable]}/demo/"
    steps = perform(address, "play.mjs")
    assert steps == [
        "a wrong password is refused in words",
        "both are logged in and see each other",
        "presence changes on both sides",
        "what is unread is counted, what is read is ticked",
        "chat both ways",
        "a call rings at two devices until one of them answers",
        "an audio and video call connects, both sides receive frames",
        "a call can be declined",
        "nothing was loaded from elsewhere",
        "done",
    ]


def test_clients_come_back_by_themselves_when_servers_are_killed(demo: Running) -> None:
    """Wire 3, 5.5 E: look up and log in again; the server dials again, too."""
    servers: list[int] = []

    def act(wanted: str) -> None:
        match wanted:
            case "kill server":
                os.kill(demo.pid_of("demo-server"), signal.SIGKILL)
            case "kill daemon":
                servers.append(demo.pid_of("demo-server"))
                os.kill(demo.pid_of("daemon"), signal.SIGKILL)

    address = f"http://localhost:{demo.environment['HTTP_PORT']}/demo/"
    steps = perform(address, "play.mjs", act, PLAY="kill")
    assert "both notice that the server is gone, by code 1012" in steps
    assert "both are back after the server returned" in steps
    assert "both are back after the daemon returned" in steps
    # It was the same server that dialled again.
    assert servers == [demo.pid_of("demo-server")]


def test_a_taken_port_is_named_together_with_its_variable(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        ports = {name: str(free_port()) for name in ("PORT", "LINK_PORT")}
        environment = {**os.environ, **ports, "HTTP_PORT": port, "DATA": str(tmp_path / "demo")}
        done = subprocess.run(
            [sys.executable, "-m", "examples.uc_demo.run"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 1
    assert port in done.stderr
    assert "make run HTTP_PORT=" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_demo_ends_with_everything_it_started(demo: Running, number: int) -> None:
    pids = [demo.pid_of(name) for name in ("daemon", "demo-server", "phones")]
    assert demo.process is not None
    demo.process.send_signal(number)
    assert demo.process.wait(30) == 0
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
