"""Clients over streams without a network, the relay of the plays, and a clock."""

from typing import Any

from attrs import define, field
from twisted.internet.address import IPv4Address
from twisted.internet.testing import MemoryReactorClock

from procall_mobility.gateway.reasons import Reason
from procall_mobility.transports.callers import Peer
from procall_mobility.transports.pump import Household
from procall_mobility.transports.turn.stream import StreamServices, TurnStream
from tests.interop.turn.stun_codec import Method, fingerprinted, message
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import LISTENING, Play
from tests.transports.conftest import Wire

BINDING = message(Method.BINDING)

MALFORMED = fingerprinted(BINDING)[:-1] + b"\0"
"""It can be cut out of a stream, and its FINGERPRINT is wrong."""


@define(eq=False)
class StreamLine:
    """The way of a caller of the relay's plays, over a stream."""

    stage: "StreamStage"
    stream: TurnStream
    wire: Wire

    @property
    def path(self) -> TurnStream:
        return self.stream

    @property
    def client(self) -> tuple[str, int]:
        return self.stream.client

    def says(self, data: bytes) -> None:
        self.wire.hears(data)
        self.stage.play.settle()

    def takes(self) -> list[bytes]:
        """Return the messages that have come, ChannelData with its padding."""
        said, messages = self.wire.says(), []
        while said:
            length = int.from_bytes(said[2:4])
            size = 4 + length + -length % 4 if said[0] & 0xC0 else 20 + length
            messages.append(said[:size])
            said = said[size:]
        return messages


@define(eq=False)
class StreamStage:
    """What is around the streams."""

    play: Play = field(factory=Play)
    reactor: MemoryReactorClock = field(factory=MemoryReactorClock)
    refused: list[tuple[Peer, Reason, str]] = field(factory=list)
    household: Household = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.household = Household(reactor=self.reactor, now=lambda: self.play.now)

    @property
    def counters(self) -> Any:
        return self.play.counters

    def line(self, host: str = "192.0.2.7", *, secure: bool = False) -> StreamLine:
        """Let somebody connect."""
        services = StreamServices(
            server=self.play.server,
            household=self.household,
            refused=lambda *what: self.refused.append(what),
        )
        stream = TurnStream(services, Peer(host, 40_000, secure=secure, proxied=False))
        wire = Wire(host)
        wire.hostAddr = IPv4Address("TCP", *LISTENING)
        return StreamLine(self, stream, wire.connect(stream))

    def caller(self, subject: str = "alice", **how: Any) -> Client:
        """Let somebody with credentials connect."""
        return Client(self.line(**how), self.play.client(subject).talk)

    def later(self, seconds: float) -> None:
        """Let time pass for the relay and for the streams."""
        self.play.later(seconds)
        self.reactor.advance(seconds)

    def alarms(self) -> list[float]:
        """Return in how many seconds each alarm rings."""
        return [each.getTime() - self.reactor.seconds() for each in self.reactor.getDelayedCalls()]
