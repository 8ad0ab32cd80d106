"""The TURN servers that are compared: our daemon and coturn, pinned to one core."""

import socket
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import nullcontext
from pathlib import Path

from attrs import define, field

from bench.interpreter import environment, interpreter
from bench.namespaces import Namespace

CORE = "0"
REALM = "bench.example"
PASSWORD = "bench-bench-bench-bench"
LOOPBACK = "127.0.0.1"
PEERS = "127.2.0.0/16"
"""Where the generator has its peers, on loopback."""
PATIENCE = 20.0

SETTINGS = """
[service]
data = "{folder}"
[listen]
tls = ["{host}:{tls}"]
http = []
link = ["{host}:{link}"]
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
[demo]
origin_from_request = true
[drain]
on_stop = 0
[turn]
udp = ["{host}:{port}"]
tcp = []
tls = []
realm = "{realm}"
relay = ["{host}"]
{more}
[turn.limits]
allocations = 1_000_000
allocations_per_customer = 1_000_000
allocations_per_user = 1_000_000
customer_octets_per_second = 0
user_octets_per_second = 0
address_octets_per_second = 0
unauthenticated_per_second = 1_000_000
[turn.peers]
allow = ["{peers}"]
"""

PYTHON = 'datapath = "python"'
"""Bound channels are relayed by Python alone."""

COTURN_SETTINGS = """
listening-ip={host}
relay-ip={host}
listening-port={port}
realm={realm}
lt-cred-mech
user={user}:{password}
allow-loopback-peers
# More threads than cores cost it CPU.
relay-threads=1
no-tls
no-dtls
no-cli
simple-log
log-file={folder}/coturn.log
pidfile={folder}/coturn.pid
userdb={folder}/coturn.sqlite
"""


@define
class Server(ABC):
    """A server in a folder of its own."""

    name: str
    folder: Path
    port: int
    user: str = "bench"
    password: str = PASSWORD
    realm: str = REALM
    host: str = LOOPBACK
    peers: str = PEERS
    inside: Namespace | None = None
    """The network it is in; None is that of this process."""
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / f"{self.name}.said").open("ab") as said:
            prefix = self.inside.prefix() if self.inside else []
            command = [*prefix, "taskset", "-c", CORE, *self._command()]
            self.process = subprocess.Popen(command, stdout=said, stderr=said, env=environment())
        self._wait()

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    @abstractmethod
    def _command(self) -> list[str]:
        """Return what starts it."""

    def _socket(self) -> socket.socket:
        with self.inside.entered() if self.inside else nullcontext():
            return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def _wait(self) -> None:
        binding = bytes.fromhex("0001 0000 2112a442") + b"bench-probe-"
        with self._socket() as probe:
            probe.settimeout(0.1)
            probe.connect((self.host, self.port))
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                try:
                    probe.send(binding)
                    probe.recv(1500)
                except (TimeoutError, ConnectionRefusedError):
                    time.sleep(0.05)
                else:
                    return
        raise TimeoutError(f"{self.name} did not come up")


class Ours(Server):
    """Our daemon, with one user of one customer, and without bounds that tests would meet."""

    def prepare(self, tls: int, link: int, more: str = PYTHON) -> None:
        """Write settings, with more of them for the relay, and make the customer."""
        from examples.uc_demo.authority import make_certificates  # noqa: PLC0415  # Keeps it light.

        make_certificates(self.folder)
        settings = SETTINGS.format(
            folder=self.folder,
            tls=tls,
            link=link,
            host=self.host,
            port=self.port,
            realm=REALM,
            peers=self.peers,
            more=more,
        )
        (self.folder / "settings.toml").write_text(settings)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(PASSWORD)
        self.user = "bench:bench"
        self.tell("customer", "add", "bench", "--password-file", str(password))
        self.tell("turn", "user", "set", "bench", "bench", "--password-file", str(password))

    def tell(self, *command: str) -> str:
        """Run a command of `procall-mobility`; returns what it says."""
        done = subprocess.run(
            [*self._cli(), *command], check=True, capture_output=True, text=True, env=environment()
        )
        return done.stdout

    def _cli(self) -> list[str]:
        settings = str(self.folder / "settings.toml")
        return [interpreter(), "-m", "procall_mobility.cli", "--config", settings]

    def _command(self) -> list[str]:
        return [*self._cli(), "run"]


class Coturn(Server):
    """Debian's coturn with one user."""

    def prepare(self) -> None:
        """Write its settings."""
        settings = COTURN_SETTINGS.format(
            folder=self.folder,
            host=self.host,
            port=self.port,
            realm=REALM,
            user=self.user,
            password=PASSWORD,
        )
        (self.folder / "turnserver.conf").write_text(settings)

    def _command(self) -> list[str]:
        return ["turnserver", "-c", str(self.folder / "turnserver.conf")]


def coturn_version() -> str:
    """Return the name and version of the peer."""
    said = subprocess.run(["turnserver", "--version"], capture_output=True, text=True, check=False)
    return f"coturn {said.stdout.split()[-1]}"
