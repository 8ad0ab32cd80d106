"""Our HTTP/2 client and Debian's nghttpd, over TLS and real sockets."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from procall_mobility.protocols.push.exchange import Answer, NoAnswer
from procall_mobility.transports.http2.keep_alive import KeepAliveRules
from tests.interop.http2.egress import (
    NAME,
    PATIENCE,
    Clock,
    Egress,
    Server,
    nghttpd,
    running,
    write,
)
from tests.ports import free_port
from tests.transports.http2.tls import Authority

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("nghttpd") is None, reason="needs nghttp2-server"),
]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def folder(tmp_path: Path, authority: Authority) -> Path:
    write(tmp_path, authority, NAME)
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with running(nghttpd(folder, free_port())) as started:
        yield started


def test_three_thousand_requests_have_three_thousand_answers(
    authority: Authority, server: Server
) -> None:
    egress = Egress(authority, server.port, warm=2)
    egress.request_all(range(3_000), body=b"x" * 300)
    assert egress.statuses() == {200} and len(egress.results) == 3_000
    assert {result.body for result in egress.results.values()} == {b"x" * 300}
    egress.stop()


@pytest.mark.parametrize("options", [("-m", "1"), ("-w", "1"), ("-W", "1"), ("-b", "200")])
def test_small_limits_windows_and_padding_slow_us_down_and_nothing_else(
    authority: Authority, folder: Path, options: tuple[str, ...]
) -> None:
    with running(nghttpd(folder, free_port(), *options)) as server:
        egress = Egress(authority, server.port)
        egress.request_all(range(50), body=bytes(range(256)))
        assert {result.body for result in egress.results.values()} == {bytes(range(256))}
        egress.stop()


def test_a_server_that_wants_a_certificate_gets_ours(authority: Authority, folder: Path) -> None:
    with running(nghttpd(folder, free_port(), "--verify-client")) as server:
        egress = Egress(authority, server.port, pair=authority.issue("ours.example"))
        egress.request_all(range(3))
        assert egress.statuses() == {200}
        egress.stop()


def test_another_hosts_certificate_is_refused(authority: Authority, tmp_path: Path) -> None:
    write(tmp_path, authority, "elsewhere.example")
    with running(nghttpd(tmp_path, free_port())) as server:
        egress = Egress(authority, server.port)
        egress.run(lambda: egress.client.trouble)
        assert egress.client.trouble == "the certificate is another host's"
        egress.stop()


def test_after_a_crash_requests_have_results_and_the_next_server_is_found(
    authority: Authority, folder: Path
) -> None:
    port = free_port()
    with running(nghttpd(folder, port)) as first:
        egress = Egress(authority, port, warm=2).opened()
        first.process.send_signal(signal.SIGSTOP)
        for number in range(50):
            egress.request(number)
        egress.reactor.iterate(0.05)
        first.process.kill()
        egress.run(lambda: len(egress.results) == 50)
        assert all(isinstance(result, NoAnswer) for result in egress.results.values())
    egress.run(lambda: egress.client.trouble)
    with running(nghttpd(folder, port)):
        egress.results.clear()
        egress.request_all(range(100))
        assert egress.statuses() == {200}
        egress.stop()


def test_a_server_that_is_no_longer_there_is_found_out_by_a_ping(
    authority: Authority, server: Server
) -> None:
    """Before a request needs the connection; a stopped process's kernel goes on acknowledging."""
    rules, clock = KeepAliveRules(ping_after=0.2, pong_within=0.2), Clock()
    egress = Egress(authority, server.port, keep_alive=rules, now=clock).opened()
    server.process.send_signal(signal.SIGSTOP)
    egress.request(1)

    def is_given_up() -> bool:
        clock.seconds += 0.05
        return bool(egress.results)

    egress.run(is_given_up)
    assert egress.results == {
        1: NoAnswer(was_processed=None, why="the provider did not answer a ping")
    }
    server.process.send_signal(signal.SIGCONT)
    egress.results.clear()
    egress.request_all(range(10))
    assert all(isinstance(result, Answer) for result in egress.results.values())
    egress.stop()


def test_an_idle_connection_lives_by_its_pings(authority: Authority, server: Server) -> None:
    egress = Egress(
        authority, server.port, keep_alive=KeepAliveRules(ping_after=0.05, pong_within=PATIENCE)
    ).opened()
    turns = iter(range(20))
    egress.run(lambda: next(turns, None) is None)
    assert egress.client.trouble is None and egress.client.capacity
    egress.stop()
