"""ChannelBind (RFC 8656 section 12.2)."""

import pytest

from tests.interop.turn.stun_codec import A, Method
from tests.interop.turn.turn_client import channel
from tests.protocols.turn.plays import Play

PEER = (A.XOR_PEER_ADDRESS, bytes((0, 1, 0, 0, 53, 18, 164, 67)))  # 20.0.0.1, port 0x2112.


def test_a_bound_channel_carries_data_both_ways() -> None:
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates()
    answer = alice.binds(0x4000, bob)
    assert answer.ok
    assert [kind for kind, _ in answer.attributes] == [A.MESSAGE_INTEGRITY]
    alice.says(0x4000, b"out")
    bob.says(b"in", to=alice.relayed)
    assert bob.hears() == [(alice.relayed, b"out")]
    assert alice.hears() == [(0x4000, b"in")]


def test_a_binding_is_a_permission_as_well() -> None:
    """Section 12.2: the host is permitted; its other ports are heard by indications."""
    play = Play()
    alice, bob = play.client(), play.peer("20.0.0.1", 5000)
    alice.allocates()
    alice.binds(0x4000, bob)
    other = play.peer("20.0.0.1", 5001)
    other.says(b"not bound", to=alice.relayed)
    alice.sends(other, b"nor this")
    assert alice.hears() == [(other.address, b"not bound")]
    assert other.hears() == [(alice.relayed, b"nor this")]


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (0x0000, 400), (0x3FFF, 400), (0x4000, 0), (0x4001, 0), (0x4FFF, 0),
        (0x5000, 400), (0x7FFF, 400), (0x8000, 400), (0xFFFF, 400),
    ],
)  # fmt: skip
def test_c10_channels_are_from_0x4000_to_0x4fff(number: int, error: int) -> None:
    play = Play()
    alice = play.client()
    alice.allocates()
    assert alice.binds(number, play.peer()).error == error


@pytest.mark.parametrize(("number", "error"), [(0x5000, 0), (0x7FFF, 0), (0x8000, 400)])
def test_old_channels_can_be_switched_on(number: int, error: int) -> None:
    """RFC 5766 section 11 had numbers up to 0x7FFF."""
    play = Play(old_channels=True)
    alice = play.client()
    alice.allocates()
    assert alice.binds(number, play.peer()).error == error


@pytest.mark.parametrize(
    "parts", [(), (channel(0x4000),), (PEER,), ((A.CHANNEL_NUMBER, b"@\0"), PEER)]
)
def test_both_number_and_peer_are_needed(parts: tuple[tuple[int, bytes], ...]) -> None:
    alice = Play().client()
    alice.allocates()
    assert alice.gets(Method.CHANNEL_BIND, *parts).error == 400
    assert alice.allocation.channels == {}


def test_the_reserved_octets_of_a_number_do_not_matter() -> None:
    alice = Play().client()
    alice.allocates()
    assert alice.gets(Method.CHANNEL_BIND, (A.CHANNEL_NUMBER, b"@\0\xff\xff"), PEER).ok


def test_a15_port_0_cannot_be_bound() -> None:
    alice = Play().client()
    alice.allocates()
    assert alice.binds(0x4000, ("20.0.0.1", 0)).error == 400


def test_without_an_allocation_there_is_nothing_to_bind() -> None:
    play = Play()
    assert play.client().binds(0x4000, play.peer()).error == 437


def test_c11_a_channel_has_one_peer() -> None:
    play = Play()
    alice, bob, carol = play.client(), play.peer("20.0.0.1"), play.peer("20.0.0.2")
    alice.allocates()
    alice.binds(0x4000, bob)
    assert alice.binds(0x4000, carol).error == 400
    assert alice.binds(0x4000, play.peer("20.0.0.1", 5001)).error == 400
    alice.says(0x4000, b"for bob")
    assert bob.hears() == [(alice.relayed, b"for bob")]
    assert "20.0.0.2" not in alice.allocation.permissions


def test_c11_a_peer_has_one_channel() -> None:
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates()
    alice.binds(0x4000, bob)
    assert alice.binds(0x4001, bob).error == 400
    bob.says(b"on the first", to=alice.relayed)
    assert alice.hears() == [(0x4000, b"on the first")]


def test_c11_another_port_of_the_peer_is_another_peer() -> None:
    play = Play()
    alice = play.client()
    alice.allocates()
    assert alice.binds(0x4000, play.peer("20.0.0.1", 5000)).ok
    assert alice.binds(0x4001, play.peer("20.0.0.1", 5001)).ok


@pytest.mark.parametrize("seconds", [600, 899])
def test_c11_number_and_peer_are_guarded_for_five_minutes_after_the_binding(seconds: int) -> None:
    """C11, section 12: so that nothing on its way reaches the wrong one."""
    play = Play()
    alice, bob, carol = play.client(), play.peer("20.0.0.1"), play.peer("20.0.0.2")
    alice.allocates((A.LIFETIME, (3600).to_bytes(4)))
    alice.binds(0x4000, bob)
    play.later(seconds)
    assert alice.binds(0x4000, carol).error == 400
    assert alice.binds(0x4001, bob).error == 400


def test_c11_a_number_may_be_bound_otherwise_after_the_guard_time() -> None:
    play = Play()
    alice, bob, carol = play.client(), play.peer("20.0.0.1"), play.peer("20.0.0.2")
    alice.allocates((A.LIFETIME, (3600).to_bytes(4)))
    alice.binds(0x4000, bob)
    play.later(900)
    assert alice.binds(0x4000, carol).ok
    alice.says(0x4000, b"for carol")
    assert carol.hears() == [(alice.relayed, b"for carol")]
    assert bob.hears() == []


def test_c11_a_peer_may_be_bound_otherwise_after_the_guard_time() -> None:
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates((A.LIFETIME, (3600).to_bytes(4)))
    alice.binds(0x4000, bob)
    play.later(900)
    assert alice.binds(0x4001, bob).ok
    bob.says(b"on the second", to=alice.relayed)
    assert alice.hears() == [(0x4001, b"on the second")]
    assert list(alice.allocation.channels) == [0x4001]


def test_c11_two_expired_bindings_may_change_partners() -> None:
    play = Play()
    alice, bob, carol = play.client(), play.peer("20.0.0.1"), play.peer("20.0.0.2")
    alice.allocates((A.LIFETIME, (3600).to_bytes(4)))
    alice.binds(0x4000, bob)
    alice.binds(0x4001, carol)
    play.later(900)
    assert alice.binds(0x4000, carol).ok
    assert alice.binds(0x4001, bob).ok


def test_a_binding_may_be_refreshed_even_after_it_expired() -> None:
    """Section 12.2: the same number for the same peer is no change."""
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates((A.LIFETIME, (3600).to_bytes(4)))
    alice.binds(0x4000, bob)
    play.later(700)
    alice.says(0x4000, b"lost")
    assert alice.binds(0x4000, bob).ok
    alice.says(0x4000, b"back")
    assert bob.hears() == [(alice.relayed, b"back")]


def test_d15_a_channel_lasts_ten_minutes_and_no_longer_than_its_permission() -> None:
    """D15, sections 9 and 12: ChannelData needs both."""
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates((A.LIFETIME, (3600).to_bytes(4)))
    alice.binds(0x4000, bob)
    play.later(299)
    alice.says(0x4000, b"1")
    play.later(1)
    alice.says(0x4000, b"permission is over")
    bob.says(b"permission is over", to=alice.relayed)
    alice.permits(bob)
    alice.says(0x4000, b"2")
    bob.says(b"2", to=alice.relayed)
    assert bob.hears() == [(alice.relayed, b"1"), (alice.relayed, b"2")]
    assert alice.hears() == [(0x4000, b"2")]
    play.later(299)
    alice.permits(bob)
    play.later(1)
    alice.says(0x4000, b"binding is over")
    bob.says(b"by indication now", to=alice.relayed)
    assert bob.hears() == []
    assert alice.hears() == [(bob.address, b"by indication now")]


def test_refreshing_a_binding_refreshes_its_permission() -> None:
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates((A.LIFETIME, (3600).to_bytes(4)))
    alice.binds(0x4000, bob)
    for _ in range(5):
        play.later(250)
        assert alice.binds(0x4000, bob).ok
    alice.says(0x4000, b"alive")
    assert bob.hears() == [(alice.relayed, b"alive")]


def test_bindings_of_one_allocation_are_not_those_of_another() -> None:
    play = Play()
    alice, carol, bob = play.client("alice"), play.client("carol"), play.peer()
    alice.allocates()
    carol.allocates()
    assert alice.binds(0x4000, bob).ok
    assert carol.binds(0x4000, play.peer("20.0.0.2")).ok
    assert carol.binds(0x4001, bob).ok
