"""The files of the package are replaced beneath a running daemon, which needs none of them."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define

from tests.daemon import ROOT
from tests.interop.hand_over.service_manager import ServiceManager
from tests.smoke.daemons import Daemons
from tests.smoke.strict_client import StrictClient

pytestmark = pytest.mark.interop

NEW = "9.9.9"


@define
class Installed:
    """The package in a folder of its own, as pip or dpkg would have put it there."""

    folder: Path

    def install(self, version: str | None = None) -> None:
        for name in ("procall_mobility", "twisted"):
            shutil.copytree(
                ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        if version is not None:
            told = f'"""What there is."""\n\n__version__ = "{version}"\n'
            (self.folder / "procall_mobility/__init__.py").write_text(told)

    def remove(self) -> None:
        for name in ("procall_mobility", "twisted"):
            shutil.rmtree(self.folder / name)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[ServiceManager]:
    made = ServiceManager(tmp_path)
    yield made
    made.stops()


@pytest.fixture
def daemons(tmp_path: Path) -> Iterator[Daemons]:
    made = Daemons(tmp_path)
    made.prepare()
    yield made
    made.stop()


def talks(daemons: Daemons, name: str, *, tls: bool) -> StrictClient:
    """Do what a client does first, and say something."""
    client = StrictClient(daemons.tls if tls else daemons.http, tls=tls)
    assert client.look_up("acme.example") is not None
    assert client.log_on(name, name, "acme") == 200
    client.upgrade()
    says(client)
    return client


def says(client: StrictClient) -> None:
    answer = client.call("asnGetAndSubscribePresenceV2", {"seqContactIDs": []})
    assert "result" in answer, answer


def test_neither_the_old_daemon_nor_the_new_one_needs_the_files(
    tmp_path: Path, daemons: Daemons, manager: ServiceManager
) -> None:
    """dpkg takes the old files away and brings new ones, while the old daemon runs and drains.

    Here all of them are away for most of the time: whatever read one would fail.
    """
    installed = Installed(tmp_path / "installed")
    installed.folder.mkdir()
    installed.install()
    first = manager.starts(daemons.program("run"), installed.folder)
    manager.until_said("READY=1")
    daemons.start_server("--port", str(daemons.link))
    daemons.until_linked()
    before = daemons.status()["version"]
    assert before != NEW
    alice = talks(daemons, "alice", tls=True)
    installed.remove()
    # Everything of it goes on, also what it has not done yet.
    bob = talks(daemons, "bob", tls=False)
    says(alice)
    manager.signals(signal.SIGHUP)
    manager.until_said("RELOADING=1")
    refused = daemons.cli("hand-over")
    assert (refused.exit_code, "broke off" in refused.output) == (1, True), refused.output
    says(bob)
    installed.install(NEW)
    daemons.must("hand-over")
    second = manager.until_main_is_another_than(first)
    installed.remove()
    assert {client.close_code() for client in (alice, bob)} <= {1001, 1012}
    assert manager.until_ended(first) == 0
    daemons.until_linked()
    assert daemons.status()["version"] == NEW
    talks(daemons, "alice", tls=False).close()
    talks(daemons, "bob", tls=True).close()
    manager.signals(signal.SIGTERM)
    assert manager.until_ended(second) == 0
    log = daemons.log("service")
    assert "Traceback" not in log and "critical" not in log, log
