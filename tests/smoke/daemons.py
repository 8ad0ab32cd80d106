"""A real daemon and a real demo server, as child processes on ports of their own."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field

from examples.uc_demo.authority import make_certificates
from tests.daemon import PATIENCE, ROOT, SETTINGS, Daemon
from tests.ports import free_port

PASSWORD = "a-password-of-the-server-0815"

OWN_SETTINGS = """\
[drain]
on_stop = {on_stop}
on_hand_over = 600
[listen]
tls = ["127.0.0.1:{tls}"]
http = ["127.0.0.1:{http}"]
link = ["127.0.0.1:{link}"]
[ucserver]
loopback_may_skip_tls = {skip}
[turn]
udp = ["127.0.0.1:{turn}"]
tcp = ["127.0.0.1:{turn}"]
tls = []
relay = ["127.0.0.1"]
[[ice.servers]]
urls = ["stun:127.0.0.1:{turn}"]
"""


@define
class Daemons(Daemon):
    """What runs; `stop` ends all of it."""

    tls: int = field(factory=free_port)
    http: int = field(factory=free_port)
    link: int = field(factory=free_port)
    turn: int = field(factory=free_port)
    on_stop: int = 2
    """Seconds that calls may take to end, when it is told to."""
    processes: "list[subprocess.Popen[bytes]]" = field(factory=list)

    def write_settings(self, *, skip_tls: bool = True, **replaced: str) -> None:
        text = (SETTINGS + OWN_SETTINGS).format(
            on_stop=self.on_stop,
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
        file = self.folder / "password"
        file.write_text(PASSWORD)
        self.must(
            "customer", "add", "acme", "--alias", "acme.example", "--password-file", str(file)
        )

    def start_daemon(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(self.program("run"), cwd=ROOT)
        self.processes.append(process)
        self.until(self.is_up)
        return process

    def start_server(self, *options: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "examples.uc_demo.server", "--ucsid", "acme"]
        command += ["--password-file", str(self.folder / "password"), *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def status(self) -> dict[str, Any]:
        facts: dict[str, Any] = self.facts("status")
        return facts

    def until_linked(self) -> None:
        self.until(lambda: len(self.status()["links"]) == 1)

    @contextmanager
    def linked(self) -> "Iterator[subprocess.Popen[bytes]]":
        """Have the daemon, which is yielded, and a server linked to it; then stop all there is."""
        try:
            daemon = self.start_daemon()
            self.start_server("--port", str(self.link))
            self.until_linked()
            yield daemon
        finally:
            self.stop()

    def log(self, book: str) -> str:
        file = self.folder / f"{book}.log"
        return file.read_text() if file.exists() else ""

    def stop(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        late = [process for process in self.processes if not _ends(process)]
        assert not late, self.said()


def _ends(process: "subprocess.Popen[bytes]") -> bool:
    """Wait for it; one that does not end by itself is no matter to whoever comes after us."""
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True
