"""A client on a network in memory, with providers at the other end."""

from attrs import define, field
from twisted.internet.task import Clock

from procall_mobility.protocols.push.exchange import Result
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.retrying import RetryRules
from procall_mobility.transports.http2.rules import ClientRules
from procall_mobility.transports.http2_client import Http2Client
from procall_mobility.transports.pump import Household
from tests.transports.http2.provider import push
from tests.transports.http2.stage import RULES, Line, Network


@define(eq=False)
class Stage:
    """A client whose dice show the most: every wait is the longest."""

    fails_on_change: bool = False
    clock: Clock = field(factory=Clock)
    network: Network = field(factory=Network)
    results: list[Result] = field(factory=list)
    told: list[int] = field(factory=list)
    """How many streams there were, each time the client told of a change."""
    client: Http2Client = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.client = Http2Client(
            Origin(authority="push.example", endpoint=self.network),
            Household(reactor=self.clock, now=self.clock.seconds),
            lambda: 1.0,
            ClientRules(
                warm=2,
                most=4,
                linger=600.0,
                settled_after=60.0,
                retry=RetryRules(first=1.0, longest=60.0),
                connection=RULES,
            ),
            self.on_change,
        )

    def on_change(self) -> None:
        self.told.append(self.client.streams)
        if self.fails_on_change:
            raise ZeroDivisionError

    def started(self, **provider: object) -> "Stage":
        self.client.start()
        while self.network.waiting:
            self.network.succeed(**provider)
        return self

    def request(self, *numbers: int) -> None:
        for number in numbers:
            self.client.request(push(number), self.results.append, 30.0)

    def talk(self) -> "Stage":
        self.clock.advance(0)
        for line in self.network.lines:
            line.talk()
        return self

    @property
    def alive(self) -> list[Line]:
        return [line for line in self.network.lines if not line.wire.is_ending]

    def close_down(self) -> None:
        """Let the network do what the client asked it for."""
        for line in self.network.lines:
            if line.wire.is_ending and line.wire.protocol is not None:
                line.wire.goes()
