"""Debian's Chromium, headless, against what `make run` starts: the main job, seen by users."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import define, field

pytestmark = pytest.mark.interop

ROOT = Path(__file__).parents[2]
PLAY = ROOT / "tests/interop/browser/play.mjs"
PATIENCE = 120.0


@define
class Running:
    """The demo as a child process."""

    environment: dict[str, str]
    process: "subprocess.Popen[str] | None" = None
    lines: list[str] = field(factory=list)

    def start(self) -> None:
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "examples.uc_demo.run"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "End " in line:
                break
        else:
            pytest.fail("the demo did not start:\n" + "".join(self.lines))
        # What it says later is read so that it never waits for us.
        threading.Thread(
            target=self.lines.extend, args=(self.process.stdout,), daemon=True
        ).start()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(30) == 0

    def pid_of(self, name: str) -> int:
        return int((Path(self.environment["DATA"]) / f"{name}.pid").read_text())


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Running]:
    ports = {name: free_port() for name in ("PORT", "HTTP_PORT", "LINK_PORT", "TURN_PORT")}
    running = Running({**os.environ, **ports, "DATA": str(tmp_path / "demo")})
    running.start()
    try:
        yield running
    finally:
        running.stop()


def perform(address: str, play: str, act: Callable[[str], None]) -> list[str]:
    """Run the play; `act` does what it asks for. Returns the steps that were reached."""
    node = shutil.which("node")
    assert node is not None, "node is needed: apt install nodejs"
    environment = {**os.environ, "URL_DEMO": address, "PLAY": play}
    if "PICTURES" in environment:
        environment["PICTURES"] = str(Path(environment["PICTURES"]).resolve())
    process = subprocess.Popen(
        [node, str(PLAY)],
        cwd=PLAY.parent,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    said: list[str] = []
    for line in process.stdout:
        said.append(line.strip())
        print(line, end="")
        if line.startswith("need "):
            act(line.removeprefix("need ").strip())
            process.stdin.write("done\n")
            process.stdin.flush()
    status = process.wait()
    watchdog.cancel()
    assert status == 0, "\n".join(said)
    return [line.removeprefix("step ") for line in said if line.startswith("step ")]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_alice_and_bob_meet_talk_and_see_each_other(demo: Running, scheme: str) -> None:
    """Log-in, presence, chat and a call whose frames arrive at both ends."""
    variable = {"http": "HTTP_PORT", "https": "PORT"}[scheme]
    host = {"http": "localhost", "https": "127.0.0.1"}[scheme]
    address = f"{scheme}://{host}:{demo.environment[variable]}/demo/"
    steps = perform(address, "call", lambda _: None)
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
    steps = perform(address, "kill", act)
    assert "both notice that the server is gone within 2 s, by code 1012" in steps
    assert "both are back after the server returned" in steps
    assert "both are back after the daemon returned" in steps
    # It was the same server that dialled again.
    assert servers == [demo.pid_of("demo-server")]


def test_a_taken_port_is_named_together_with_its_variable(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        ports = {name: free_port() for name in ("PORT", "LINK_PORT")}
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
    pids = [demo.pid_of("daemon"), demo.pid_of("demo-server")]
    assert demo.process is not None
    demo.process.send_signal(number)
    assert demo.process.wait(30) == 0
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
