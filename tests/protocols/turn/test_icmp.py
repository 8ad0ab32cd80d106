"""ICMP errors about relayed datagrams (RFC 8656 sections 11.5 and 18.13)."""

import pytest

from tests.interop.turn.stun_codec import IPV6, A
from tests.protocols.turn.callers import Client, Peer
from tests.protocols.turn.plays import Play


def report(
    play: Play, alice: Client, peer: Peer, kind: int, code: int, info: int = 0, relay: int = 0
) -> None:
    """Let the network report about a datagram that went to a peer."""
    relays = alice.allocation.relays
    play.server.relaying.icmp(relays[relay], peer.at, kind, code, info, play.now)


def talking(play: Play, host: str = "20.0.0.1") -> tuple[Client, Peer]:
    alice, bob = play.client(), play.peer(host)
    alice.allocates(*([(A.REQUESTED_ADDRESS_FAMILY, IPV6)] if ":" in host else []))
    alice.permits(bob)
    return alice, bob


@pytest.mark.parametrize(
    ("host", "kind", "code", "info", "value"),
    [
        # Sixteen bits reserved, seven of type, nine of code, and the MTU where there is one.
        ("20.0.0.1", 3, 3, 0, "0000 0603 00000000"),
        ("20.0.0.1", 3, 4, 1400, "0000 0604 00000578"),
        ("20.0.0.1", 3, 1, 1400, "0000 0601 00000000"),
        ("20.0.0.1", 11, 0, 7, "0000 1600 00000000"),
        ("2a00::1", 1, 4, 9, "0000 0204 00000000"),
        ("2a00::1", 2, 0, 1280, "0000 0400 00000500"),
        ("2a00::1", 3, 0, 9, "0000 0600 00000000"),
    ],
)
def test_d20_the_client_is_told_type_code_and_mtu(
    host: str, kind: int, code: int, info: int, value: str
) -> None:
    play = Play()
    alice, bob = talking(play, host)
    report(play, alice, bob, kind, code, info)
    (told,) = alice.told()
    assert told.address(A.XOR_PEER_ADDRESS) == bob.address
    assert told.must(A.ICMP) == bytes.fromhex(value)
    assert not told.has(A.DATA)


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        *(("20.0.0.1", kind) for kind in (0, 4, 5, 8, 12, 255)),
        *(("2a00::1", kind) for kind in (0, 4, 11, 128, 255)),
    ],
)
def test_other_types_are_not_told(host: str, kind: int) -> None:
    play = Play()
    alice, bob = talking(play, host)
    report(play, alice, bob, kind, 0)
    assert alice.told() == []


def test_d20_without_a_permission_nothing_is_told() -> None:
    """D20: the peer the datagram went to counts, not who sent the error."""
    play = Play()
    alice, _ = talking(play)
    report(play, alice, play.peer("20.0.0.2"), 3, 3)
    play.later(300)
    report(play, alice, play.peer("20.0.0.1"), 3, 3)
    assert alice.told() == []


def test_d20_a_peer_that_has_gone_does_not_flood_its_client() -> None:
    """D20: ten in a second; and none of them counts as a peer the client has turned to."""
    play = Play()
    alice, bob = talking(play)
    left = alice.allocation.peers_left
    for _ in range(1000):
        report(play, alice, bob, 3, 3)
        play.later(0.001)
    assert len(alice.told()) == 10
    assert alice.allocation.peers_left >= left
    assert not any(line[0] == "scanning" for line in play.book.lines)


def test_a_client_that_is_away_is_told_nothing() -> None:
    play = Play()
    alice, bob = talking(play)
    alice.allocation.path, path = None, alice.allocation.path
    report(play, alice, bob, 3, 3)
    alice.allocation.path = path
    assert alice.told() == []
