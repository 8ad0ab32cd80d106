"""What is looked at on the machine: ports, names, clock, folders, daemon, pages."""

import errno
import os
import socket
import time
from pathlib import Path

import pytest
from attrs import evolve

from procall_mobility.diagnosis.bundle import pages
from procall_mobility.diagnosis.facts import daemon as daemons
from procall_mobility.diagnosis.facts.clock import look_at_clock
from procall_mobility.diagnosis.facts.daemon import account_of, look_at_account, look_at_daemon
from procall_mobility.diagnosis.facts.file_limit import look_at_file_limit
from procall_mobility.diagnosis.facts.names import look_around, look_at_names, look_up
from procall_mobility.diagnosis.facts.ports import look_at_ipv6, look_at_ports
from procall_mobility.diagnosis.facts.storage import look_at_storage
from procall_mobility.diagnosis.facts.store import read
from procall_mobility.diagnosis.facts.waiting import within
from procall_mobility.diagnosis.judgements.daemon import DaemonFacts
from procall_mobility.diagnosis.judgements.file_limit import Whose
from procall_mobility.operations.admin_answer import Answer
from procall_mobility.storage.customers import CustomerStore
from tests.diagnosis import answering
from tests.diagnosis.conftest import Make
from tests.diagnosis.time_server import time_server
from tests.operations.admin_daemon import listening
from tests.ports import free_port

NO_DAEMON = DaemonFacts(socket="")
NO_TURN = "[turn]\nudp = []\ntcp = []\ntls = []\n"


def test_a_port_that_is_taken_names_whoever_has_it(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = make(f'[listen]\ntls = ["127.0.0.1:{port}"]\n{NO_TURN}')
        (facts,) = look_at_ports(settings, NO_DAEMON)
    assert facts.error == errno.EADDRINUSE
    assert any(f"(process {os.getpid()})" in each for each in facts.holders)


def test_udp_ports_are_tried_too(make: Make) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        settings = make(
            f'[listen]\ntls = []\nlink = ["127.0.0.1:{free_port()}"]\n'
            f'[turn]\nudp = ["127.0.0.1:{port}"]\ntcp = []\ntls = []\n'
        )
        link, turn = look_at_ports(settings, NO_DAEMON)
    assert link.error is None
    assert turn.is_udp
    assert turn.error == errno.EADDRINUSE
    assert turn.holders


def test_what_the_daemon_has_is_not_tried(make: Make) -> None:
    settings = make(
        '[listen]\ntls = ["[::1]:443"]\n'
        '[turn]\nudp = ["127.0.0.1:3478"]\ntcp = ["127.0.0.1:3478"]\ntls = []\n'
    )
    told = {"listening": ["tls [::1]:443", "turn-udp 127.0.0.1:3478", "turn-tcp 127.0.0.1:3478"]}
    ports = look_at_ports(settings, DaemonFacts(socket="", status=Answer(told)))
    assert [each.daemon_has_it for each in ports] == [True, True, True]


def test_an_address_of_another_machine_cannot_be_had(make: Make) -> None:
    settings = make(f'[listen]\ntls = ["192.0.2.7:{free_port()}"]\n{NO_TURN}')
    (facts,) = look_at_ports(settings, NO_DAEMON)
    assert facts.error == errno.EADDRNOTAVAIL


def test_ipv6_is_looked_for_in_all_that_names_it(make: Make) -> None:
    settings = make(
        '[listen]\ntls = ["0.0.0.0:443"]\n'
        '[turn]\nudp = ["[::]:3478"]\ntcp = []\ntls = []\nrelay = ["2001:db8::7"]\n'
    )
    facts = look_at_ipv6(settings)
    assert set(facts.named) == {"turn.udp", "turn.relay"}
    assert facts.names_addresses


def test_names_are_those_that_clients_are_told(make: Make) -> None:
    settings = make(
        "[turn]\n"
        'urls = ["turn:localhost", "turn:192.0.2.7", "turn:bad:port:1", "stun:localhost"]\n'
    )
    (facts,) = look_at_names(settings)
    assert (facts.setting, facts.host) == ("service.origin", "localhost")
    assert "127.0.0.1" in facts.addresses


def test_an_address_needs_no_name(make: Make) -> None:
    settings = make(NO_TURN)
    service = evolve(settings.service, origin="https://192.0.2.7")
    assert look_at_names(evolve(settings, service=service)) == []


def test_a_name_that_fails_says_so_in_the_systems_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    facts = look_up("service.origin", "mobility.example.net")
    assert facts.is_temporary
    assert facts.failure == "Temporary failure in name resolution"


def test_a_name_that_the_dns_cannot_have_is_told_as_such() -> None:
    facts = look_up("service.origin", f"{'a' * 64}.example.net")
    assert not facts.is_temporary
    assert "label" in (facts.failure or "")


def test_where_we_are_is_what_settings_and_machine_say(make: Make) -> None:
    settings = make(
        '[listen]\nproxy_from = ["10.0.0.1"]\ntls = ["127.0.0.1:443"]\n'
        '[turn]\nudp = ["127.0.0.1:3478"]\ntcp = []\ntls = []\n'
        'relay = ["10.0.0.5"]\nexternal = ["10.0.0.5=198.51.100.7"]\n'
    )
    here = look_around(settings)
    assert here.outside == {"198.51.100.7", "10.0.0.5"}
    assert "127.0.0.1" in here.own
    assert here.is_behind_balancer
    assert here.is_for_itself
    assert here.listens == {4}


def test_what_hangs_is_not_waited_for() -> None:
    silent, other = socket.socketpair()
    with silent, other, pytest.raises(TimeoutError):
        within(0.01, lambda: silent.recv(1))
    with pytest.raises(OSError, match="so it is"):
        within(1, _failing)


def _failing() -> None:
    raise OSError("so it is")


def test_the_clock_is_compared_with_a_time_server() -> None:
    with time_server() as server:
        (compared,) = look_at_clock(server, ()).comparisons
    assert compared.whose == server
    assert compared.ahead == pytest.approx(0, abs=1)


def test_a_time_server_that_is_not_there_is_named() -> None:
    silent = f"127.0.0.1:{free_port()}"
    facts = look_at_clock(silent, ())
    assert facts.unanswered == silent
    assert facts.built < facts.now
    assert facts.is_kept in (True, False, None)


def test_the_limit_of_a_running_daemon_is_its_own(make: Make) -> None:
    facts = look_at_file_limit(make(), DaemonFacts(socket="", pid=os.getpid()))
    assert facts.whose is Whose.DAEMON
    assert facts.relays == make().turn.limits.allocations
    facts = look_at_file_limit(make(NO_TURN), DaemonFacts(socket="", pid=None))
    assert facts.whose is not Whose.DAEMON
    assert facts.relays == 0


def test_folders_that_are_missing_are_seen(make: Make, tmp_path: Path) -> None:
    settings = make()
    CustomerStore(tmp_path / "customers.sqlite", os.urandom, time.time).close()
    (tmp_path / "access.log").write_text("")
    me = account_of(settings, NO_DAEMON)
    facts = {(each.setting, each.path): each for each in look_at_storage(settings, me)}
    assert facts["service.data", str(tmp_path)].is_writable
    assert facts["store.path", str(tmp_path / "customers.sqlite")].trouble is None
    assert not facts["log.service", str(tmp_path / "logs")].is_there
    assert facts["log.access", str(tmp_path / "access.log")].is_writable


def test_a_store_of_another_version_is_left_alone(make: Make, tmp_path: Path) -> None:
    """The daemon that runs may be the older one: looking must not bring its store further."""
    settings = make()
    assert read(settings, lambda store: store.all()) is None
    store = CustomerStore(tmp_path / "customers.sqlite", os.urandom, time.time)
    store.add("acme", ())
    assert [each.ucsid for each in read(settings, lambda store: store.all()) or []] == ["acme"]
    store.connection.execute("PRAGMA user_version = 1")
    store.close()
    assert read(settings, lambda store: store.all()) is None


def test_a_daemon_is_known_by_whoever_has_the_socket(make: Make, tmp_path: Path) -> None:
    settings = make()
    with listening(tmp_path / "admin.sock", {"status": lambda _: {"version": "1"}}):
        facts = look_at_daemon(settings)
    assert facts.status == Answer({"version": "1"})
    assert (facts.pid, facts.uid) == (os.getpid(), os.geteuid())
    assert account_of(settings, facts).is_mine
    assert not look_at_daemon(settings).status


def test_a_daemon_that_refuses_is_there_all_the_same(make: Make, tmp_path: Path) -> None:
    with listening(tmp_path / "admin.sock", {}):
        facts = look_at_daemon(make())
    assert facts.status is None
    assert "no such verb" in (facts.error or "")


def test_whose_rights_count_is_found_by_the_folder(make: Make, tmp_path: Path) -> None:
    settings = make()
    if os.geteuid() == 0:
        os.chown(tmp_path, 64_000, 64_000)
        account = account_of(settings, NO_DAEMON)
        assert (account.uid, account.gid, account.is_mine) == (64_000, 64_000, False)
        assert look_at_account(settings, NO_DAEMON).daemons == "uid 64000"
    assert account_of(settings, DaemonFacts(socket="", uid=os.geteuid())).is_mine
    assert daemons.ask(settings, "status") is None


# The admin pages --------------------------------------------------------------------------

PAGES = {
    "/healthz": (200, '{"status": "alive"}\n'),
    "/readyz": (503, '{"ready": false}\n'),
    "/metrics": (200, 'procall_links{customer="a"} 1\n'),
}


def test_health_and_metrics_are_asked_for_with_the_token(make: Make, tmp_path: Path) -> None:
    (tmp_path / "admin.token").write_text("a-token-of-many-letters\n")
    with answering.pages(PAGES, "a-token-of-many-letters") as port:
        settings = make(admin=f'http = ["127.0.0.1:{port}"]')
        assert list(pages.health(settings)) == [
            '/healthz: 200 {"status": "alive"}',
            '/readyz: 503 {"ready": false}',
        ]
        assert list(pages.metrics(settings)) == ['procall_links{customer="a"} 1']
        (tmp_path / "admin.token").write_text("another-token-of-letters\n")
        with pytest.raises(pages.NotAsked, match="status 401"):
            list(pages.metrics(settings))


def test_pages_that_cannot_be_asked_say_why(make: Make, tmp_path: Path) -> None:
    with pytest.raises(pages.NotAsked, match="no address"):
        list(pages.health(make()))
    with pytest.raises(pages.NotAsked, match="cannot be read"):
        list(pages.metrics(make()))
    with pytest.raises(pages.NotAsked, match="nobody answers"):
        list(pages.health(make(admin=f'http = ["127.0.0.1:{free_port()}"]')))
