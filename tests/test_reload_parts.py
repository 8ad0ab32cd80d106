"""A whole daemon takes over other settings (composed as always, on a reactor that tests move).

What is seen of it from outside, under load, is shown by `tests/interop/reload`.
"""

import contextlib
import datetime
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define

from examples.uc_demo.authority import make_certificates
from procall_mobility import service
from procall_mobility.config import load
from procall_mobility.gateway.reasons import Reason
from procall_mobility.lifecycle import Daemon
from procall_mobility.operations.service_log import ServiceLog
from procall_mobility.reload_parts import DISCOVERY_IS_ON, PUSH_IS_OFF, RELAY_IS_OFF
from procall_mobility.reloading import Outcome
from tests.operations.test_service_log import Lines
from tests.ports import free_port
from tests.test_monitoring import Reactor, asks

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


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """One without a relay, and without pushes."""
    with house_in(tmp_path) as made:
        yield made


def errors(outcome: Outcome) -> list[str]:
    return [each.path for each in outcome.errors]


def test_a_file_that_says_what_it_said_changes_nothing(house: House) -> None:
    assert house.reload() == Outcome()


def test_the_gateway_goes_by_other_rules(house: House) -> None:
    outcome = house.reload("ucclient.answer_timeout = 7\nassumptions.a41_own_operations = false")
    assert [each.path for each in outcome.changed] == [
        "ucclient.answer_timeout",
        "assumptions.a41_own_operations",
    ]
    assert house.daemon.gateway.calls.timeout == 7.0


def test_tls_begins_with_the_first_port_that_needs_it_and_a_certificate(house: House) -> None:
    port = f'listen.tls = ["127.0.0.1:{free_port()}"]'
    assert errors(house.reload(port)) == ["tls.certificate"]
    assert house.daemon.certificate is None
    make_certificates(house.folder)
    assert errors(house.reload(port)) == []
    assert house.daemon.certificate is not None
    assert house.daemon.listeners[0].address.startswith("tls 127.0.0.1:")
    house.reload()
    assert house.daemon.certificate is None
    assert len(house.daemon.listeners) == 1


def test_a_certificate_that_is_spoilt_leaves_the_one_there_is(house: House) -> None:
    port = f'listen.tls = ["127.0.0.1:{free_port()}"]'
    make_certificates(house.folder)
    house.reload(port)
    before = house.daemon.certificate
    (house.folder / "key.pem").write_text("spoilt")
    assert errors(house.reload(port)) == ["tls.key"]
    assert house.daemon.certificate is before


def test_the_certificate_is_looked_at_at_another_pace(house: House) -> None:
    port = f'listen.tls = ["127.0.0.1:{free_port()}"]\ntls.check_every = 2'
    make_certificates(house.folder)
    house.reload(port)
    assert house.daemon.certificate is not None
    shown = house.daemon.certificate.pair
    for name in ("certificate.pem", "key.pem"):
        (house.folder / name).unlink()
    make_certificates(house.folder)
    for _ in range(3):
        house.reactor.advance(2.0)
    assert house.daemon.certificate.pair is not shown


def test_books_move_and_those_that_cannot_stay(house: House) -> None:
    usual, other = house.folder / "access.log", house.folder / "other.log"
    outcome = house.reload(f'log.access = "/nowhere/x"\nlog.service = "{other}"')
    assert errors(outcome) == ["log.access"]
    house.daemon.gateway.connection_refused("192.0.2.1", Reason.SILENT)
    assert "connection refused" in usual.read_text()
    assert house.reload(f'log.access = "{other}"\nlog.format = "json"').errors == ()
    before = usual.read_text()
    house.daemon.gateway.connection_refused("192.0.2.1", Reason.FRAMING)
    assert json.loads(other.read_text())["event"] == "connection refused"
    assert usual.read_text() == before


def test_whoever_signs_tokens_and_look_ups_know_the_new_origin(house: House) -> None:
    house.reload('service.origin = "https://other.example.net"')
    tokens = house.daemon.customer_door.tokens
    assert tokens is not None
    assert tokens.audience == "https://other.example.net"


def test_every_secret_of_others_servers_that_cannot_be_read_is_told(house: House) -> None:
    (house.folder / "bad").touch(mode=0o600)
    (house.folder / "bad").write_bytes(b"\xff")
    (house.folder / "good").touch(mode=0o600)
    (house.folder / "good").write_bytes(b"\xff")
    none, bad, good = (f'"{house.folder}/{name}"' for name in ("none", "bad", "good"))
    servers = (
        f'{{ urls = ["turn:a"], secret_file = {none} }}, '
        f'{{ urls = ["turn:b"], username = "u", credential_file = {bad} }}, '
        f'{{ urls = ["turn:c"], secret_file = {good} }}'
    )
    outcome = house.reload(f"ice.servers = [{servers}]")
    assert errors(outcome) == ["ice.servers[0].secret_file", "ice.servers[1].credential_file"]


def test_a_relay_that_is_off_and_pushes_that_are_not_taken_wait_with_all_they_have(
    house: House,
) -> None:
    outcome = house.reload("turn.lifetime = 700\npush.limits.rate = 7")
    assert [(each.path, why) for each, why in outcome.waiting] == [
        ("turn.lifetime", RELAY_IS_OFF),
        ("push.limits.rate", PUSH_IS_OFF),
    ]


def test_a_relay_goes_by_other_rules(tmp_path: Path) -> None:
    with house_in(tmp_path, turn=True) as house:
        relay = house.daemon.turn
        assert relay is not None
        outcome = house.reload(
            'turn.lifetime = 700\nturn.peers.deny = ["20.0.0.1"]\nice.ttl = 60\n'
            'turn.urls = ["turn:relay.example.net"]'
        )
        assert not outcome.waiting
        assert relay.media.server.allocations.rules.lifetime == 700
        assert relay.media.users.longest_ttl == 60
        assert [str(each.allow) for each in relay.media.users.rules] == ["False"]
        assert relay.own(house.daemon.reloader.settings).urls == ("turn:relay.example.net",)


def test_a_relay_has_other_ports(tmp_path: Path) -> None:
    with house_in(tmp_path, turn=True) as house:
        port = free_port()
        outcome = house.reload(f'turn.udp = ["127.0.0.1:{port}"]')
        assert [each.path for each in outcome.changed] == ["turn.udp"]
        assert f"turn-udp 127.0.0.1:{port}" in [each.address for each in house.daemon.listeners]
        assert len(house.daemon.listeners) == 2


def test_ports_that_belong_together_wait_together(tmp_path: Path) -> None:
    """RFC 5780: its four sockets are two addresses times two ports."""
    with house_in(tmp_path, turn=True, more='turn.alternate = "127.0.0.2"\n') as house:
        outcome = house.reload(f'turn.udp = ["127.0.0.1:{free_port()}"]')
        assert [why for _, why in outcome.waiting] == [DISCOVERY_IS_ON]


def test_a_relay_knows_the_new_ports_of_our_own_services(tmp_path: Path) -> None:
    """Nobody reaches them by way of it (turn.md section 2)."""
    with house_in(tmp_path, turn=True) as house:
        relay, port = house.daemon.turn, free_port()
        assert relay is not None
        house.reload(f'turn.tcp = ["127.0.0.1:{port}"]')
        assert port in relay.media.users.surroundings.services


def test_pushes_go_by_other_terms(tmp_path: Path) -> None:
    with house_in(tmp_path, pushes=True) as house:
        if house.daemon.push is None:
            pytest.skip("libnghttp2 is not there")
        outcome = house.reload(
            'push.limits.rate = 7\nlog.pushes = "all"\npush.endpoints_inside = ["push.example"]'
        )
        assert not outcome.waiting
        assert len(outcome.changed) == 3


def test_admin_pages_begin_move_and_end(house: House) -> None:
    first, second = (f'admin.http = ["127.0.0.1:{free_port()}"]' for _ in range(2))
    assert house.daemon.admin_doors == []
    house.reload(first)
    (door,) = house.daemon.admin_doors
    assert door._factory.buildProtocol(None) is not None
    assert (house.folder / "admin.token").exists()
    house.reload(second)
    assert [each.running for each in house.daemon.admin_doors] == [True]
    assert not door.running
    house.reload()
    assert house.daemon.admin_doors == []


def test_metrics_tell_of_the_bounds_in_force(house: House) -> None:
    pages = f'admin.http = ["127.0.0.1:{free_port()}"]'
    house.reload(pages)
    token = (house.folder / "admin.token").read_text().strip()
    house.reload(f"{pages}\nconnections.total = 77")
    _, text = asks(house.daemon, house.reactor, "/metrics", token)
    assert "procall_connections_limit 77.0" in text


def test_admin_pages_whose_token_cannot_be_read_do_not_begin(house: House) -> None:
    outcome = house.reload(
        f'admin.http = ["127.0.0.1:{free_port()}"]\nadmin.token_file = "{house.folder}/none"'
    )
    assert errors(outcome) == ["admin.token_file"]
    assert house.daemon.admin_doors == []


def test_the_admin_socket_moves(house: House) -> None:
    before, after = house.folder / "admin.sock", house.folder / "new" / "admin.sock"
    assert errors(house.reload('admin.socket = "/proc/nowhere/admin.sock"')) == ["admin.socket"]
    assert before.is_socket()
    assert errors(house.reload(f'admin.socket = "{after}"\nlisten.link = ["192.0.2.1:1"]')) != []
    assert (before.is_socket(), after.exists()) == (True, False), "something else was wrong"
    house.reload(f'admin.socket = "{after}"')
    assert (before.exists(), after.is_socket()) == (False, True)


def test_who_is_told_to_end_reloads_nothing(house: House) -> None:
    house.daemon.is_stopping = True
    outcome = house.reload("ucclient.answer_timeout = 7")
    house.daemon.is_stopping = False
    assert [each.text for each in outcome.errors] == ["the daemon is told to end"]
    assert house.daemon.reloader.settings.ucclient.answer_timeout == 20.0


def test_what_comes_after_a_reload_may_fail_and_others_come_all_the_same(house: House) -> None:
    done: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    house.daemon.reloads += [fail, lambda: done.append("after")]
    house.reload()
    assert done == ["after"]
