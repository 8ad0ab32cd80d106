"""Our own pushes to APNs over our own HTTP/2 client, on a reactor of the test's own."""

import random
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from attrs import evolve
from cryptography import x509
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.epollreactor import EPollReactor

from procall_mobility.protocols.push import apns
from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.apple_tokens import AppleTokens, NoMemory
from procall_mobility.protocols.push.exchange import NoAnswer, Result
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.client_tls import ClientTls, TlsEndpoint
from procall_mobility.transports.http2.retrying import RetryRules
from procall_mobility.transports.http2.rules import ConnectionRules
from procall_mobility.transports.http2_client import ClientRules, Http2Client
from procall_mobility.transports.pump import Household
from tests.interop.push.running import PATIENCE, Running

HOST = "127.0.0.1"
CHAT = Notification(
    id="",
    kind="chat",
    token="ef" * 32,
    urgency=Urgency.ALERT,
    expires=0.0,
    content={"data": "x" * 100},
)


class Sender:
    """Sends pushes, and notes what became of each by its id."""

    def __init__(self, simulators: Running, warm: int = 2) -> None:
        self.simulators = simulators
        self.reactor = EPollReactor()
        self.results: dict[str, Result] = {}
        facts = self.simulators.facts
        said = facts["apns"]
        port = self.simulators.port("apns")
        pem = Path(said["key"]).read_bytes()
        key = apple_key(pem, team=said["team"], key_id=said["key_id"])
        self._tokens = AppleTokens(key, wall_clock=time.time, memory=NoMemory())
        self._target = apns.ApnsTarget(topic=said["topic"], title="ProCall")
        authorities = x509.load_pem_x509_certificates(Path(facts["ca"]).read_bytes())
        tls = ClientTls(HOST, authorities=authorities, pair=None)
        beneath = TCP4ClientEndpoint(self.reactor, HOST, port, timeout=10)
        self.client = Http2Client(
            Origin(authority=f"{HOST}:{port}", endpoint=TlsEndpoint(beneath, tls)),
            Household(reactor=self.reactor, now=time.monotonic),
            random.random,
            ClientRules(
                warm=warm,
                most=warm + 1,
                retry=RetryRules(first=0.1, longest=0.2),
                # Those on which nothing is ever said are given up after so long.
                connection=ConnectionRules(open_within=5.0),
            ),
            lambda: None,
        )
        self.client.start()

    def push(self, push_id: str | None = None, timeout: float = PATIENCE) -> str:
        expires = time.time() + 3600.0
        notification = evolve(CHAT, id=push_id or str(uuid.uuid4()), expires=expires)
        token = self._tokens.token(time.monotonic())
        request = apns.request(notification, self._target, token, time.time())

        def done(result: Result) -> None:
            assert notification.id not in self.results, "a push has two results"
            self.results[notification.id] = result

        self.client.request(request, done, timeout)
        return notification.id

    def run(self, until: Callable[[], object], within: float = 3 * PATIENCE) -> None:
        ends = time.monotonic() + within
        while not until():
            assert time.monotonic() < ends, f"waited in vain; trouble: {self.client.trouble}"
            self.reactor.iterate(0.02)

    def opened(self) -> "Sender":
        self.run(lambda: self.client.capacity)
        return self

    def outcome(self, **more: float) -> Result:
        sent = self.push(**more)
        self.run(lambda: sent in self.results)
        return self.results[sent]

    def push_all(self, count: int, news: Callable[[int], None] = lambda done: None) -> None:
        """Push, and push again what provably was not processed; tells how many are done."""
        waiting = [str(uuid.uuid4()) for _ in range(count)]
        expected = set(waiting)
        while expected - self.results.keys():
            while waiting and self.client.capacity:
                self.push(waiting.pop())
            self._run_until_more(len(self.results), is_waiting=bool(waiting))
            for each, result in tuple(self.results.items()):
                if isinstance(result, NoAnswer) and result.was_processed is False:
                    del self.results[each]
                    waiting.append(each)
            news(len(self.results))

    def _run_until_more(self, results: int, *, is_waiting: bool) -> None:
        self.run(lambda: len(self.results) > results or (is_waiting and self.client.capacity))

    def stop(self) -> None:
        stopped: list[None] = []
        self.client.stop(1.0).addCallback(stopped.append)
        self.run(lambda: stopped)
        self.reactor.disconnectAll()
