"""A pool of HTTP/1.1 connections on a network in memory, with servers at the other end."""

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.push.exchange import ProviderRequest, Result
from procall_mobility.transports.http1_pool import RULES, Http1Pool
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.pump import Household
from tests.transports.conftest import Wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def push(number: int = 0) -> ProviderRequest:
    return ProviderRequest(path=f"/?token={number}", headers=(("x-n", str(number)),), body=b"{}")


@implementer(IStreamClientEndpoint)
@define(eq=False)
class Network:
    """An endpoint whose attempts wait for what becomes of them."""

    waiting: list[tuple[IProtocolFactory, Deferred]] = field(factory=list)
    wires: list[Wire] = field(factory=list)

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred:
        attempt: Deferred = Deferred()
        self.waiting.append((protocolFactory, attempt))
        return attempt

    def succeed(self) -> Wire:
        factory, attempt = self.waiting.pop(0)
        protocol = factory.buildProtocol(None)
        self.wires.append(Wire().connect(protocol))
        attempt.callback(protocol)
        return self.wires[-1]

    def fail(self) -> None:
        _, attempt = self.waiting.pop(0)
        attempt.errback(Failure(ConnectionRefusedError("refused")))


@define(eq=False)
class Stage:
    """A pool whose dice show the most: every wait is the longest."""

    clock: Clock = field(factory=Clock)
    network: Network = field(factory=Network)
    results: list[Result] = field(factory=list)
    told: list[int] = field(factory=list)
    """How many requests it carried, each time the pool told of a change."""
    pool: Http1Pool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.pool = Http1Pool(
            Origin(authority="push.example", endpoint=self.network),
            Household(reactor=self.clock, now=self.clock.seconds),
            lambda: 1.0,
            RULES,
            lambda: self.told.append(self.pool.streams),
        )

    def open(self) -> Wire:
        self.pool.start()
        return self.network.succeed()

    def request(self, number: int = 0, avoid: int | None = None) -> int | None:
        return self.pool.request(push(number), self.results.append, 30.0, avoid)
