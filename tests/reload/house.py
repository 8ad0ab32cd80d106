"""A whole daemon on a reactor that tests move, whose settings file is changed."""

import contextlib
import datetime
from collections.abc import Iterator
from pathlib import Path

from attrs import define

from procall_mobility import service
from procall_mobility.config import load
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations.service_log import ServiceLog
from procall_mobility.reload.reloader import Outcome
from tests.admin.test_monitoring import Reactor
from tests.operations.test_service_log import Lines
from tests.ports import free_port

USUAL = """\
service.data = "{folder}"
service.origin = "https://mobility.example.net"
listen.tls = []
listen.http = ["127.0.0.1:{http}"]
tls.certificate = "{folder}/certificate.pem"
tls.key = "{folder}/key.pem"
turn.tcp = []
turn.tls = []
turn.relay = ["127.0.0.1"]
turn.datapath = "python"
log.access = "{folder}/access.log"
log.service = "{folder}/service.log"
store.path = "{folder}/customers.sqlite"
admin.socket = "{folder}/admin.sock"
"""


@define
class House:
    folder: Path
    daemon: Daemon
    reactor: Reactor
    usual: str

    def reload(self, more: str = "") -> Outcome:
        """Read settings with something more in them, or something else."""
        said = {line.partition(" = ")[0]: line for line in self.usual.splitlines()}
        said |= {line.partition(" = ")[0]: line for line in more.splitlines()}
        (self.folder / "settings.toml").write_text("\n".join(said.values()))
        return self.daemon.reload()


@contextlib.contextmanager
def house_in(
    folder: Path, *, turn: bool = False, pushes: bool = False, more: str = ""
) -> Iterator[House]:
    usual = USUAL.format(folder=folder, http=free_port())
    usual += f'turn.udp = ["127.0.0.1:{free_port()}"]\n' if turn else "turn.udp = []\n"
    usual += f"push.enabled = {str(pushes).lower()}\n"
    usual += more
    file = folder / "settings.toml"
    file.write_text(usual)
    reactor = Reactor()
    log = ServiceLog(
        Lines(),
        lambda: 0.0,
        lambda unix: datetime.datetime.fromtimestamp(unix, datetime.UTC),
        least="info",
        json=False,
    )
    daemon = service.compose(load(file), reactor, log, file=file)
    daemon.startService()
    try:
        yield House(folder, daemon, reactor, usual)
    finally:
        daemon.stopService()


def errors(outcome: Outcome) -> list[str]:
    return [each.path for each in outcome.errors]
