"""Send and Data indications (RFC 8656 section 11), and DONT-FRAGMENT (sections 13 to 15)."""

import pytest

from procall_mobility.protocols.stun.addresses import encode_xor_address
from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import IPV6, TCP, A, Kind, Method, message
from tests.interop.turn.turn_client import towards
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play

T = b"twelve bytes"
DONT_FRAGMENT = (A.DONT_FRAGMENT, b"")


def talking(play: Play, **how: object) -> Client:
    alice = play.client("alice", **how)  # type: ignore[arg-type]
    alice.allocates()
    alice.permits(play.peer())
    return alice


@pytest.mark.parametrize("by", list(Transport))
@pytest.mark.parametrize("data", [b"", b"x", b"12", b"123", b"1234", bytes(range(256)) * 5])
def test_data_of_any_size_passes_unchanged(by: Transport, data: bytes) -> None:
    """C1: padding is neither relayed nor anything but zeros; an empty datagram is one as well."""
    play = Play()
    alice, bob = talking(play, by=by), play.peer()
    alice.sends(bob, data)
    bob.says(data, to=alice.relayed)
    assert bob.hears() == [(alice.relayed, data)]
    assert alice.hears() == [(bob.address, data)]


def test_a_data_indication_has_the_peer_and_its_data_and_nothing_else() -> None:
    """Section 11.3, and a transaction of its own each time."""
    play = Play()
    alice, bob = talking(play), play.peer()
    alice.line.takes()
    bob.says(b"one", to=alice.relayed)
    bob.says(b"two", to=alice.relayed)
    first, second = alice.line.takes()
    assert first[:2] == b"\x00\x17"
    assert first[8:20] != second[8:20]
    expected = [(A.XOR_PEER_ADDRESS, b"\0\1" + bytes(6)), (A.DATA, b"one")]
    assert len(first) == 20 + sum(4 + len(value) + -len(value) % 4 for _, value in expected)


@pytest.mark.parametrize(
    "parts",
    [
        [(A.DATA, b"no peer")],
        [towards(("20.0.0.1", 5000), T)],
        [(A.XOR_PEER_ADDRESS, b"\0\1\0"), (A.DATA, b"cut peer")],
        [towards(("20.0.0.1", 5000), T), (A.DATA, b"x"), (0x7001, b"unknown")],
        [towards(("20.0.0.1", 0), T), (A.DATA, b"port 0")],
        [towards(("20.0.0.2", 5000), T), (A.DATA, b"no permission")],
        [towards(("2a00::1", 5000), T), (A.DATA, b"no such family")],
        [towards(("127.0.0.1", 5000), T), (A.DATA, b"A1")],
    ],
)
def test_a_send_indication_that_cannot_be_is_dropped_without_a_word(
    parts: list[tuple[int, bytes]],
) -> None:
    """Section 11.2, A1: silence, and no packet leaves."""
    play = Play()
    alice = talking(play)
    alice.line.takes()
    alice.line.says(message(Method.SEND, *parts, kind=Kind.INDICATION, transaction=T))
    assert alice.line.takes() == []
    assert not any(play.sockets.mail.values())
    assert play.counters["send-dropped"] + play.counters["no-permission"] == 1


def test_without_an_allocation_nothing_is_sent() -> None:
    play = Play()
    play.client().sends(play.peer(), b"for free?")
    assert play.counters["send-dropped"] == 1


def test_sending_refreshes_no_permission() -> None:
    play = Play()
    alice, bob = talking(play), play.peer()
    play.later(299)
    alice.sends(bob, b"1")
    play.later(1)
    alice.sends(bob, b"2")
    assert bob.hears() == [(alice.relayed, b"1")]


def test_a_send_indication_may_go_to_a_peer_that_has_a_channel() -> None:
    """Section 12.5: the client may mix; the server answers on the channel."""
    play = Play()
    alice, bob = talking(play), play.peer()
    alice.binds(0x4000, bob)
    alice.sends(bob, b"by indication")
    bob.says(b"by channel", to=alice.relayed)
    assert bob.hears() == [(alice.relayed, b"by indication")]
    assert alice.hears() == [(0x4000, b"by channel")]


def test_other_indications_mean_nothing() -> None:
    play = Play()
    alice = talking(play)
    alice.line.takes()
    for method in (Method.BINDING, Method.DATA, Method.ALLOCATE, Method.CONNECTION_ATTEMPT, 0x0FF):
        alice.line.says(message(method, kind=Kind.INDICATION))
    assert alice.line.takes() == []


def test_datagrams_larger_than_an_indication_are_dropped() -> None:
    """IPv6 datagrams of 65,527 octets exist; a message's length has 16 bits."""
    play = Play()
    alice, bob = play.client(by=Transport.TCP), play.peer("2a00::1")
    alice.allocates((A.REQUESTED_ADDRESS_FAMILY, IPV6))
    alice.permits(bob)
    bob.says(bytes(65_505), to=alice.relayed)
    assert alice.hears() == []
    assert play.counters["too-large"] == 1
    bob.says(bytes(65_504), to=alice.relayed)
    assert alice.hears() == [(bob.address, bytes(65_504))]
    alice.binds(0x4000, bob)
    bob.says(bytes(65_527), to=alice.relayed)
    assert alice.hears() == [(0x4000, bytes(65_527))]


@pytest.mark.parametrize(
    ("client", "peer", "by", "expected"),
    [
        ("198.51.100.9", "20.0.0.1", Transport.UDP, True),
        ("198.51.100.9", "20.0.0.1", Transport.DTLS, True),
        ("198.51.100.9", "20.0.0.1", Transport.TCP, True),
        ("198.51.100.9", "2a00::1", Transport.TLS, True),
        ("2001:db8:2::1", "20.0.0.1", Transport.TLS, True),
        ("198.51.100.9", "2a00::1", Transport.UDP, False),
        ("2001:db8:2::1", "20.0.0.1", Transport.UDP, False),
        ("2001:db8:2::1", "2a00::1", Transport.UDP, False),
        ("2001:db8:2::1", "20.0.0.1", Transport.DTLS, False),
    ],
)
def test_what_may_not_be_fragmented(client: str, peer: str, by: Transport, expected: bool) -> None:
    """Sections 13 to 15: DONT-FRAGMENT counts from IPv4 to IPv4 and over streams."""
    play = Play()
    alice, bob = play.client(by=by, address=(client, 1024)), play.peer(peer)
    alice.allocates((A.ADDITIONAL_ADDRESS_FAMILY, IPV6))
    alice.permits(bob)
    alice.sends(bob, b"whole", DONT_FRAGMENT)
    alice.sends(bob, b"either way")
    assert [dont for _, _, dont in bob.takes()] == [expected, False]


def test_tcp_allocations_know_no_indications_and_no_channels() -> None:
    """RFC 6062 section 5: data goes over connections alone."""
    play = Play()
    alice, bob = play.client(by=Transport.TCP), play.peer()
    alice.allocates(transport=TCP)
    assert alice.permits(bob).ok
    assert alice.binds(0x4000, bob).error == 403
    alice.sends(bob, b"by indication?")
    alice.says(0x4000, b"by channel?")
    assert bob.hears() == []
    assert play.counters["send-dropped"] == 1
    assert play.counters["channel-dropped"] == 1


def test_our_codec_and_that_of_the_tests_agree_about_addresses() -> None:
    assert towards(("20.0.0.1", 5000), T)[1] == encode_xor_address(("20.0.0.1", 5000), T)
