"""Ports that are passed in, to nobody special and over a restart: no connection is refused."""

import os
import shutil
import signal
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.uc_demo.authority import make_certificates
from tests.daemon import ROOT
from tests.interop.doctor.stage import OPEN_THE_WAY, ORDINARY
from tests.interop.hand_over.service_manager import PATIENCE, ServiceManager
from tests.smoke.daemons import Daemons

pytestmark = pytest.mark.interop

HOST = "127.0.0.2"
"""Nobody else has its port 443."""

NET_ADMIN, BPF = 12, 39
"""Capabilities, as linux/capability.h numbers them."""

STUN_BINDING = bytes.fromhex("000100002112a442") + bytes(12)


needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="root and setpriv are needed, to become nobody special",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder to which ordinary users find the way."""
    made = Path(tempfile.mkdtemp(prefix="procall-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def manager(folder: Path) -> Iterator[ServiceManager]:
    made = ServiceManager(folder)
    yield made
    made.stops()


def as_nobody_special(folder: Path, powers: str = "") -> list[str]:
    """Return what runs a command as an ordinary user with these capabilities, as one process."""
    drop = ["setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups"]
    drop += [f"--{kind}=-all{powers}" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
    drop.append("--no-new-privs")
    prefix = Path(sys.base_prefix)
    closed = [each for each in reversed(prefix.parents) if not each.stat().st_mode & 0o001]
    if not closed:
        return drop
    way = f'set -e\n{OPEN_THE_WAY}\nshift 3; exec "$@"'
    words = [str(closed[0]), str(prefix), str(folder / "python")]
    return ["unshare", "--mount", "bash", "-c", way, "bash", *words, *drop]


def capabilities(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line[3:6]: int(line[8:], 16) for line in lines if line.startswith("Cap")}


def look_up(host: str, port: int) -> int:
    """Ask a question over TLS, as a client does first; returns the status."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, port), PATIENCE) as plain,
        context.wrap_socket(plain) as line,
    ):
        line.sendall(b"GET /controller/client/ucws?ucsid=acme HTTP/1.1\r\nHost: x\r\n\r\n")
        return int(line.recv(1000).split()[1])


def is_served(host: str, port: int) -> bool:
    """Whether STUN is answered over UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(PATIENCE)
        asker.sendto(STUN_BINDING, (host, port))
        return asker.recv(1000)[:2] == b"\x01\x01"


@needs_root
def test_nobody_special_serves_ports_that_are_passed_in(
    folder: Path, manager: ServiceManager
) -> None:
    """An ordinary user with every set of capabilities empty serves 443; and so does the next one.

    Nothing else would let it: of the host, the ports below 1024 are root's.
    """
    daemons = Daemons(folder, tls=443)
    daemons.prepare()
    daemons.turn = 443
    daemons.write_settings(**{"127.0.0.1:443": f"{HOST}:443", f'tcp = ["{HOST}:443"]': "tcp = []"})
    for each in (folder, *folder.iterdir()):
        os.chown(each, ORDINARY, ORDINARY)
    manager.address.chmod(0o777)
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        # A `.socket` unit gives one name to all of its sockets.
        manager.opens(f"procall-mobility.socket#{kind}", kind, 443, HOST)
    command = [*as_nobody_special(folder), *daemons.program("run")]
    first = manager.starts(command, ROOT)
    manager.until_said("READY=1")

    def works(pid: int) -> None:
        assert set(capabilities(pid).values()) == {0}, capabilities(pid)
        assert Path(f"/proc/{pid}").stat().st_uid == ORDINARY
        assert look_up(HOST, 443) in (200, 204)
        assert is_served(HOST, 443)

    works(first)
    daemons.must("hand-over")
    second = manager.until_main_is_another_than(first)
    assert manager.until_ended(first) == 0
    works(second)
    manager.signals(signal.SIGTERM)
    assert manager.until_ended(second) == 0
    kept = {name.rpartition("-")[2] for name in manager.kept}
    assert "443" not in kept, "what the manager has itself it need not keep"


def starter_of(pid: int) -> int:
    """Find the process that can start the next daemon."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    (found,) = [each for each in children if b"starter.py" in _command_line(each)]
    return int(found)


def _command_line(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@needs_root
def test_the_next_daemon_starts_with_what_this_one_has_given_up(
    folder: Path, manager: ServiceManager
) -> None:
    """The kernel's program is loaded with capabilities that no daemon keeps, but the starter."""
    daemons = Daemons(folder)
    daemons.prepare()
    for each in (folder, *folder.iterdir()):
        os.chown(each, ORDINARY, ORDINARY)
    manager.address.chmod(0o777)
    command = [*as_nobody_special(folder, ",+bpf,+net_admin"), *daemons.program("run")]
    pid = manager.starts(command, ROOT)
    manager.until_said("READY=1")
    wanted = 1 << BPF | 1 << NET_ADMIN
    for _ in range(2):
        held = capabilities(pid)
        assert [held[name] & wanted for name in ("Inh", "Prm", "Eff", "Amb")] == [0] * 4, held
        assert capabilities(starter_of(pid))["Eff"] == wanted
        daemons.must("hand-over")
        before, pid = pid, manager.until_main_is_another_than(pid)
        assert manager.until_ended(before) == 0
    manager.signals(signal.SIGTERM)
    assert manager.until_ended(pid) == 0


class Callers:
    """Connect again and again, and wait for whoever answers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.made = self.refused = 0
        self._open: list[socket.socket] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._call)

    def __enter__(self) -> "Callers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        for each in self._open:
            each.close()

    def _call(self) -> None:
        while not self._ends.wait(0.01):
            try:
                self._open.append(socket.create_connection(("127.0.0.1", self.port), PATIENCE))
                self.made += 1
            except OSError:
                self.refused += 1
            if len(self._open) > 100:
                self._open.pop(0).close()


def test_a_restart_refuses_no_connection(folder: Path, manager: ServiceManager) -> None:
    """systemd keeps the ports (FDSTORE), whichever the settings name; no .socket unit is needed.

    One that the settings name no more is given back.
    """
    daemons = Daemons(folder, on_stop=1)
    make_certificates(folder)
    daemons.write_settings()
    first = manager.starts(daemons.program("run"), ROOT)
    manager.until_said("READY=1")
    ports = {int(name.rpartition("-")[2]) for name in manager.kept}
    assert ports == {daemons.tls, daemons.http, daemons.link, daemons.turn}
    with Callers(daemons.tls) as callers:
        manager.signals(signal.SIGTERM)
        assert manager.until_ended(first) == 0
        before = callers.made
        # Whoever comes while there is no daemon waits for the next one.
        waiting = []
        late = threading.Thread(target=lambda: waiting.append(look_up("127.0.0.1", daemons.tls)))
        late.start()
        daemons.until(lambda: callers.made > before)
        daemons.write_settings(**{f'link = ["127.0.0.1:{daemons.link}"]': "link = []"})
        manager.starts(daemons.program("run"), ROOT)
        manager.until_said("READY=1", by=manager.main)
        late.join()
        assert waiting and waiting[0] in (200, 204, 404)
        assert is_served("127.0.0.1", daemons.turn)
        daemons.until(lambda: callers.made > 20 or callers.refused)
    assert callers.refused == 0
    daemons.until(lambda: f"tcp-127.0.0.1-{daemons.link}" not in manager.kept)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", daemons.link))
