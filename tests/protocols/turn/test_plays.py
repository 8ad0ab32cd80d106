"""The plays themselves: what they promise in their docstring holds."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import IPV6, MD5, SHA256, TCP, A
from tests.protocols.turn.plays import Play


@pytest.mark.parametrize("by", [Transport.UDP, Transport.TCP, Transport.TLS])
@pytest.mark.parametrize("algorithm", [MD5, SHA256])
def test_a_client_and_a_peer_talk(by: Transport, algorithm: bytes) -> None:
    play = Play()
    alice, bob = play.client("alice", by=by, algorithm=algorithm), play.peer("20.0.0.1")
    alice.allocates()
    assert alice.permits(bob).ok
    alice.sends(bob, b"hello")
    assert bob.hears() == [(alice.relayed, b"hello")]
    bob.says(b"hello alice", to=alice.relayed)
    assert alice.hears() == [(bob.address, b"hello alice")]
    assert alice.binds(0x4000, bob).ok
    alice.says(0x4000, b"shorter")
    bob.says(b"indeed", to=alice.relayed)
    assert bob.hears() == [(alice.relayed, b"shorter")]
    assert alice.hears() == [(0x4000, b"indeed")]
    play.later(3600)
    assert play.ended() == ["expired"]


def test_ipv6_and_connections_are_played_as_well() -> None:
    play = Play()
    alice = play.client("alice", by=Transport.TCP, address=("2001:db8:2::1", 1000))
    bob = play.peer("2a00::1", 80)
    alice.allocates((A.REQUESTED_ADDRESS_FAMILY, IPV6), transport=TCP)
    assert alice.connects(bob) is None
    theirs = bob.accepts()
    (answer,) = alice.answers()
    second = play.client("alice", by=Transport.TCP)
    assert second.attaches(answer.must(A.CONNECTION_ID)).ok
    theirs.says(b"220 welcome")
    assert second.octets() == b"220 welcome"
    second.line.says(b"EHLO")
    assert theirs.heard == b"EHLO"
    assert alice.permits(bob).ok
    assert not bob.dials(alice.relayed).is_closed or play.counters["tcp-peer-refused"]


def test_a_socket_that_is_lost_from_sight_is_found_out() -> None:
    play = Play()
    alice = play.client("alice")
    alice.allocates()
    play.sockets.open("10.0.0.1", 1)
    with pytest.raises(AssertionError):
        play.settle()
