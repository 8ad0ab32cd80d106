"""The daemon as it is watched: composed as always, on a reactor that only tests move."""

import contextlib
import datetime
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.logger import capturedLogs

from procall_mobility import service
from procall_mobility.admin.monitoring import kernel_facts
from procall_mobility.config import parse
from procall_mobility.datapath.layout import ENABLED, REASONS
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations.metrics.relay import KernelFacts
from procall_mobility.operations.service_log import ServiceLog
from tests.composition.turn.test_datapath import SIZES, Stage
from tests.operations.test_service_log import Lines
from tests.ports import free_port

SETTINGS = """\
[service]
data = "{folder}"
origin = "https://mobility.example.net"
[listen]
tls = []
http = ["127.0.0.1:{http}"]
[turn]
udp = []
tcp = []
tls = []
[push]
enabled = {pushes}
[log]
access = "{folder}/access.log"
service = "{folder}/service.log"
[store]
path = "{folder}/customers.sqlite"
[admin]
socket = "{folder}/admin.sock"
{admin}
"""


class AtOnce:
    """A pool of threads that has none."""

    def callInThreadWithCallback(
        self, told: Callable[[bool, Any], None], function: Callable[..., Any], *arguments: Any
    ) -> None:
        told(True, function(*arguments))


class Reactor(MemoryReactorClock):
    """Also takes sockets over, and does at once what is for threads."""

    def getThreadPool(self) -> AtOnce:
        return AtOnce()

    def callFromThread(self, function: Callable[..., None], *arguments: Any) -> None:
        function(*arguments)


def composed(
    folder: Path, reactor: Reactor, *, pushes: bool = False, admin: str | None = None
) -> Daemon:
    text = SETTINGS.format(
        folder=folder,
        http=free_port(),
        admin=f'http = ["127.0.0.1:{free_port()}"]' if admin is None else admin,
        pushes=str(pushes).lower(),
    )
    log = ServiceLog(
        Lines(),
        lambda: 0.0,
        lambda unix: datetime.datetime.fromtimestamp(unix, datetime.UTC),
        least="info",
        json=False,
    )
    file = folder / "settings.toml"
    file.write_text(text)
    return service.compose(parse(text), reactor, log, file=file)


@contextlib.contextmanager
def running(folder: Path, **members: Any) -> Iterator[tuple[Daemon, Reactor]]:
    reactor = Reactor()
    daemon = composed(folder, reactor, **members)
    daemon.startService()
    try:
        yield daemon, reactor
    finally:
        if not daemon.is_stopping:
            daemon.stopService()


def asks(daemon: Daemon, reactor: Reactor, path: str, token: str = "") -> tuple[int, Any]:
    (door,) = daemon.admin_doors
    protocol = door._factory.buildProtocol(None)
    transport = StringTransport()
    protocol.makeConnection(transport)
    shown = f"Authorization: Bearer {token}\r\n" if token else ""
    protocol.dataReceived(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{shown}\r\n".encode())
    for _ in range(500):
        reactor.advance(0)
    head, _, body = transport.value().decode().partition("\r\n\r\n")
    status = int(head.split()[1])
    return status, json.loads(body) if "json" in head else body


def test_nothing_is_watched_unless_somebody_wants_it(tmp_path: Path) -> None:
    """No port is opened, and no token made."""
    with running(tmp_path, admin="") as (daemon, _):
        assert daemon.admin_doors == []
    assert not (tmp_path / "admin.token").exists()


def test_a_daemon_that_runs_is_alive_and_ready(tmp_path: Path) -> None:
    with running(tmp_path) as (daemon, reactor):
        assert asks(daemon, reactor, "/healthz")[1]["status"] == "alive"
        assert asks(daemon, reactor, "/readyz") == (200, {"ready": True, "reasons": []})


def test_a_daemon_that_ends_says_so_until_it_has_ended(tmp_path: Path) -> None:
    """Whoever balances load sends nobody here any more, while those who are here are told."""
    with running(tmp_path) as (daemon, reactor):
        place = daemon.connections.admit()
        ended: list[object] = []
        daemon.stopService().addBoth(ended.append)
        status, told = asks(daemon, reactor, "/readyz")
        assert status == 503
        assert {each["check"] for each in told["reasons"]} == {"listeners", "stopping"}
        assert "http 127.0.0.1" in told["reasons"][0]["text"]
        (door,) = daemon.admin_doors
        assert (door.running, ended) == (1, [])
        assert place is not None
        place.leave()
        reactor.advance(1.0)
        assert ended
        assert not door.running


@pytest.mark.parametrize("file", ["customers.sqlite", "push.sqlite"])
def test_every_store_is_looked_at(tmp_path: Path, file: str) -> None:
    with running(tmp_path, pushes=True) as (daemon, reactor):
        (tmp_path / file).rename(tmp_path / "elsewhere")
        status, told = asks(daemon, reactor, "/readyz")
        (tmp_path / "elsewhere").rename(tmp_path / file)
        assert status == 503
        text = f"{file}: unable to open database file"
        assert told["reasons"] == [{"check": "store", "text": text}]


@pytest.mark.parametrize("pushes", [False, True])
def test_metrics_of_what_is_switched_off_are_not_told(tmp_path: Path, pushes: bool) -> None:
    with running(tmp_path, pushes=pushes) as (daemon, reactor):
        token = (tmp_path / "admin.token").read_text().strip()
        status, text = asks(daemon, reactor, "/metrics", token)
        assert status == 200
        assert "procall_listeners 1.0" in text
        assert ("procall_push_open 0.0" in text) is pushes
        assert "procall_relay" not in text
        assert "procall_certificate_expiry_timestamp_seconds{" not in text


def test_pushes_are_counted_for_each_customer_once_settings_say_so(tmp_path: Path) -> None:
    """Before a reload and after it; a name nobody is registered by is told of nowhere."""
    refused = 'procall_customer_push_refused_total{customer="acme"} 1.0'
    with running(tmp_path, pushes=True) as (daemon, reactor):
        token = (tmp_path / "admin.token").read_text().strip()
        assert daemon.push is not None
        daemon.store.add("acme", password="a-pass-of-acme")
        book = daemon.push.runner.pipeline.book
        for is_wanted in (False, True, False):
            line = f"customers_in_metrics = {str(is_wanted).lower()}\n"
            file = tmp_path / "settings.toml"
            kept = [each for each in file.read_text().splitlines() if "in_metrics" not in each]
            file.write_text("\n".join([*kept, line]))
            daemon.reload()
            for customer in ("acme", "stranger"):
                book.not_accepted(customer, "too-fast")
            text = asks(daemon, reactor, "/metrics", token)[1]
            assert (refused in text) is is_wanted
            assert "stranger" not in text


def test_a_spoilt_token_is_told_and_the_one_before_stays(tmp_path: Path) -> None:
    with running(tmp_path) as (daemon, reactor):
        file = tmp_path / "admin.token"
        token = file.read_text().strip()
        file.write_text("")
        with capturedLogs() as events:
            daemon.reload()
        told = next(each for each in events if each["log_format"] == "settings not taken over")
        assert "admin.token_file" in told["error"]
        assert asks(daemon, reactor, "/metrics", token)[0] == 200


def test_a_token_file_of_the_operators_own_has_to_be_there(tmp_path: Path) -> None:
    admin = f'http = ["127.0.0.1:{free_port()}"]\ntoken_file = "{tmp_path}/own"'
    with pytest.raises(FileNotFoundError):
        composed(tmp_path, Reactor(), admin=admin)
    (tmp_path / "own").write_text("a-token-of-our-own-0815")
    with running(tmp_path, admin=admin) as (daemon, reactor):
        assert asks(daemon, reactor, "/metrics", "a-token-of-our-own-0815")[0] == 200
        assert not (tmp_path / "admin.token").exists()


def test_where_the_kernel_relays_it_is_asked_how_it_goes() -> None:
    stage = Stage()
    stage.maps.control[ENABLED + 1 + REASONS.index("spent")] = 4
    stage.table.left["table-full"] = 2
    facts = kernel_facts(stage.datapath)
    assert (facts.enabled, facts.channels, facts.most_channels) == (True, 0, SIZES.channels)
    assert facts.passed_up["spent"] == 4
    assert facts.passed_up.keys() == set(REASONS)
    assert facts.left == {"table-full": 2}
    stage.datapath.path = evolve(stage.datapath.path, table=None)
    assert kernel_facts(stage.datapath) == KernelFacts()


def test_the_reactor_is_looked_at_twice_a_second(tmp_path: Path) -> None:
    with running(tmp_path) as (daemon, reactor):
        token = (tmp_path / "admin.token").read_text().strip()
        for _ in range(3):
            reactor.advance(0.5)
        text = asks(daemon, reactor, "/metrics", token)[1]
        assert "procall_reactor_lateness_seconds_count 2.0" in text
