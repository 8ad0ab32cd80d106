"""The door on a real reactor, against OpenSSL's client and haproxy."""

import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define

from tests.daemon import PATIENCE
from tests.ports import free_port

pytestmark = pytest.mark.interop

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("front_door_program.py")


@define
class Files:
    chain: Path
    key: Path


@define
class Daemon:
    process: subprocess.Popen[str]
    port: int

    def line(self) -> str:
        return self.process.stdout.readline().strip()


def issue(folder: Path, name: str) -> Files:
    files = Files(folder / "chain.pem", folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", files.key, "-out", files.chain],
        check=True, capture_output=True,
    )  # fmt: skip
    return files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return issue(tmp_path, "one.example.test")


def start(files: Files, *networks: str) -> Daemon:
    process = subprocess.Popen(
        [sys.executable, PROGRAM, files.chain, files.key, *networks],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=ROOT, env={"PYTHONPATH": "."},
    )  # fmt: skip
    line = process.stdout.readline()
    return Daemon(process, int(line))


def stop(daemon: Daemon) -> None:
    daemon.process.stdin.close()
    try:
        daemon.process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        daemon.process.kill()
        raise
    finally:
        daemon.process.stdout.close()


@pytest.fixture
def daemon(files: Files) -> Iterator[Daemon]:
    running = start(files)
    yield running
    stop(running)


def s_client(daemon: Daemon, *options: object, says: str = "") -> str:
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{daemon.port}", *options],
        input=says, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def context(files: Files) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=files.chain)


def connect(daemon: Daemon, files: Files) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", daemon.port), timeout=PATIENCE)
    return context(files).wrap_socket(raw, server_hostname="localhost")


def test_alpn_is_agreed(daemon: Daemon) -> None:
    assert "ALPN protocol: http/1.1" in s_client(daemon, "-alpn", "h2,http/1.1")
    assert "ALPN protocol: stun.turn" in s_client(daemon, "-alpn", "stun.turn")
    assert "No ALPN negotiated" in s_client(daemon, "-alpn", "h2")


def test_old_tls_is_refused(daemon: Daemon) -> None:
    said = s_client(daemon, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert "alert protocol version" in said
    assert daemon.line() == "refused tls-failed the TLS handshake failed: unsupported protocol"


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_session_is_resumed_by_its_ticket(daemon: Daemon, tmp_path: Path, version: str) -> None:
    ticket = tmp_path / "ticket"
    # TLS 1.3 sends tickets after the handshake: the answer to a request is waited for.
    request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    options = (version, "-ign_eof")
    first = s_client(daemon, *options, "-sess_out", ticket, says=request)
    assert "\nNew, TLSv1" in first
    second = s_client(daemon, *options, "-sess_in", ticket, says=request)
    assert "\nReused, TLSv1" in second
    assert "127.0.0.1 True" in second


def test_a_changed_certificate_leaves_open_connections_alone(daemon: Daemon, files: Files) -> None:
    with connect(daemon, files) as old:
        old.sendall(b"{1")
        assert old.recv(100) == b"{1"
        before = old.getpeercert(True)
        issue(files.chain.parent, "two.example.test")
        daemon.process.stdin.write("reload\n")
        daemon.process.stdin.flush()
        assert daemon.line() == "reloaded"
        with connect(daemon, files) as new:
            assert new.getpeercert(True) != before
        old.sendall(b"2}")
        assert old.recv(100) == b"2}"


def test_a_plain_connection_becomes_tls(daemon: Daemon, files: Files) -> None:
    """Wire 4.8, on Twisted's own TCP transport."""
    raw = socket.create_connection(("127.0.0.1", daemon.port), timeout=PATIENCE)
    raw.sendall(b"{STARTTLS}\n")
    assert raw.recv(100) == b"ok\n"
    raw.sendall(b'{"stray":1}\n')
    with context(files).wrap_socket(raw, server_hostname="localhost") as secure:
        message = bytes(range(256)) * 2000
        secure.sendall(message)
        heard = b""
        while len(heard) < len(message):
            heard += secure.recv(65_536)
        assert heard == message


def test_plain_http_is_told_to_speak_tls(daemon: Daemon) -> None:
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=PATIENCE) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
        heard = b""
        while piece := raw.recv(4096):
            heard += piece
    assert heard.startswith(b"HTTP/1.1 400 ") and heard.endswith(b"speaks TLS only\n")


@pytest.fixture
def haproxy(files: Files, tmp_path: Path) -> Iterator[int]:
    """haproxy on 127.0.0.2 and 127.0.0.1 before a door that expects its header."""
    program = shutil.which("haproxy") or "/usr/sbin/haproxy"
    daemon = start(files, "127.0.0.1/32")
    port = free_port()
    configuration = tmp_path / "haproxy.cfg"
    configuration.write_text(
        "defaults\n mode tcp\n timeout connect 60s\n timeout client 60s\n timeout server 60s\n"
        f"listen front\n bind 127.0.0.1:{port}\n"
        f" server door 127.0.0.1:{daemon.port} send-proxy-v2 proxy-v2-options crc32c\n"
    )
    process = subprocess.Popen([program, "-db", "-f", configuration])
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), PATIENCE).close()
                break
            except ConnectionRefusedError:
                assert time.monotonic() < until, "haproxy does not start"
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)
        stop(daemon)


def test_behind_haproxy_the_client_is_known(haproxy: int, files: Files) -> None:
    """The client calls from 127.0.0.9, haproxy from 127.0.0.1."""
    raw = socket.create_connection(
        ("127.0.0.1", haproxy), PATIENCE, source_address=("127.0.0.9", 0)
    )
    with context(files).wrap_socket(raw, server_hostname="localhost") as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        heard = b""
        while piece := secure.recv(4096):
            heard += piece
    assert heard.endswith(b"127.0.0.9 True\n")
