"""What peers send to a client on a stream is written together, and runs leave by one call."""

import pytest
from attrs import define

from procall_mobility.transports.callers import Peer
from procall_mobility.transports.pump import Household
from procall_mobility.transports.turn.hub import AT_ONCE
from procall_mobility.transports.turn.stream import StreamServices, TurnStream
from procall_mobility.transports.turn.udp_relay import (
    AT_ONCE_ON_STREAM,
    SOL_UDP,
    UDP_SEGMENT,
    UdpRelay,
)
from tests.interop.turn.stun_codec import channel_data
from tests.protocols.turn.callers import Client
from tests.transports.conftest import Wire
from tests.transports.turn.relay_stage import (
    RelayStage,
    SocketPeer,
    counted,
    relay_stage,
    talking,
)
from tests.transports.turn.stream_stage import StreamLine


class EagerWire(Wire):
    """A connection that can write at once; it knows what was written together."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.sent: list[bytes] = []

    def send(self, data: bytes) -> None:
        self.sent.append(data)
        self.write(data)


@define(eq=False)
class Call:
    """A client on a stream whose peer has a real socket."""

    stage: RelayStage
    wire: EagerWire
    alice: Client
    bob: SocketPeer

    def throws(self, *said: bytes) -> None:
        """Have the peer send datagrams; then all are read."""
        to = self.stage.wire_of(self.alice).address
        for data in said:
            self.bob.throws(data, to)
        self.stage.hub.doRead()

    def framed(self, *said: bytes) -> bytes:
        return b"".join(channel_data(0x4000, each, padded=True) for each in said)


def calling(stage: RelayStage) -> Call:
    services = StreamServices(
        server=stage.play.server,
        household=Household(reactor=stage.reactor, now=lambda: stage.play.now),
        refused=lambda *what: None,
    )
    stream = TurnStream(services, Peer("192.0.2.7", 40_000, secure=False, proxied=False))
    wire = EagerWire("192.0.2.7")
    wire.connect(stream)
    line = StreamLine(stage, stream, wire)  # type: ignore[arg-type]
    alice = Client(line, stage.play.client("alice").talk)  # type: ignore[arg-type]
    alice.allocates()
    bob = stage.peer()
    assert alice.binds(0x4000, bob).ok
    call = Call(stage, wire, alice, bob)
    call.throws(b"ring")  # Takes an allowance out of the shared buckets.
    alice.line.takes()
    wire.sent.clear()
    return call


def test_datagrams_that_are_there_are_written_together(stage: RelayStage) -> None:
    """RFC 8656 section 12.5: each padded; C1: with zeros, whatever was there before."""
    call = calling(stage)
    call.throws(b"\xff" * 20, b"\xff" * 20)
    call.wire.sent.clear()
    call.alice.line.takes()
    said = (b"", b"1", b"twenty-two octets long", b"four")
    call.throws(*said)
    assert call.wire.sent == [call.framed(*said)]
    assert counted(call.alice) == (0, 0, 7, 4 + 40 + 27)


def test_a_hub_reads_so_many_at_once_and_no_more(stage: RelayStage) -> None:
    call = calling(stage)
    call.throws(*[b"data"] * (AT_ONCE + 1))
    assert call.wire.sent == [call.framed(*[b"data"] * AT_ONCE)]
    stage.hub.doRead()
    assert call.wire.sent[1:] == [call.framed(b"data")]


def test_large_datagrams_are_written_when_there_are_octets_enough(stage: RelayStage) -> None:
    """The memory for them is bounded: the last one that still begins below the bound fits."""
    call = calling(stage)
    large = bytes(range(256)) * 250
    call.alice.allocation.received_allowed = 1e6
    call.throws(large, large, b"small")
    stage.hub.doRead()
    assert call.wire.sent == [call.framed(large, large), call.framed(b"small")]
    assert len(call.wire.sent[0]) < 2 * AT_ONCE_ON_STREAM


def test_what_has_no_channel_keeps_its_place(stage: RelayStage) -> None:
    """It goes in an indication (RFC 8656 section 11.3), behind what came before it."""
    call = calling(stage)
    other = stage.peer()
    to = stage.wire_of(call.alice).address
    call.bob.throws(b"first", to)
    other.throws(b"beside", to)
    call.bob.throws(b"last", to)
    stage.hub.doRead()
    assert call.alice.hears() == [
        (0x4000, b"first"),
        (other.address, b"beside"),
        (0x4000, b"last"),
    ]


def test_d14_a_client_on_a_stream_is_bounded_as_well() -> None:
    """D14: what is too much is dropped and not counted as relayed."""
    with relay_stage(user_octets_per_second=10_000.0) as stage:
        call = calling(stage)
        call.throws(*[bytes(1000)] * 12)
        assert call.wire.sent == [call.framed(*[bytes(1000)] * 9)]
        assert stage.counters["over-rate"] == 3
        assert counted(call.alice) == (0, 0, 10, 9_004)


def test_d13_frames_for_a_client_that_reads_too_slowly_are_dropped_and_counted(
    stage: RelayStage,
) -> None:
    """D13."""
    call = calling(stage)
    call.wire.producer.pauseProducing()
    call.throws(b"one", b"two")
    assert call.wire.sent == []
    assert stage.counters["slow-client"] == 2
    call.wire.producer.resumeProducing()
    call.throws(b"three")
    assert call.wire.sent == [call.framed(b"three")]


def test_an_icmp_error_costs_no_datagram(stage: RelayStage) -> None:
    call = calling(stage)
    gone = stage.peer()
    at = gone.socket.getsockname()
    gone.vanishes()
    stage.wire_of(call.alice).sendto(b"anybody?", at)
    call.throws(b"still here")
    stage.hub.doRead()
    assert call.wire.sent == [call.framed(b"still here")]


# Runs to peers ----------------------------------------------------------------------------


def views(*said: bytes) -> list[memoryview]:
    return list(map(memoryview, said))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize(
    "said",
    [(b"alone",), (b"aaaa", b"bbbb", b"cc"), tuple([bytes(1000)] * 64), (b"a", b"b")],
    ids=["1", "shorter at the end", "64", "single octets"],
)
def test_a_run_arrives_as_datagrams(host: str, said: tuple[bytes, ...]) -> None:
    with relay_stage(host) as stage:
        alice, bob = talking(stage)
        wire = stage.wire_of(alice)
        wire.send_run(views(*said), bob.socket.getsockname())
        assert bob.takes() == list(said)
        assert wire._cuts


def test_a_run_that_is_too_large_is_sent_one_by_one(stage: RelayStage) -> None:
    """Together they are larger than a datagram may be; smaller ones are cut still."""
    alice, bob = talking(stage)
    wire = stage.wire_of(alice)
    said = (bytes(40_000), bytes(40_000))
    wire.send_run(views(*said), bob.socket.getsockname())
    assert bob.takes() == list(said)
    assert wire._cuts


def test_where_the_kernel_does_not_cut_each_is_sent(stage: RelayStage) -> None:
    """As here, where they are more than any kernel cuts; once is enough to find out."""
    alice, bob = talking(stage)
    wire = stage.wire_of(alice)
    said = [b"x"] * 150
    wire.send_run(views(*said), bob.socket.getsockname())
    assert bob.takes() == said
    assert not wire._cuts
    wire.send_run(views(b"and", b"on"), bob.socket.getsockname())
    assert bob.takes() == [b"and", b"on"]


def test_an_error_about_an_earlier_datagram_costs_no_run(stage: RelayStage) -> None:
    """The kernel tells it to whoever sends next; the run is sent all the same."""
    alice, bob = talking(stage)
    wire: UdpRelay = stage.wire_of(alice)
    gone = stage.peer()
    at = gone.socket.getsockname()
    gone.vanishes()
    wire.sendto(b"anybody?", at)
    wire.send_run(views(b"one", b"two"), bob.socket.getsockname())
    assert bob.takes() == [b"one", b"two"]
    assert wire._cuts


def test_the_kernel_knows_segments_by_these_numbers(stage: RelayStage) -> None:
    """linux/udp.h; the socket module has no name for them."""
    sock = stage.socket()
    sock.setsockopt(SOL_UDP, UDP_SEGMENT, 1000)
    assert sock.getsockopt(SOL_UDP, UDP_SEGMENT) == 1000
