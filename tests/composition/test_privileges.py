"""What needs privileges is done first; then they are given up, and only then are files read that
the daemon's own account can write.

Whoever has broken into a daemon can write its store, and have it started again: a file that SQLite
stumbles over must not get back what was given up.
"""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procall_mobility import service
from procall_mobility.config import load
from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations.service_log import ServiceLog
from tests.ports import free_port
from tests.reload.house import Lines, Reactor

SETTINGS = """\
service.origin = "https://localhost"
service.data = "{folder}"
store.path = "{folder}/customers.sqlite"
admin.socket = "{folder}/admin.sock"
listen.tls = []
listen.http = ["127.0.0.1:{http}"]
log.access = "{folder}/access.log"
turn.tcp = []
turn.tls = []
turn.relay = ["127.0.0.1"]
push.enabled = false
"""


def compose(folder: Path, more: str, give_up: Callable[[], Any]) -> Daemon:
    file = folder / "settings.toml"
    file.write_text(SETTINGS.format(folder=folder, http=free_port()) + more)
    log = ServiceLog(
        Lines(),
        lambda: 0.0,
        lambda unix: datetime.datetime.fromtimestamp(unix, datetime.UTC),
        least="info",
        json=False,
    )
    return service.compose(load(file), Reactor(), log, file=file, give_up_privileges=give_up)


def stores(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.suffix != ".toml")


@pytest.mark.parametrize("relays", [False, True])
def test_nothing_of_the_daemons_is_opened_while_there_are_privileges(
    tmp_path: Path, relays: bool
) -> None:
    udp = f'"127.0.0.1:{free_port()}"' if relays else ""
    opened: list[list[str]] = []
    daemon = compose(
        tmp_path,
        f'turn.udp = [{udp}]\nturn.datapath = "python"\n',
        lambda: opened.append(stores(tmp_path)),
    )
    daemon.store.close()
    daemon.access.close()
    if daemon.turn is not None:
        daemon.turn.stop(0.0)
    assert opened == [[]]
    assert "customers.sqlite" in stores(tmp_path)


def test_the_kernel_is_asked_while_there_are_privileges(tmp_path: Path) -> None:
    given_up: list[None] = []
    more = f'turn.udp = ["0.0.0.0:{free_port()}"]\n'
    more += 'turn.datapath = "kernel"\nturn.interfaces = ["no-such-port"]\n'
    with pytest.raises(CannotCarry):
        compose(tmp_path, more, lambda: given_up.append(None))
    assert (given_up, stores(tmp_path)) == ([], [])
