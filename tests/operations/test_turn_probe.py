"""Looking at a relay from outside: what works is measured, what fails is told apart."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from examples.uc_demo.authority import make_certificates
from procall_mobility.operations.turn_caller import Login
from procall_mobility.operations.turn_probe import probe
from procall_mobility.operations.turn_reports import Fault, Report, Step, leads_outside
from tests.operations.played_relay import PASSWORD, USER, PlayedRelay, played_relay
from tests.ports import free_port

ALICE = Login(USER, PASSWORD)
STEPS = [Step.RESOLVE, Step.CONNECT, Step.STUN, Step.ALLOCATE, Step.RELAY]


@pytest.fixture
def relay() -> Iterator[PlayedRelay]:
    with played_relay() as running:
        yield running


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture
def secure(certificates: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / "certificate.pem", certificates / "key.pem")
    context.set_alpn_protocols(["stun.turn"])
    return context


def look(url: str, login: Login = ALICE, authorities: Path | None = None) -> Report:
    (report,) = probe([url], login, authorities, patience=1.0)
    return report


def assert_all_works(report: Report) -> None:
    assert report.failure is None
    assert list(report.took) == STEPS
    assert all(0 <= took < 1000 for took in report.took.values())
    assert report.address == "127.0.0.1"
    assert (report.seen_as or "").startswith("127.0.0.1:")
    assert (report.relayed or "").startswith("192.0.2.1:")


@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_a_relay_that_works_is_measured_step_by_step(relay: PlayedRelay, carrier: str) -> None:
    port = relay.listen_udp() if carrier == "udp" else relay.listen_tcp()
    assert_all_works(look(f"turn:127.0.0.1:{port}?transport={carrier}"))


def test_over_tls_the_certificate_is_verified(
    relay: PlayedRelay, secure: ssl.SSLContext, certificates: Path
) -> None:
    url = f"turns:127.0.0.1:{relay.listen_tcp(secure)}?transport=tcp"
    assert_all_works(look(url, authorities=certificates / "ca.pem"))
    failure = look(url).failure
    assert failure is not None
    assert (failure.step, failure.fault) == (Step.CONNECT, Fault.UNTRUSTED)
    assert "self-signed" in failure.detail


def test_a_relay_that_refuses_md5_is_asked_with_sha_256() -> None:
    """RFC 8489 section 9.2.5."""
    with played_relay(md5=False) as strict:
        assert_all_works(look(f"turn:127.0.0.1:{strict.listen_udp()}"))


def test_every_relay_is_given_back(relay: PlayedRelay) -> None:
    look(f"turn:127.0.0.1:{relay.listen_udp()}")
    assert relay.play.ended() == ["released", "released"]


def test_stun_has_no_relay_to_look_at(relay: PlayedRelay) -> None:
    report = look(f"stun:127.0.0.1:{relay.listen_udp()}")
    assert report.failure is None
    assert list(report.took) == STEPS[:3]


def test_all_ways_are_tried_and_told_in_the_order_asked(relay: PlayedRelay) -> None:
    urls = [
        f"turn:127.0.0.1:{relay.listen_tcp()}?transport=tcp",
        "turn:",
        f"turn:127.0.0.1:{relay.listen_udp()}?transport=udp",
    ]
    found = probe(urls, ALICE)
    assert [report.url for report in found] == urls
    assert [report.failure is None for report in found] == [True, False, True]


def failing(report: Report) -> tuple[Step, Fault, int | None]:
    assert report.failure is not None
    return report.failure.step, report.failure.fault, report.failure.code


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("turn:relay.invalid", Fault.UNKNOWN_HOST),
        ("turns:127.0.0.1?transport=udp", Fault.UNTRIED),
        ("http://127.0.0.1/", Fault.MALFORMED),
    ],
)
def test_what_cannot_be_looked_at_is_told(url: str, fault: Fault) -> None:
    """RFC 6761 section 6.4: names in .invalid are never there."""
    assert failing(look(url)) == (Step.RESOLVE, fault, None)


def test_wrong_credentials_are_told_by_the_error_code(relay: PlayedRelay) -> None:
    report = look(f"turn:127.0.0.1:{relay.listen_udp()}", Login(USER, "guessed"))
    assert failing(report) == (Step.ALLOCATE, Fault.ERROR, 401)


def test_a_full_relay_is_told_by_the_error_code() -> None:
    """The second of the two relays that are to face each other is one too many."""
    with played_relay(allocations_per_user=1) as full:
        report = look(f"turn:127.0.0.1:{full.listen_udp()}")
    assert failing(report) == (Step.RELAY, Fault.ERROR, 486)


def test_a_relay_that_passes_nothing_is_found_out(relay: PlayedRelay) -> None:
    relay.opens = False
    report = look(f"turn:127.0.0.1:{relay.listen_udp()}")
    assert failing(report) == (Step.RELAY, Fault.SILENCE, None)


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Take one connection after the other, answer its first octets, and close it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                connection, _ = server.accept()
                with connection:
                    if not connection.recv(1000):
                        return
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        port: int = server.getsockname()[1]
        yield port
        socket.create_connection(("127.0.0.1", port)).close()
        thread.join(10)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_whoever_speaks_no_stun_is_found_out(answer: bytes) -> None:
    with answering(answer) as port:
        report = look(f"turn:127.0.0.1:{port}?transport=tcp")
    assert failing(report) == (Step.STUN, Fault.LOST, None)


def test_whoever_speaks_no_tls_is_found_out() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        report = look(f"turns:127.0.0.1:{port}?transport=tcp")
    assert failing(report) == (Step.CONNECT, Fault.NO_TLS, None)


@pytest.mark.parametrize(("carrier", "step"), [("tcp", Step.CONNECT), ("udp", Step.STUN)])
def test_where_nobody_listens_is_told(carrier: str, step: Step) -> None:
    report = look(f"turn:127.0.0.1:{free_port()}?transport={carrier}")
    assert failing(report) == (step, Fault.NOBODY, None)


def test_silence_over_udp_ends_with_patience() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        report = look(f"turn:127.0.0.1:{silent.getsockname()[1]}")
        assert failing(report) == (Step.STUN, Fault.SILENCE, None)
        silent.setblocking(False)
        requests = [silent.recv(1000) for _ in range(2)]
    assert requests[0] == requests[1], "the request was not repeated (RFC 8489 section 6.2.1)"


def test_authorities_that_cannot_be_read_are_no_failure_of_the_relay(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe([], ALICE, tmp_path / "missing.pem")


@pytest.mark.parametrize(
    ("server", "relay", "leads"),
    [
        ("20.0.0.1", "20.0.0.2", True),
        ("20.0.0.1", "10.0.0.5", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("10.0.0.5", "10.0.0.5", True),
        ("2a00:52::1", "10.0.0.5", False),
        ("fe80::1%eth0", "fd00::1", True),
    ],
)
def test_a_public_server_needs_public_relays(server: str, relay: str, leads: bool) -> None:
    """Two clients of ours would not notice; whoever calls from elsewhere would."""
    assert leads_outside(server, relay) is leads
