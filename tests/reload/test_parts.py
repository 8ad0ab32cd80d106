"""A whole daemon takes over other settings (composed as always, on a reactor that tests move).

What is seen of it from outside, under load, is shown by `tests/interop/reload`.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.uc_demo.authority import make_certificates
from procall_mobility.gateway.reasons import Reason
from procall_mobility.reload.reloader import Outcome
from tests.admin.test_monitoring import asks
from tests.ports import free_port
from tests.reload.house import House, errors, house_in


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """One without a relay, and without pushes."""
    with house_in(tmp_path) as made:
        yield made


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


def test_who_does_not_serve_yet_reloads_nothing(house: House) -> None:
    """A daemon that is to take over has read the settings a moment ago."""
    house.daemon.serves = False
    outcome = house.reload("ucclient.answer_timeout = 7")
    house.daemon.serves = True
    assert [each.text for each in outcome.errors] == ["another daemon serves still"]


def test_what_comes_after_a_reload_may_fail_and_others_come_all_the_same(house: House) -> None:
    done: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    house.daemon.reloads += [fail, lambda: done.append("after")]
    house.reload()
    assert done == ["after"]
