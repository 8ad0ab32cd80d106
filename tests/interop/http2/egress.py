"""Our clients on a reactor of the test's own, towards real servers on this machine."""

import contextlib
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import define, field
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.epollreactor import EPollReactor

from procall_mobility.protocols.push.exchange import Answer, NoAnswer, ProviderRequest, Result
from procall_mobility.transports.certificate_files import KeyPair
from procall_mobility.transports.http1_pool import Http1Pool
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.client_tls import H2, ClientTls, TlsEndpoint
from procall_mobility.transports.http2.keep_alive import KeepAliveRules
from procall_mobility.transports.http2.retrying import RetryRules
from procall_mobility.transports.http2.rules import ClientRules, ConnectionRules
from procall_mobility.transports.http2_client import Http2Client
from procall_mobility.transports.provider_client import ProviderClient
from procall_mobility.transports.pump import Household
from tests.transports.http2.tls import Authority

NAME = "push.example"
PATIENCE = 60.0
"""Seconds we wait for what must come."""


def push(number: int, path: str = "/x", body: bytes = b'{"aps":{}}') -> ProviderRequest:
    return ProviderRequest(path=path, headers=(("apns-id", f"id-{number}"),), body=body)


@define(eq=False)
class Egress:
    """A client and what became of its requests."""

    authority: Authority
    port: int
    pair: KeyPair | None = None
    warm: int = 1
    speaks: bytes = H2
    keep_alive: KeepAliveRules = field(factory=KeepAliveRules)
    now: Callable[[], float] = time.monotonic
    results: dict[int, Result] = field(factory=dict)
    reactor: EPollReactor = field(factory=EPollReactor)
    client: ProviderClient = field(init=False)

    def __attrs_post_init__(self) -> None:
        beneath = TCP4ClientEndpoint(self.reactor, "127.0.0.1", self.port, timeout=10)
        tls = ClientTls(
            NAME, authorities=[self.authority.certificate], pair=self.pair, protocols=[self.speaks]
        )
        rules = ClientRules(
            warm=self.warm,
            most=max(2, self.warm),
            grows_from=2 if self.speaks == H2 else 1,
            retry=RetryRules(first=0.1, longest=0.2),
            connection=ConnectionRules(open_within=5.0, keep_alive=self.keep_alive),
        )
        make = Http2Client if self.speaks == H2 else Http1Pool
        self.client = make(
            Origin(authority=NAME, endpoint=TlsEndpoint(beneath, tls)),
            Household(reactor=self.reactor, now=self.now),
            random.random,
            rules,
            lambda: None,
        )
        self.client.start()

    def run(self, until: Callable[[], object]) -> None:
        """Run the reactor until something is so."""
        ends = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < ends, f"waited in vain; trouble: {self.client.trouble}"
            self.reactor.iterate(0.05)

    def hears(self, server: "Server") -> str:
        """Return the next line a server says, while the client goes on."""
        lines: list[str] = []
        threading.Thread(target=lambda: lines.append(server.line()), daemon=True).start()
        self.run(lambda: lines)
        return lines[0]

    def opened(self) -> "Egress":
        self.run(lambda: self.client.capacity)
        return self

    def request(self, number: int, path: str = "/x", **more: object) -> None:
        timeout = float(more.pop("timeout", PATIENCE))
        request = push(number, path, **more)

        def done(result: Result) -> None:
            assert number not in self.results, "a request has two results"
            self.results[number] = result

        self.client.request(request, done, timeout)

    def request_all(self, numbers: range, **more: object) -> None:
        """Make requests as there is capacity, each again while it provably was not processed."""
        waiting = list(reversed(numbers))
        while waiting or not all(number in self.results for number in numbers):
            while waiting and self.client.capacity:
                self.request(waiting.pop(), **more)
            self._run_until_more(len(self.results), is_waiting=bool(waiting))
            for number, result in tuple(self.results.items()):
                if isinstance(result, NoAnswer) and result.was_processed is False:
                    del self.results[number]
                    waiting.append(number)

    def _run_until_more(self, results: int, *, is_waiting: bool) -> None:
        self.run(lambda: len(self.results) > results or (is_waiting and self.client.capacity))

    def statuses(self) -> set[int]:
        assert all(isinstance(result, Answer) for result in self.results.values())
        return {result.status for result in self.results.values()}

    def stop(self) -> None:
        stopped: list[None] = []
        self.client.stop(1.0).addCallback(stopped.append)
        self.run(lambda: stopped)
        assert [call for call in self.reactor.getDelayedCalls() if call.active()] == []
        self.reactor.disconnectAll()


@define
class Clock:
    """Stands still until it is set forward."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@define
class Server:
    process: subprocess.Popen
    port: int

    def line(self) -> str:
        return self.process.stdout.readline().strip()


def write(folder: Path, authority: Authority, *names: str) -> tuple[Path, Path]:
    """Write a key and a certificate of these names."""
    pair = authority.issue(*names)
    key, chain = folder / "key.pem", folder / "chain.pem"
    key.write_bytes(pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    chain.write_bytes(pair.chain[0].public_bytes(Encoding.PEM))
    return key, chain


def nghttpd(folder: Path, port: int, *options: str) -> Server:
    """Start Debian's nghttpd, with the key and certificate of the folder."""
    (folder / "x").write_text("")
    command = ["nghttpd", "-a", "127.0.0.1", "-d", folder, "--echo-upload", *options]
    process = subprocess.Popen(
        [*map(str, command), str(port), str(folder / "key.pem"), str(folder / "chain.pem")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
            return Server(process, port)
        except ConnectionRefusedError:
            assert process.poll() is None and time.monotonic() < until, "nghttpd does not start"
            time.sleep(0.02)


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """End a server after its test."""
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait(PATIENCE)
        for stream in (server.process.stdin, server.process.stdout):
            if stream is not None:
                stream.close()
