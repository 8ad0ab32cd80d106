"""Our daemon as these tests run it: a child process with settings of their own."""

import contextlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from examples.uc_demo.authority import make_certificates
from tests.daemon import PATIENCE, ROOT, SETTINGS, Daemon
from tests.interop.turn.namespaces import Namespace

CUSTOMER = "acme"
USER, PASSWORD = "acme:alice", "a password of alice's"
SECRET = "a-secret-that-only-the-customer-and-we-know"

OWN_SETTINGS = """\
[drain]
on_stop = 0
[listen]
tls = ["{host}:{tls}"]
http = []
link = ["{host}:{link}"]
proxy_from = {proxy_from}
[connections]
silence = {silence}
handshake = {handshake}
per_address = {per_address}
"""


@define
class Clock:
    """The daemon's clock, which goes faster when we say so (libfaketime)."""

    file: Path
    ahead: float = 0.0

    def advance(self, seconds: float) -> None:
        self.ahead += seconds
        # In one piece: what reads it reads it all the time, and makes any time of half a text.
        draft = self.file.with_suffix(".draft")
        draft.write_text(f"+{self.ahead:f}")
        draft.replace(self.file)


@define
class Relay(Daemon):
    """Our daemon. Hosts are addresses in its namespace, or of this machine's loopback."""

    hosts: tuple[str, ...] = ("127.0.0.1", "::1")
    port: int = 3478
    tls_port: int = 5349
    shared_port: int = 8443
    link_port: int = 7322
    inside: Namespace | None = None
    turn: dict[str, Any] = field(factory=dict)
    limits: dict[str, Any] = field(factory=dict)
    peers: dict[str, Any] = field(factory=dict)
    silence: float = 10.0
    handshake: float = 15.0
    per_address: int = 1000
    proxy_from: list[str] = field(factory=list)
    clock: Clock | None = None
    process: "subprocess.Popen[bytes] | None" = None

    def prepare(self, *, customers: Sequence[str] = (CUSTOMER,)) -> None:
        """Write settings and certificates; make customers with one user each, and a secret."""
        make_certificates(self.folder)
        self.settings.write_text(self._settings())
        for name in customers:
            self.must(
                "customer", "add", name, "--password-file", self.file("a password of its server")
            )
            self.must("turn", "secret", "set", name, "--file", self.file(SECRET))
            self.add_user(name, "alice")

    def add_user(self, customer: str, name: str, password: str = PASSWORD) -> None:
        self.must("turn", "user", "set", customer, name, "--password-file", self.file(password))

    def file(self, text: str) -> str:
        path = self.folder / "what-is-handed-over"
        path.touch(mode=0o600)
        path.write_text(text)
        return str(path)

    def start(self) -> None:
        prefix = self.inside.prefix() if self.inside else []
        with (self.folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [*prefix, *self.program("run")],
                cwd=ROOT, env=self._environment(), stdout=output, stderr=output,
            )  # fmt: skip
        self.until(self.is_up)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        assert status == 0, self.said()
        self.process = None

    def sessions(self) -> list[dict[str, Any]]:
        found = self.facts("turn", "sessions")
        sessions: list[dict[str, Any]] = found["sessions"] if isinstance(found, dict) else found
        return sessions

    def counters(self) -> dict[str, int]:
        """What happened in the relay how often."""
        found: dict[str, int] = self.facts("status")["relay"]
        return found

    def check(self) -> None:
        assert self.process is None or self.process.poll() is None, self.said()

    def is_well(self) -> bool:
        """Alive, and no bug of ours was caught on the way."""
        assert self.process is not None
        return self.process.poll() is None and "Traceback" not in self.said()

    def memory(self) -> int:
        """Resident octets of the daemon."""
        assert self.process is not None
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def ticks(self) -> int:
        """Processor time of the daemon, as the kernel counts it."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def own_sockets(self) -> set[str]:
        """Inodes of the sockets the daemon has open."""
        assert self.process is not None
        found = set()
        for each in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                target = str(each.readlink())
                if target.startswith("socket:["):
                    found.add(target[8:-1])
        return found

    def _environment(self) -> dict[str, str]:
        if self.clock is None:
            return dict(os.environ)
        library = faketime()
        assert library is not None
        self.clock.advance(0)
        return {
            **os.environ,
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock.file),
            "FAKETIME_NO_CACHE": "1",
        }

    def _settings(self) -> str:
        text = (SETTINGS + OWN_SETTINGS).format(
            folder=self.folder,
            host=self.hosts[0],
            tls=self.shared_port,
            link=self.link_port,
            silence=self.silence,
            handshake=self.handshake,
            per_address=self.per_address,
            proxy_from=json.dumps(self.proxy_from),
        )
        listeners = [_bracketed(host) for host in self.hosts]
        turn: dict[str, Any] = {
            "udp": [f"{host}:{self.port}" for host in listeners],
            "tcp": [f"{host}:{self.port}" for host in listeners],
            "tls": [f"{host}:{self.tls_port}" for host in listeners],
            "relay": list(self.hosts),
            **self.turn,
        }
        for name, table in (("", turn), (".limits", self.limits), (".peers", self.peers)):
            lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
            text += "\n".join([f"[turn{name}]", *lines, ""])
        return text


def faketime() -> Path | None:
    """Where Debian's package libfaketime puts its library."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
