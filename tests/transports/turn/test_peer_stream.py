"""RFC 6062 between two connections: octets both ways, and never more than the other end takes."""

from typing import Any

import pytest
from attrs import define

from procall_mobility.transports.turn.peer_stream import HELD_BACK, PeerSide
from procall_mobility.transports.turn.stream import TurnStream
from tests.interop.turn.stun_codec import TCP, A, Method
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play
from tests.transports.conftest import Wire
from tests.transports.turn.stream_stage import StreamStage

RATE = 1000
"""Octets a second a user may relay where that is bounded."""


@define(eq=False)
class Joined:
    """A client's data connection and its peer's, joined; the machine has made it so."""

    stage: StreamStage
    alice: Client
    client: Wire
    peer: Wire
    stream: TurnStream

    @property
    def allocation(self) -> Any:
        return self.alice.allocation

    def is_read(self) -> tuple[bool, bool]:
        """Tell whether the client and the peer are read."""
        return self.client.producerState == "producing", self.peer.producerState == "producing"


def connected(stage: StreamStage) -> tuple[Client, Wire, bytes]:
    """Return a client, its connection to a peer and the id of that, which nobody has bound."""
    alice, bob = stage.caller(), stage.play.peer("20.0.0.1", 8080)
    alice.allocates(transport=TCP)
    alice.connects(bob)
    (attempt,) = stage.play.sockets.attempts
    side = PeerSide(stage.household, attempt._lost)
    wire = Wire("20.0.0.1").connect(side)
    attempt._settle(side)
    (answer,) = alice.answers()
    return alice, wire, answer.must(A.CONNECTION_ID)


def joined(**rules: Any) -> Joined:
    stage = StreamStage(play=Play(**rules))
    alice, wire, name = connected(stage)
    data = stage.caller()
    assert data.attaches(name).ok
    return Joined(stage, alice, data.line.wire, wire, data.line.stream)


# Both ways --------------------------------------------------------------------------------


def test_d12_nothing_is_read_from_a_peer_before_a_client_is_joined_to_it() -> None:
    """D12, RFC 6062 section 5.3: what it says is kept by the kernel, not by us."""
    _, wire, _ = connected(StreamStage())
    assert wire.producerState == "paused"
    assert wire.options == {"no delay"}
    wire.hears(b"what was under way all the same")
    assert wire.says() == b""


def test_octets_flow_both_ways_once_the_connections_are_joined() -> None:
    both = joined()
    assert both.is_read() == (True, True)
    one, other = b"\0\1 no message of ours", b"\x40\0 nor this"
    both.client.hears(one)
    both.peer.hears(other)
    assert (both.peer.says(), both.client.says()) == (one, other)
    counted = both.allocation
    assert (counted.sent_octets, counted.sent_packets) == (len(one), 1)
    assert (counted.received_octets, counted.received_packets) == (len(other), 1)


def test_octets_behind_the_request_go_to_the_peer() -> None:
    """RFC 6062 section 5.4: the client need not wait for the answer."""
    stage = StreamStage()
    _, wire, name = connected(stage)
    data = stage.caller()
    data.asks(Method.BINDING)
    data.attaches(bytes(4))  # It has been challenged, and knows the nonce now.
    data.line.wire.hears(
        data.talk.request(Method.CONNECTION_BIND, (A.CONNECTION_ID, name)) + b"in a hurry"
    )
    assert wire.says() == b"in a hurry"


def test_d12_a_slow_client_holds_back_its_peer() -> None:
    """D12: reading stops when the transport's buffer is full, and goes on when it has drained."""
    both = joined()
    both.client.producer.pauseProducing()
    assert both.is_read() == (True, False)
    both.client.producer.resumeProducing()
    assert both.is_read() == (True, True)


def test_d12_a_slow_peer_holds_back_its_client() -> None:
    both = joined()
    both.peer.producer.pauseProducing()
    assert both.is_read() == (False, True)
    both.peer.producer.resumeProducing()
    assert both.is_read() == (True, True)


# How much ---------------------------------------------------------------------------------


def test_d14_a_peer_is_read_no_faster_than_the_rate() -> None:
    """D14: nothing of a stream can be dropped, so whoever is too fast waits."""
    both = joined(user_octets_per_second=float(RATE))
    both.peer.hears(bytes(RATE))
    assert both.is_read() == (True, True)
    both.peer.hears(bytes(RATE))
    assert len(both.client.says()) == 2 * RATE
    assert both.is_read() == (True, False)
    both.stage.later(0.5)
    assert both.is_read() == (True, False)
    for _ in range(12):
        both.stage.later(HELD_BACK)
    assert both.is_read() == (True, True)
    assert both.stage.reactor.getDelayedCalls() == []


def test_d14_a_client_is_read_no_faster_than_the_rate() -> None:
    both = joined(user_octets_per_second=float(RATE))
    both.client.hears(bytes(2 * RATE))
    assert len(both.peer.says()) == 2 * RATE
    assert both.is_read() == (False, True)
    for _ in range(21):
        both.stage.later(HELD_BACK)
    assert both.is_read() == (True, True)


@pytest.mark.parametrize("first", ["rate", "slow"])
def test_whoever_is_held_back_for_two_reasons_waits_for_both(first: str) -> None:
    both = joined(user_octets_per_second=float(RATE))
    both.client.producer.pauseProducing()
    both.peer.hears(bytes(2 * RATE))
    if first == "slow":
        both.client.producer.resumeProducing()
    else:
        both.stage.later(2)
    assert both.is_read() == (True, False)
    if first == "slow":
        both.stage.later(2)
    else:
        both.client.producer.resumeProducing()
    assert both.is_read() == (True, True)


def test_a_transport_that_is_not_held_back_is_not_resumed() -> None:
    """It may be closing by the time the other one has drained."""
    both = joined()
    valve = both.client.producer
    valve.stopProducing()
    assert both.is_read() == (True, True)
    both.peer.loseConnection()
    valve.resumeProducing()


def test_nobody_is_waited_for_when_the_client_has_gone() -> None:
    both = joined(user_octets_per_second=float(RATE))
    both.peer.hears(bytes(2 * RATE))
    both.client.goes()
    both.stage.later(60)
    assert both.stage.reactor.getDelayedCalls() == []


# The end ----------------------------------------------------------------------------------


def test_a_peer_that_goes_ends_the_clients_side_when_it_has_taken_everything() -> None:
    """RFC 6062 section 5.4: the last octets are not lost, so it is not aborted."""
    both = joined()
    both.peer.hears(b"the last words")
    both.peer.goes()
    assert (both.client.disconnecting, both.client.aborted) == (True, False)
    assert both.client.producer is None
    assert both.client.says() == b"the last words"
    assert len(both.stage.play.server.tcp_relaying) == 0
    both.client.hears(b"to nobody")
    assert both.peer.says() == b""


def test_a_client_that_goes_ends_the_peers_side_when_it_has_taken_everything() -> None:
    both = joined()
    both.client.hears(b"the last words")
    both.client.goes()
    assert (both.peer.disconnecting, both.peer.aborted) == (True, False)
    assert both.peer.producer is None
    assert both.peer.says() == b"the last words"
    both.peer.hears(b"to nobody")
    both.peer.goes()
    assert both.client.says() == b""
    assert both.allocation is not None
    assert len(both.stage.play.server.tcp_relaying) == 0


def test_both_sides_end_with_the_allocation() -> None:
    both = joined()
    both.alice.refreshes(0)
    assert both.peer.disconnecting
    both.peer.goes()
    assert both.client.disconnecting


def test_a_peer_nobody_was_joined_to_is_forgotten_when_it_goes() -> None:
    stage = StreamStage()
    _, wire, _ = connected(stage)
    wire.goes()
    assert len(stage.play.server.tcp_relaying) == 0
