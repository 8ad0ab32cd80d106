"""Our HTTP/2 client and node's server, which refuses, leaves, hangs and dies when asked to."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from procall_mobility.protocols.push.exchange import LONGEST_ANSWER, Answer, NoAnswer
from tests.interop.http2.egress import NAME, Clock, Egress, Server, running, write
from tests.transports.http2.tls import Authority

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
]

PROGRAM = Path(__file__).with_name("http2_server.mjs")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def server(authority: Authority, tmp_path: Path) -> Iterator[Server]:
    process = subprocess.Popen(
        ["node", PROGRAM, *write(tmp_path, authority, NAME)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with running(Server(process, int(process.stdout.readline()))) as started:
        yield started


@pytest.fixture
def egress(authority: Authority, server: Server) -> Iterator[Egress]:
    opened = Egress(authority, server.port).opened()
    yield opened
    opened.stop()


def result(egress: Egress, path: str, **more: object) -> Answer | NoAnswer:
    egress.request(1, path, **more)
    egress.run(lambda: 1 in egress.results)
    return egress.results[1]


def test_a_request_is_answered(egress: Egress) -> None:
    answer = result(egress, "/x", body='{"ä":1}'.encode())
    assert answer.status == 200 and answer.headers["apns-id"] == "id-1"
    assert answer.body.decode() == '{"ä":1}'


def test_a_refused_stream_was_not_processed(egress: Egress) -> None:
    assert result(egress, "/refuse").was_processed is False


def test_an_interim_answer_is_not_the_answer(egress: Egress) -> None:
    assert result(egress, "/interim").status == 200


def test_a_long_answer_is_cut(egress: Egress) -> None:
    assert result(egress, "/long").body == b"x" * LONGEST_ANSWER


def test_no_answer_in_time_is_reset_with_cancel(authority: Authority, server: Server) -> None:
    clock = Clock()
    egress = Egress(authority, server.port, now=clock).opened()
    egress.request(1, "/hang", timeout=0.2)
    assert [egress.hears(server) for _ in range(2)] == ["session", "hangs"]
    clock.seconds += 0.2
    egress.run(lambda: egress.results)
    assert egress.results[1] == NoAnswer(was_processed=None, why="no answer came in time")
    assert egress.hears(server) == "aborted /hang 8"
    egress.stop()


def test_a_connection_that_dies_leaves_nobody_without_a_result(egress: Egress) -> None:
    egress.request(2, "/hang")
    assert result(egress, "/die").was_processed is None
    egress.run(lambda: len(egress.results) == 2)
    egress.results.clear()
    egress.request_all(range(10))
    assert egress.statuses() == {200}


def test_a_limit_that_shrinks_to_one_is_obeyed(egress: Egress) -> None:
    result(egress, "/shrink")
    egress.run(lambda: egress.client.capacity == 1)
    egress.results.clear()
    egress.request_all(range(30))
    assert egress.statuses() == {200} and egress.client.capacity == 1


def test_requests_through_goaways_are_all_answered(egress: Egress) -> None:
    """What a GOAWAY cuts off is asked again on the next connection."""
    for round_ in range(6):
        egress.run(lambda: egress.client.capacity >= 50)
        egress.request(round_, "/leave")
        egress.request_all(range(100 * round_ + 100, 100 * round_ + 150))
        assert egress.statuses() == {200} and len(egress.results) == 51
        egress.results.clear()
