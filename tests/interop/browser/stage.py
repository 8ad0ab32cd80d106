"""What browser tests share: the demo as a child process, plays in Chromium, and whom it trusts."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from examples.uc_demo.preparation import Place
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
PLAYS = Path(__file__).parent
PATIENCE = 1800.0
"""Seconds for a whole play; each of its steps has less."""


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
            assert self.process.wait(60) == 0

    @property
    def data(self) -> Path:
        return Path(self.environment["DATA"])

    def asks(self, *arguments: str) -> Any:
        """Run a command of `procall-mobility` and return the facts it prints."""
        return Place(self.data).ask(*arguments)

    def pid_of(self, name: str) -> int:
        return int((self.data / f"{name}.pid").read_text())


@contextmanager
def running_demo(folder: Path) -> Iterator[Running]:
    """Start the demo on ports that are free; end it with everything it started."""
    names = ("PORT", "HTTP_PORT", "LINK_PORT", "TURN_PORT")
    names += ("ADMIN_PORT", "PHONES_PORT", "APNS_PORT")
    ports = {name: str(free_port()) for name in names}
    running = Running({**os.environ, **ports, "DATA": str(folder / "demo")})
    running.start()
    try:
        yield running
    finally:
        running.stop()


def trusting_home(folder: Path, authority: Path) -> Path:
    """Make a home in which Chromium trusts this authority, as an administrator would."""
    certutil = shutil.which("certutil")
    assert certutil is not None, "certutil is needed: apt install libnss3-tools"
    store = folder / ".pki" / "nssdb"
    store.mkdir(parents=True)
    for arguments in (
        ("-N", "--empty-password"),
        ("-A", "-t", "C,,", "-n", "demo", "-i", str(authority)),
    ):
        subprocess.run([certutil, "-d", f"sql:{store}", *arguments], check=True)
    return folder


def nothing(wanted: str) -> None:
    """Do what a play asks for that asks for nothing."""


def perform(
    address: str,
    play: str,
    act: Callable[[str], None] = nothing,
    *,
    prefix: Sequence[str] = (),
    patience: float = PATIENCE,
    **settings: str,
) -> list[str]:
    """Run the play; `act` does what it asks for. Returns the steps that were reached.

    The prefix is a command that runs it in another network.
    """
    node = shutil.which("node")
    assert node is not None, "node is needed: apt install nodejs"
    environment = {**os.environ, "URL_DEMO": address, **settings}
    if "PICTURES" in environment:
        environment["PICTURES"] = str(Path(environment["PICTURES"]).resolve())
    process = subprocess.Popen(
        [*prefix, node, play],
        cwd=PLAYS,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    watchdog = threading.Timer(patience, process.kill)
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
