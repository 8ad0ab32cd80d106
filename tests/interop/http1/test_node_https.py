"""Our HTTP/1.1 client and node's server, which hangs, dies and sends chunks when asked to."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from procall_mobility.protocols.push.exchange import LONGEST_ANSWER, Answer, NoAnswer
from procall_mobility.transports.http2.client_tls import HTTP1
from tests.interop.http2.egress import NAME, Egress, Server, running, write
from tests.transports.http2.tls import Authority

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
]

PROGRAM = Path(__file__).with_name("https_server.mjs")


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
    made = Server(process, 0)
    made.port = int(made.line())
    with running(made):
        yield made


@pytest.fixture
def egress(authority: Authority, server: Server) -> Iterator[Egress]:
    made = Egress(authority, server.port, speaks=HTTP1)
    yield made.opened()
    made.stop()


def body_of(egress: Egress, number: int) -> bytes:
    result = egress.results[number]
    assert isinstance(result, Answer), result
    return result.body


def test_requests_go_one_after_another_by_connections_that_stay(
    egress: Egress, server: Server
) -> None:
    egress.request_all(range(200), body=b"{}")
    assert egress.statuses() == {200}
    noticed = Counter(tuple(server.line().split()) for _ in range(200))
    assert {is_whole for _, is_whole in noticed} == {"true"}
    assert len(noticed) <= 2, "a connection for each would be a storm"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/x", b"said"),
        ("/interim", b"said"),
        ("/chunks", b"chunk by chunk: said"),
        ("/nothing", b""),
        ("/last", b"said"),
        ("/long", b"x" * LONGEST_ANSWER),
    ],
)
def test_answers_of_all_forms_are_read_and_the_next_request_goes_through(
    egress: Egress, path: str, body: bytes
) -> None:
    for number in range(3):
        egress.request_all(range(number, number + 1), path=path, body=b"said")
        assert body_of(egress, number) == body


@pytest.mark.parametrize("path", ["/die", "/half"])
def test_what_is_cut_off_may_have_been_processed(egress: Egress, path: str) -> None:
    egress.request(0, path)
    egress.run(lambda: egress.results)
    result = egress.results.pop(0)
    assert isinstance(result, NoAnswer)
    assert result.was_processed is None
    egress.opened().request_all(range(3))
    assert egress.statuses() == {200}


def test_a_server_that_says_nothing_is_left(egress: Egress) -> None:
    egress.request(0, "/hang", timeout=0.5)
    egress.run(lambda: egress.results)
    assert egress.results.pop(0) == NoAnswer(was_processed=None, why="no answer came in time")
    egress.opened().request_all(range(3))
    assert egress.statuses() == {200}


def test_a_connection_that_the_server_ends_while_nobody_uses_it_is_replaced(
    egress: Egress, server: Server
) -> None:
    egress.request_all(range(1))
    first = server.line()
    # The second one was begun when the first was busy; node ends what has been used.
    egress.run(lambda: egress.client.streams == 2)
    server.process.stdin.write("end\n")
    server.process.stdin.flush()
    for streams in (1, 2):
        egress.run(lambda wanted=streams: egress.client.streams == wanted)
    egress.request_all(range(1, 5))
    assert egress.statuses() == {200}
    assert first not in [server.line() for _ in range(4)]
