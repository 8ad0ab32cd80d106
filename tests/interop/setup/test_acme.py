"""The first start with a certificate by ACME: certbot gets it, renews it, the daemon shows it."""

import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from attrs import define, field
from click.testing import Result
from cryptography import x509

from tests.daemon import PATIENCE, ROOT, Daemon
from tests.interop.setup.authority import MISSING, Authority
from tests.ports import free_port

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

HOST = "mobility.example.net"


@define
class Machine(Daemon):
    """A machine that is set up from nothing."""

    authority: Authority
    tls: int = field(factory=free_port)
    turn: int = field(factory=free_port)
    daemon: "subprocess.Popen[bytes] | None" = None

    def setup(self, *options: str) -> Result:
        relay = f'["127.0.0.1:{self.turn}"]'
        return self.cli(
            "setup", "--host", f"{HOST}:{self.tls}", "--acme", "--agree-tos", "--email",
            "operator@example.net", "--acme-server", self.authority.directory, "--json",
            "--data", str(self.folder / "data"), "--no-checks",
            "--set", f'listen.tls=["127.0.0.1:{self.tls}"]', "--set", "tls.check_every=1",
            "--set", f"turn.udp={relay}", "--set", f"turn.tcp={relay}",
            "--set", "turn.tls=[]", "--set", 'turn.relay=["127.0.0.1"]', *options,
        )  # fmt: skip

    def start(self) -> "subprocess.Popen[bytes]":
        self.daemon = subprocess.Popen(self.program("run"), cwd=ROOT)
        return self.daemon

    def check(self) -> None:
        assert self.daemon is None or self.daemon.poll() is None, self.said()

    def serial(self) -> int:
        """Return which certificate the daemon shows; it has to be good for its name."""
        context = ssl.create_default_context(cafile=str(self.authority.roots()))
        with (
            socket.create_connection(("127.0.0.1", self.tls), PATIENCE) as connection,
            context.wrap_socket(connection, server_hostname=HOST) as shown,
        ):
            octets = shown.getpeercert(binary_form=True)
        assert octets
        return x509.load_der_x509_certificate(octets).serial_number


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    made = Authority(tmp_path_factory.mktemp("authority"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def machine(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    """Each is the only one certbot knows."""
    for name, value in authority.environment.items():
        monkeypatch.setenv(name, value)
    yield Machine(tmp_path, authority)
    shutil.rmtree(authority.folder / "certbot", ignore_errors=True)


def test_a_certificate_is_issued_and_renewed_and_the_daemon_shows_both(machine: Machine) -> None:
    """Nothing but certbot's own timer is needed for the second one."""
    done = machine.setup("--acme-port", str(machine.authority.http), "--customer", "acme")
    assert done.exit_code == 0, done.output
    facts: dict[str, Any] = json.loads(done.stdout)
    assert facts["certificate"]["state"] == "installed"
    assert facts["certificate"]["names"] == [HOST]
    key = Path(facts["certificate"]["key"])
    assert key.stat().st_mode & 0o777 == 0o600
    assert (key.parent / "certificate.pem").stat().st_mode & 0o777 == 0o644
    daemon = machine.start()
    try:
        machine.until(machine.is_up)
        first = machine.serial()
        renew_when_due(machine)
        subprocess.run(["certbot", "-q", "renew", "--no-random-sleep-on-renew"], check=True)
        machine.until(lambda: machine.serial() != first)
    finally:
        daemon.terminate()
        assert daemon.wait(PATIENCE) == 0


def renew_when_due(machine: Machine) -> None:
    """Say when a renewal is due: later versions of certbot think of 20 days as plenty."""
    (file,) = (machine.authority.folder / "certbot/config/renewal").glob("*.conf")
    file.write_text("renew_before_expiry = 30 days\n" + file.read_text())


def test_an_authority_that_cannot_reach_us_is_told_and_a_second_attempt_goes_on(
    machine: Machine,
) -> None:
    """First nobody listens on port 80, then a web server does, which shows the challenge."""
    shown = machine.folder / "www"
    shown.mkdir()
    done = machine.setup("--acme-webroot", str(shown), "--customer", "acme")
    assert done.exit_code == 1
    assert f"The authority must reach http://{HOST}/ from outside, port 80" in done.output
    facts = json.loads(done.stdout)
    assert facts["settings"]["state"] == "written"
    assert "customers" not in facts
    serve = partial(SimpleHTTPRequestHandler, directory=str(shown))
    with ThreadingHTTPServer(("127.0.0.1", machine.authority.http), serve) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        done = machine.setup("--acme-webroot", str(shown), "--customer", "acme")
        server.shutdown()
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["settings"]["state"] == "kept"
    assert facts["certificate"]["state"] == "installed"
    assert facts["customers"]["added"] == "acme"
