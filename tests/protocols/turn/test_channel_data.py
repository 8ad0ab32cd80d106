"""ChannelData (RFC 8656 sections 12.4 to 12.7)."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import channel_data
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play


def bound(play: Play, **how: object) -> Client:
    alice = play.client("alice", **how)  # type: ignore[arg-type]
    alice.allocates()
    alice.binds(0x4000, play.peer())
    alice.hears()
    return alice


@pytest.mark.parametrize("by", list(Transport))
@pytest.mark.parametrize("data", [b"", b"x", b"12", b"123", b"1234", bytes(range(256)) * 5])
def test_c1_data_of_any_size_passes_unchanged(by: Transport, data: bytes) -> None:
    """C1: over a stream the padding is of zeros, and over datagrams there is none."""
    play = Play()
    alice, bob = bound(play, by=by), play.peer()
    alice.says(0x4000, data)
    bob.says(data, to=alice.relayed)
    assert bob.hears() == [(alice.relayed, data)]
    (framed,) = alice.line.takes()
    size = len(data) + (-len(data) % 4 if by.is_stream else 0)
    assert framed == b"\x40\x00" + len(data).to_bytes(2) + data.ljust(size, b"\0")


@pytest.mark.parametrize("extra", [1, 3, 100])
def test_padding_over_udp_is_allowed_and_not_relayed(extra: int) -> None:
    """Section 12.5: it may be there."""
    play = Play()
    alice, bob = bound(play), play.peer()
    alice.line.says(channel_data(0x4000, b"abc") + b"\xff" * extra)
    assert bob.hears() == [(alice.relayed, b"abc")]


@pytest.mark.parametrize(
    "octets",
    [
        b"\x40\x00\x8a\xb6abc",  # C2: 35,510 octets declared, three there.
        b"\x40\x00\x00\x04abc",
        b"\x40\x00\xff\xff",
        b"\x40\x00\x00",
        b"\x40",
    ],
)
def test_c2_data_shorter_than_it_says_is_dropped(octets: bytes) -> None:
    play = Play()
    alice = bound(play)
    alice.line.says(octets)
    assert not any(play.sockets.mail.values())
    assert alice.line.takes() == []
    assert play.counters["channel-dropped"] == 1


@pytest.mark.parametrize("number", [0x4001, 0x4FFF, 0x5000, 0x7FFF])
def test_data_on_a_channel_nobody_bound_is_dropped(number: int) -> None:
    play = Play()
    alice = bound(play)
    alice.says(number, b"to whom?")
    assert not any(play.sockets.mail.values())
    assert play.counters["channel-dropped"] == 1


def test_data_of_somebody_without_an_allocation_is_dropped() -> None:
    play = Play()
    bound(play)
    play.client("mallory").says(0x4000, b"on alice's channel")
    assert not any(play.sockets.mail.values())
    assert play.counters["channel-dropped"] == 1


def test_data_refreshes_neither_binding_nor_permission() -> None:
    """Section 12.6."""
    play = Play()
    alice, bob = bound(play), play.peer()
    for _ in range(6):
        play.later(60)
        alice.says(0x4000, b"x")
        bob.says(b"y", to=alice.relayed)
    assert len(bob.hears()) == 4
    assert len(alice.hears()) == 4


def test_what_is_relayed_is_counted_each_way() -> None:
    play = Play()
    alice, bob = bound(play), play.peer()
    alice.says(0x4000, bytes(160))
    alice.sends(bob, bytes(40))
    bob.says(bytes(1000), to=alice.relayed)
    counted = alice.allocation
    assert (counted.sent_packets, counted.sent_octets) == (2, 200)
    assert (counted.received_packets, counted.received_octets) == (1, 1000)


def test_d13_a_client_that_reads_nothing_costs_the_machine_nothing() -> None:
    """D13: what a stream does not take is dropped by it; the machine keeps no queue."""
    play = Play()
    alice, bob = bound(play, by=Transport.TCP), play.peer()
    alice.line.stream.is_slow = True
    for _ in range(1000):
        bob.says(bytes(1200), to=alice.relayed)
    assert alice.line.takes() == []
    alice.line.stream.is_slow = False
    bob.says(b"again", to=alice.relayed)
    assert alice.hears() == [(0x4000, b"again")]
