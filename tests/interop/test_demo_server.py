"""The demo's UC server dials the daemon in every way there is, and comes back by itself."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from tests.ports import free_port

pytestmark = pytest.mark.interop

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def until(what: Callable[[], Any]) -> Any:
    """Return what `what` gives as soon as it gives something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    return pytest.fail(f"nothing within {PATIENCE} s")


@define
class Site:
    """Settings, certificate and customers as the demo makes them; processes one by one."""

    data: Path
    ports: dict[str, str]
    processes: list["subprocess.Popen[str]"] = field(factory=list)

    def prepare(self) -> None:
        """Let the whole demo come up once, and end it; then add a customer of our own."""
        environment = {**os.environ, **self.ports, "DATA": str(self.data)}
        command = [sys.executable, "-m", "examples.uc_demo.run"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        ) as demo:
            assert demo.stdout is not None
            assert any("End " in line for line in demo.stdout), "the demo did not start"
            demo.terminate()
            demo.stdout.read()
            assert demo.wait(PATIENCE) == 0
        password = self.data / "password"
        password.touch(mode=0o600)
        password.write_text("secret of its own")
        self.ask("customer", "add", "second", "--password-file", str(password))

    def ask(self, *arguments: str) -> Any:
        done = subprocess.run(
            [*self._command(), *arguments, "--json"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return json.loads(done.stdout) if done.returncode == 0 else None

    def start_daemon(self) -> "subprocess.Popen[str]":
        daemon = self._start([*self._command(), "run"])
        until(lambda: self.ask("status"))
        return daemon

    def start_server(self, *options: str) -> "subprocess.Popen[str]":
        return self._start(
            [
                *(sys.executable, "-m", "examples.uc_demo.server", "--ucsid", "second"),
                *("--password-file", str(self.data / "password")),
                *("--ca", str(self.data / "ca.pem"), *options),
            ]
        )

    def links(self) -> list[dict[str, Any]]:
        status = self.ask("status") or {"links": []}
        return [each for each in status["links"] if each["customer"] == "second"]

    def end(self, process: "subprocess.Popen[str]") -> str:
        """End a process gently; return what it said since it was listened to."""
        assert process.stdout is not None
        process.terminate()
        said = process.stdout.read()
        process.wait(PATIENCE)
        process.stdout.close()
        self.processes.remove(process)
        return said

    def _command(self) -> list[str]:
        settings = str(self.data / "procall-mobility.toml")
        return [sys.executable, "-m", "procall_mobility.cli", "--config", settings]

    def _start(self, command: list[str]) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.processes.append(process)
        return process


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Site:
    names = ("PORT", "HTTP_PORT", "LINK_PORT", "TURN_PORT")
    site = Site(tmp_path_factory.mktemp("demo"), {name: str(free_port()) for name in names})
    site.prepare()
    return site


@pytest.fixture
def site(prepared: Site) -> Iterator[Site]:
    prepared.start_daemon()
    try:
        yield prepared
    finally:
        for process in prepared.processes:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
        prepared.processes.clear()


@pytest.mark.parametrize(
    ("variable", "options", "form"),
    [
        ("LINK_PORT", (), "json"),
        ("LINK_PORT", ("--form", "json-bare"), "json"),
        ("LINK_PORT", ("--form", "ber"), "ber"),
        ("LINK_PORT", ("--security", "starttls"), "json"),
        ("PORT", ("--security", "tls"), "json"),
        ("HTTP_PORT", ("--websocket",), "json"),
        ("PORT", ("--security", "tls", "--websocket"), "json"),
        ("PORT", ("--security", "tls", "--websocket", "--form", "ber"), "ber"),
    ],
)
def test_every_way_in_leads_to_a_link(
    site: Site, variable: str, options: tuple[str, ...], form: str
) -> None:
    """Wire 4.7, 4.8, 5.1: which of them the real server takes is not public (A-24, A-39)."""
    server = site.start_server("--port", site.ports[variable], *options)
    (link,) = until(site.links)
    assert link["form"] == form
    assert "no link" not in site.end(server)


def test_a_wrong_password_is_told_in_words_and_tried_ever_more_slowly(site: Site) -> None:
    """Wire 5.2: error 3; the daemon holds back addresses that guess."""
    wrong = site.data / "wrong"
    wrong.write_text("guess")
    server = site.start_server("--port", site.ports["LINK_PORT"], "--password-file", str(wrong))
    assert server.stdout is not None
    refused = next(line for line in server.stdout if "no link" in line)
    assert "refused" in refused
    assert "guess" not in refused
    assert site.links() == []
    assert "Traceback" not in site.end(server)


def test_the_server_registers_again_after_the_daemon_was_killed(site: Site) -> None:
    """With jittered back-off, by itself."""
    said, waits = "", []
    server = site.start_server("--port", site.ports["LINK_PORT"])
    until(site.links)
    daemon = site.processes[0]
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.communicate()
    assert server.stdout is not None
    while len(set(waits)) < 2:  # Two of them may be the same by chance.
        said += server.stdout.readline()
        waits = re.findall(r"again in ([0-9.]+) s", said)
    site.start_daemon()
    until(site.links)
    said += site.end(server)
    assert said.count("registered at") == 2


def test_a_killed_server_leaves_no_link_behind(site: Site) -> None:
    server = site.start_server("--port", site.ports["LINK_PORT"])
    until(site.links)
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: not site.links())
    site.start_server("--port", site.ports["LINK_PORT"])
    until(site.links)
