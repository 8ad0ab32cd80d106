"""A connection, or a whole client, on wires in memory: time and network do as they are told."""

import contextlib
from collections.abc import Iterator

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.push.exchange import Result
from procall_mobility.transports.http2.connection import Connection
from procall_mobility.transports.http2.engine import Engine
from procall_mobility.transports.http2.keep_alive import KeepAliveRules
from procall_mobility.transports.http2.rules import ConnectionRules
from procall_mobility.transports.pump import Household
from tests.transports.conftest import Wire
from tests.transports.http2.provider import Provider, push

RULES = ConnectionRules(
    open_within=10.0,
    close_within=5.0,
    keep_alive=KeepAliveRules(ping_after=60.0, pong_within=10.0),
)


@contextlib.contextmanager
def logged_faults() -> Iterator[list[str]]:
    """Gather the texts of the faults that are logged."""
    faults: list[str] = []

    def note(event: dict) -> None:
        if "log_failure" in event:
            faults.append(event["log_format"])

    globalLogPublisher.addObserver(note)
    try:
        yield faults
    finally:
        globalLogPublisher.removeObserver(note)


class CountingWire(Wire):
    """A wire that keeps what was written write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.options: set[str] = set()

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        super().write(data)

    @property
    def is_ending(self) -> bool:
        return self.disconnecting or self.aborted


@define(eq=False)
class Line:
    """A wire with a provider at its other end."""

    wire: Wire
    provider: Provider

    def talk(self) -> "Line":
        """Carry octets until there are none."""
        while True:
            said = self.wire.says()
            if said:
                self.provider.hears(said)
            answered = self.provider.says()
            if answered:
                self.wire.hears(answered)
            if not said and not answered:
                return self


@define(eq=False)
class Owner:
    """Notes what it is told."""

    told: list[str] = field(factory=list)
    on_change: list = field(factory=list)

    def opened(self, connection: Connection) -> None:
        self.told.append("opened")

    def changed(self, connection: Connection) -> None:
        for act in self.on_change:
            act(connection)

    def going(self, connection: Connection, why: str) -> None:
        self.told.append(f"going: {why}")

    def lost(self, connection: Connection, why: str) -> None:
        self.told.append(f"lost: {why}")


@define(eq=False)
class Play:
    """One connection, from its first octet."""

    provider: Provider = field(factory=Provider)
    clock: Clock = field(factory=Clock)
    owner: Owner = field(factory=Owner)
    wire: CountingWire = field(factory=CountingWire)
    results: list[Result] = field(factory=list)
    connection: Connection = field(init=False)
    line: Line = field(init=False)

    def __attrs_post_init__(self) -> None:
        engine = Engine("https", "push.example")
        household = Household(reactor=self.clock, now=self.clock.seconds)
        self.connection = Connection(engine, household, RULES, self.owner, 0)
        self.line = Line(self.wire, self.provider)
        self.wire.connect(self.connection)

    def open(self) -> "Play":
        self.line.talk()
        self.wire.writes.clear()
        return self

    def request(self, *numbers: int, timeout: float = 30.0) -> None:
        for number in numbers:
            self.connection.request(push(number), self.results.append, timeout)

    def turn(self) -> "Play":
        """Let the reactor turn once, and the wire carry what there is."""
        self.clock.advance(0)
        self.line.talk()
        return self

    def statuses(self) -> list[int]:
        return [result.status for result in self.results]


@implementer(IStreamClientEndpoint)
@define(eq=False)
class Network:
    """An endpoint whose attempts wait for what becomes of them."""

    waiting: list[tuple[IProtocolFactory, Deferred]] = field(factory=list)
    lines: list[Line] = field(factory=list)
    cancelled: int = 0

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred:
        def cancel(_: Deferred) -> None:
            self.cancelled += 1

        attempt: Deferred = Deferred(cancel)
        self.waiting.append((protocolFactory, attempt))
        return attempt

    def succeed(self, **provider: object) -> Line:
        """Let the oldest attempt succeed, and the provider speak."""
        return self.connect_only(**provider).talk()

    def connect_only(self, **provider: object) -> Line:
        """Let TCP connect, and no octet come."""
        factory, attempt = self.waiting.pop(0)
        protocol = factory.buildProtocol(None)
        line = Line(CountingWire(), Provider(**provider))
        self.lines.append(line)
        line.wire.connect(protocol)
        attempt.callback(protocol)
        return line

    def fail(self, why: str = "refused") -> None:
        """Let the oldest attempt fail."""
        _, attempt = self.waiting.pop(0)
        attempt.errback(Failure(ConnectionRefusedError(why)))
