"""A real daemon and a real demo server, as child processes on ports of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from attrs import define, field

from examples.uc_demo.authority import make_certificates
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
PASSWORD = "a-password-of-the-server-0815"

SETTINGS = """\
[service]
data = "{folder}"
[listen]
tls = ["127.0.0.1:{tls}"]
http = ["127.0.0.1:{http}"]
link = ["127.0.0.1:{link}"]
[tls]
certificate = "{folder}/certificate.pem"
key = "{folder}/key.pem"
[ucserver]
loopback_may_skip_tls = {skip}
[log]
access = "{folder}/access.log"
service = "{folder}/service.log"
level = "debug"
[store]
path = "{folder}/customers.sqlite"
[admin]
socket = "{folder}/admin.sock"
[demo]
origin_from_request = true
[turn]
udp = ["127.0.0.1:{turn}"]
tcp = ["127.0.0.1:{turn}"]
tls = []
relay = ["127.0.0.1"]
[[ice.servers]]
urls = ["stun:127.0.0.1:{turn}"]
"""


@define
class Daemons:
    """What runs; `stop` ends all of it."""

    folder: Path
    tls: int = field(factory=free_port)
    http: int = field(factory=free_port)
    link: int = field(factory=free_port)
    turn: int = field(factory=free_port)
    processes: "list[subprocess.Popen[bytes]]" = field(factory=list)

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    def write_settings(self, *, skip_tls: bool = True, **replaced: str) -> None:
        text = SETTINGS.format(
            folder=self.folder,
            tls=self.tls,
            http=self.http,
            link=self.link,
            turn=self.turn,
            skip=str(skip_tls).lower(),
        )
        for old, new in replaced.items():
            text = text.replace(old, new)
        self.settings.write_text(text)

    def prepare(self) -> None:
        """Write what the daemon needs before its first start, and add one customer."""
        make_certificates(self.folder)
        self.write_settings()
        (self.folder / "password").write_text(PASSWORD)
        added = self.cli(
            "customer", "add", "acme", "--alias", "acme.example",
            "--password-file", str(self.folder / "password"),
        )  # fmt: skip
        assert added.returncode == 0, added.stderr

    def cli(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "procall_mobility.cli", "--config", str(self.settings)]
        return subprocess.run(
            [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )

    def start_daemon(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "procall_mobility.cli", "--config", str(self.settings)]
        process = subprocess.Popen([*command, "run"], cwd=ROOT)
        self.processes.append(process)
        self.until(lambda: self.cli("status").returncode == 0)
        return process

    def start_server(self, *options: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "examples.uc_demo.server", "--ucsid", "acme"]
        command += ["--password-file", str(self.folder / "password"), *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def status(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.cli("status", "--json").stdout)
        return facts

    def until_linked(self) -> None:
        self.until(lambda: len(self.status()["links"]) == 1)

    def until(self, is_so: Any) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, self.log("service") + self.log("access")
            time.sleep(0.05)

    def log(self, book: str) -> str:
        file = self.folder / f"{book}.log"
        return file.read_text() if file.exists() else ""

    def stop(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(PATIENCE)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
