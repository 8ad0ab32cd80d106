"""The push gateways that are compared, and the APNs they send to: each a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from attrs import define, field

from bench.interpreter import ROOT, environment, interpreter
from bench.push_load import CHANNEL, PASSWORD, SHOWN, UCSID
from examples.push_simulators.credentials import KEY_ID, TEAM, TOPIC, Credentials
from procall_mobility.operations import admin_client

GATEWAY_CORE, REST_CORE = "0", "1"
NODE_MODULES = ROOT / "tests/interop/push/node/node_modules"
PATIENCE = 30.0

SETTINGS = """
[service]
data = "{folder}"
[listen]
tls = ["127.0.0.1:{tls}"]
http = ["127.0.0.1:{port}"]
link = []
[tls]
certificate = "{folder}/certificate.pem"
key = "{folder}/key.pem"
[store]
path = "{folder}/customers.sqlite"
[admin]
socket = "{folder}/admin.sock"
[log]
access = "{folder}/access.log"
service = "{folder}/service.log"
[connections]
silence = 60
[demo]
origin_from_request = true
[turn]
udp = []
tcp = []
tls = []
[push]
authorities = "{ca}"
[push.hosts]
apns = "127.0.0.1:{apns}"
[push.limits]
rate = 100_000
burst = 1_000_000
queued = 10_000_000
queued_octets = 10_000_000_000
"""


@define
class Side(ABC):
    """A process that is there for others; `port` is where it is to be reached."""

    name: str
    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """Its number."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it, and wait until it can be reached."""
        if self._is_up():
            raise OSError(f"somebody else listens on port {self.port}")
        with (self.folder / f"{self.name}.said").open("ab") as said:
            self.process = subprocess.Popen(
                ["taskset", "-c", self.core(), *self.command()],
                stdout=said, stderr=said, env=self.environment(), cwd=ROOT,
            )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while not self._is_up():
            if time.monotonic() > until or self.process.poll() is not None:
                raise TimeoutError(f"{self.name} does not start: {self.said()}")
            time.sleep(0.01)

    def said(self) -> str:
        """Return the last it has said."""
        said = self.folder / f"{self.name}.said"
        return said.read_text()[-1000:] if said.exists() else ""

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    def _is_up(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except ConnectionRefusedError:
            return False
        return True

    def core(self) -> str:
        """Return the processor it has."""
        return GATEWAY_CORE

    def environment(self) -> dict[str, str]:
        """Return what it finds in its environment."""
        return environment()

    @abstractmethod
    def command(self) -> list[str]:
        """Return what starts it."""


@define
class Target(Side):
    """The APNs that takes everything and counts it."""

    def core(self) -> str:
        """Keep out of the gateways' way."""
        return REST_CORE

    def command(self) -> list[str]:
        """Start it."""
        options = ["--folder", str(self.folder), "--apns", str(self.port), "--times"]
        desk = ["--control", str(self.port + 1)]
        program = "examples.push_simulators.load_target"
        return [sys.executable, "-m", program, *options, *desk]

    def numbers(self, path: str = "") -> dict[str, Any]:
        """Return what it has counted."""
        url = f"http://127.0.0.1:{self.port + 1}/{path}"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            told: dict[str, Any] = json.loads(answer.read())
            return told

    @property
    def authority(self) -> Path:
        """The certificate of who has issued its own."""
        return self.folder / "ca.pem"

    @property
    def key(self) -> Path:
        """The developer's signing key."""
        return Credentials(self.folder / "credentials").apns_key


@define
class Ours(Side):
    """Our daemon, with bounds that are not met."""

    target: Target
    tls: int

    def prepare(self) -> None:
        """Make settings, a customer and an application."""
        settings = SETTINGS.format(
            folder=self.folder, tls=self.tls, port=self.port, apns=self.target.port,
            ca=self.target.authority,
        )  # fmt: skip
        (self.folder / "settings.toml").write_text(settings)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(PASSWORD)
        self._tell("customer", "add", UCSID, "--password-file", str(password))
        account = ["--topic", TOPIC, "--team", TEAM, "--key-id", KEY_ID, "--title", "Bench"]
        where = ["--environment", "production", "--credential-file", str(self.target.key)]
        self._tell("push", "app", "add", CHANNEL, "--provider", "apns", *account, *where)

    def command(self) -> list[str]:
        """Run the daemon."""
        return [*self._cli(), "run"]

    def lane(self) -> dict[str, Any]:
        """Return what the daemon tells of the one lane there is."""
        lanes: list[dict[str, Any]] = admin_client.ask(self.folder / "admin.sock", "push-lanes")
        return lanes[0] if lanes else {}

    def _tell(self, *command: str) -> None:
        env = environment()
        subprocess.run([*self._cli(), *command], check=True, capture_output=True, env=env)

    def _cli(self) -> list[str]:
        settings = str(self.folder / "settings.toml")
        return [interpreter(), "-m", "procall_mobility.cli", "--config", settings]


@define
class Aioapns(Side):
    """The library for asyncio, on the same Python as our daemon."""

    target: Target

    def command(self) -> list[str]:
        """Run it."""
        where = [str(self.port), str(self.target.port), str(self.target.authority)]
        account = [str(self.target.key), KEY_ID, TEAM, TOPIC]
        return [interpreter(), "-m", "bench.push_aioapns", *where, *account]


@define
class Apns2(Side):
    """The library for node."""

    target: Target

    def environment(self) -> dict[str, str]:
        """Let node find the library, and trust the target."""
        authority = str(self.target.authority)
        return {**os.environ, "NODE_PATH": str(NODE_MODULES), "NODE_EXTRA_CA_CERTS": authority}

    def command(self) -> list[str]:
        """Run it."""
        account = [str(self.target.key), KEY_ID, TEAM, TOPIC, SHOWN]
        program = str(ROOT / "bench/push_apns2.cjs")
        return ["node", program, str(self.port), str(self.target.port), *account]
