"""The push simulators as their command starts them: TLS, receptions and the end."""

import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.push.running import PATIENCE, ROOT, Running, running_simulators
from tests.ports import free_port

ADDRESS = "127.0.0.1"


@pytest.fixture(scope="module")
def simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_simulators(tmp_path_factory.mktemp("simulators")) as running:
        yield running


@pytest.fixture
def receives(simulators: Running) -> Iterator[Any]:
    """Have APNs receive connections otherwise, for one test."""

    def change(reception: str) -> None:
        simulators.ask("conduct", {"provider": "apns", "reception": reception})

    yield change
    change("welcome")


def connect(simulators: Running, provider: str = "apns", *alpn: str) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=simulators.facts["ca"])
    context.set_alpn_protocols(list(alpn or ("h2",)))
    plain = socket.create_connection((ADDRESS, simulators.port(provider)), PATIENCE)
    try:
        return context.wrap_socket(plain, server_hostname=ADDRESS)
    except BaseException:
        plain.close()
        raise


@pytest.mark.parametrize(
    ("provider", "offered", "agreed"),
    [
        ("apns", ("h2", "http/1.1"), "h2"),
        ("fcm", ("http/1.1", "h2"), "h2"),
        ("web_push", ("http/1.1",), "http/1.1"),
        ("wns", ("h2", "http/1.1"), "http/1.1"),
    ],
)
def test_each_provider_speaks_its_http(
    simulators: Running, provider: str, offered: tuple[str, ...], agreed: str
) -> None:
    with connect(simulators, provider, *offered) as made:
        assert made.selected_alpn_protocol() == agreed
        assert made.version() == "TLSv1.3"
        if agreed == "h2":
            assert made.recv(9)[3] == 4  # SETTINGS come first (RFC 9113 section 3.4).


@pytest.mark.parametrize(("provider", "offered"), [("apns", "http/1.1"), ("wns", "h2")])
def test_who_speaks_something_else_gets_an_alert(
    simulators: Running, provider: str, offered: str
) -> None:
    """RFC 7301 section 3.2."""
    with pytest.raises(ssl.SSLError, match=r"(?i)no.application.protocol"):
        connect(simulators, provider, offered)


def test_who_says_nothing_about_it_is_sent_away_by_apns(simulators: Running) -> None:
    context = ssl.create_default_context(cafile=simulators.facts["ca"])
    with (
        socket.create_connection((ADDRESS, simulators.port("apns")), PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=ADDRESS) as made,
    ):
        try:
            assert made.recv(1) == b""
        except (ConnectionError, ssl.SSLError):
            return


def test_connections_are_refused_and_the_port_stays_ours(
    simulators: Running, receives: Any
) -> None:
    receives("refuse")
    with pytest.raises(ConnectionRefusedError):
        connect(simulators)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((ADDRESS, simulators.port("apns")))
    receives("welcome")
    connect(simulators).close()


def test_the_handshake_fails_with_an_alert(simulators: Running, receives: Any) -> None:
    receives("alert")
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        connect(simulators)


def test_the_alert_comes_after_the_client_has_begun(simulators: Running, receives: Any) -> None:
    """RFC 8446 section 4.4.2.4: with TLS 1.3 the client has finished its part by then."""
    receives("late alert")
    with connect(simulators) as made:
        made.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            made.recv(9)


def test_connections_hang_or_are_dropped(simulators: Running, receives: Any) -> None:
    receives("drop")
    with pytest.raises((ConnectionError, ssl.SSLError)):
        connect(simulators)
    receives("hang")
    with socket.create_connection((ADDRESS, simulators.port("apns")), PATIENCE) as plain:
        plain.sendall(b"x" * 100)
        plain.settimeout(0.2)
        with pytest.raises(TimeoutError):
            plain.recv(1)


def test_a_port_may_be_chosen_and_a_taken_one_is_told(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as holder:
        holder.bind((ADDRESS, port))
        holder.listen()
        done = subprocess.run(
            [sys.executable, "-m", "examples.push_simulators", "--folder", tmp_path,
             "--apns", str(port)],
            cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "in use" in done.stderr
    with running_simulators(tmp_path, "--apns", str(port)) as running:
        assert running.port("apns") == port


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """Let programs that are started hear SIGINT: what a shell has started by `&` ignores it, and
    so does all that is started by that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_interrupts")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_with_connections_open(tmp_path: Path, number: int) -> None:
    with running_simulators(tmp_path) as running, connect(running):
        running.process.send_signal(number)
        assert running.process.wait(PATIENCE) == 0
