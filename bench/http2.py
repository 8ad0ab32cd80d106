"""Requests to a provider per CPU-second, with 100 in flight, against nghttpd on this machine.

`python -m bench.http2` writes `bench/results/http2.json`.  The engine alone is measured beside
python-h2 on a plain socket, with the same requests; the client as the daemon has it, with Twisted
and TLS on two connections, by itself.  Only the client's side counts: nghttpd has its own process.
"""

import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h2.config
import h2.connection
import h2.events
from cryptography import x509
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.epollreactor import EPollReactor

from bench.figures import Case, report
from bench.interpreter import environment, interpreter
from examples.uc_demo.authority import make_certificates
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest, Result
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.client_tls import ClientTls, TlsEndpoint
from procall_mobility.transports.http2.engine import Engine
from procall_mobility.transports.http2.events import RequestEnded
from procall_mobility.transports.http2.rules import ClientRules
from procall_mobility.transports.http2_client import Http2Client
from procall_mobility.transports.pump import Household

ROUNDS = 5
REQUESTS = 20_000
PEERS_REQUESTS = 5_000
"""Of python-h2 in a round; it takes six times as long."""
IN_FLIGHT = 100
READ = 65_536
UNIT = "requests per CPU-second"

TOKEN = "bearer " + "x" * 180
BODY = b'{"aps":{"alert":{"loc-key":"CALL"},"sound":"ring.caf"},"sealed":"' + b"s" * 230 + b'"}'


def push(number: int) -> ProviderRequest:
    """Make a request like those to APNs."""
    headers = (
        ("authorization", TOKEN),
        ("apns-topic", "com.example.app.voip"),
        ("apns-push-type", "voip"),
        ("apns-priority", "10"),
        ("apns-expiration", "0"),
        ("apns-id", f"00000000-0000-7000-8000-{number:012x}"),
    )
    # A device token has 64 digits; nghttpd looks for a file of this name.
    return ProviderRequest(path=f"/x?{number:064x}", headers=headers, body=BODY)


@contextmanager
def nghttpd(folder: Path, *options: str) -> Iterator[int]:
    """Run nghttpd and give its port."""
    (folder / "x").write_text("")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = ["nghttpd", "-a", "127.0.0.1", "-d", str(folder), "-m", str(IN_FLIGHT)]
    keys = (
        [] if "--no-tls" in options else [str(folder / "key.pem"), str(folder / "certificate.pem")]
    )
    process = subprocess.Popen([*command, *options, str(port), *keys], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(5)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("nghttpd does not start")


def connected(port: int) -> socket.socket:
    """Connect in plain."""
    made = socket.create_connection(("127.0.0.1", port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def engine_alone(port: int) -> float:
    """Measure our engine on a plain socket."""
    wire, engine = connected(port), Engine("http", "localhost")
    wire.sendall(engine.octets())
    begun = time.process_time()
    sent = answered = 0
    while answered < REQUESTS:
        for event in engine.take():
            if isinstance(event, RequestEnded):
                assert isinstance(event.result, Answer)
                assert event.result.status == 200
                answered += 1
        while sent < REQUESTS and engine.capacity:
            engine.request(push(sent))
            sent += 1
        wire.sendall(engine.octets())
        if answered < REQUESTS:
            engine.hears(wire.recv(READ))
    engine.lost("measured")
    wire.close()
    return REQUESTS / (time.process_time() - begun)


def python_h2(port: int) -> float:
    """Measure python-h2 on a plain socket, with its checks off, which is its fastest."""
    wire = connected(port)
    config = h2.config.H2Configuration(
        client_side=True, validate_inbound_headers=False, validate_outbound_headers=False
    )
    speech = h2.connection.H2Connection(config)
    speech.initiate_connection()
    begun = time.process_time()
    sent = answered = 0
    while answered < PEERS_REQUESTS:
        while sent < PEERS_REQUESTS and sent - answered < IN_FLIGHT:
            _ask(speech, push(sent))
            sent += 1
        wire.sendall(speech.data_to_send())
        for event in speech.receive_data(wire.recv(READ)):
            answered += isinstance(event, h2.events.StreamEnded)
    wire.close()
    return PEERS_REQUESTS / (time.process_time() - begun)


def _ask(speech: h2.connection.H2Connection, request: ProviderRequest) -> None:
    stream = speech.get_next_available_stream_id()
    first = [(":method", "POST"), (":scheme", "http"), (":authority", "localhost")]
    length = ("content-length", str(len(request.body)))
    speech.send_headers(stream, [*first, (":path", request.path), *request.headers, length])
    speech.send_data(stream, request.body, end_stream=True)


class WholeClient:
    """The client as the daemon has it, on a reactor of its own."""

    def __init__(self, port: int, authority: x509.Certificate) -> None:
        self._reactor = EPollReactor()
        beneath = TCP4ClientEndpoint(self._reactor, "127.0.0.1", port)
        tls = ClientTls("localhost", authorities=[authority], pair=None)
        self._client = Http2Client(
            Origin(authority="localhost", endpoint=TlsEndpoint(beneath, tls)),
            Household(reactor=self._reactor, now=time.monotonic),
            random.random,
            ClientRules(most=2),
            lambda: None,
        )
        self._sent = self._answered = 0

    def measure(self) -> float:
        """Return requests per CPU-second, without the handshakes."""
        self._client.start()
        while self._client.capacity < 2 * IN_FLIGHT:
            self._reactor.iterate(0.05)
        begun = time.process_time()
        for _ in range(IN_FLIGHT):
            self._ask()
        while self._answered < REQUESTS:
            self._reactor.iterate(0.05)
        spent = time.process_time() - begun
        stopped: list[None] = []
        self._client.stop(5.0).addCallback(stopped.append)
        while not stopped:
            self._reactor.iterate(0.05)
        return REQUESTS / spent

    def _ask(self) -> None:
        self._sent += 1
        self._client.request(push(self._sent), self._done, 30.0)

    def _done(self, result: Result) -> None:
        assert isinstance(result, Answer), result
        assert result.status == 200
        self._answered += 1
        if self._sent < REQUESTS:
            self._ask()


def main() -> None:
    """Measure and report."""
    alone = Case("engine, plain TCP, 100 in flight", UNIT, peer=f"python-h2 {h2.__version__}")
    whole = Case("client with Twisted and TLS, 100 in flight", UNIT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_certificates(folder)
        authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        with nghttpd(folder, "--no-tls") as plain, nghttpd(folder) as secure:
            for _ in range(ROUNDS):
                alone.ours.append(engine_alone(plain))
                alone.theirs.append(python_h2(plain))
                whole.ours.append(WholeClient(secure, authority).measure())
    report("http2", [alone, whole])


if __name__ == "__main__":
    if "BENCH_HTTP2" not in os.environ and interpreter() != sys.executable:
        again = {**environment(), "BENCH_HTTP2": "measuring"}
        raise SystemExit(subprocess.call([interpreter(), "-m", "bench.http2"], env=again))
    main()
