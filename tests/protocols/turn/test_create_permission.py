"""Permissions (RFC 8656 sections 9 and 10.2)."""

import pytest

from tests.interop.turn.stun_codec import IPV6, A, Method
from tests.protocols.turn.plays import Play

AS_IPV6 = (A.REQUESTED_ADDRESS_FAMILY, IPV6)


def test_a_permission_lets_a_peer_in_and_the_client_out() -> None:
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates()
    bob.says(b"too early", to=alice.relayed)
    alice.sends(bob, b"too early")
    answer = alice.permits(bob)
    assert answer.ok
    assert [kind for kind, _ in answer.attributes] == [A.MESSAGE_INTEGRITY]
    bob.says(b"in", to=alice.relayed)
    alice.sends(bob, b"out")
    assert alice.hears() == [(bob.address, b"in")]
    assert bob.hears() == [(alice.relayed, b"out")]
    assert play.counters["no-permission"] == 2


def test_the_port_of_a_permission_does_not_matter() -> None:
    """Section 10.2: it may be any, even 0; peers on the host may speak from every port."""
    play = Play()
    alice = play.client()
    alice.allocates()
    assert alice.permits(("20.0.0.1", 0)).ok
    play.peer("20.0.0.1", 1).says(b"one", to=alice.relayed)
    play.peer("20.0.0.1", 65_535).says(b"last", to=alice.relayed)
    play.peer("20.0.0.2", 1).says(b"another host", to=alice.relayed)
    assert alice.hears() == [(("20.0.0.1", 1), b"one"), (("20.0.0.1", 65_535), b"last")]


def test_one_request_may_name_many_peers() -> None:
    play = Play()
    alice = play.client()
    alice.allocates()
    peers = [play.peer(f"20.0.0.{n}") for n in range(1, 21)]
    assert alice.permits(*peers, *peers[:3]).ok
    assert len(alice.allocation.permissions) == 20


def test_more_than_sixty_attributes_are_no_message_of_ours() -> None:
    play = Play()
    alice = play.client()
    alice.allocates()
    t = b"twelve bytes"
    named = [(A.XOR_PEER_ADDRESS, bytes((0, 1, 0, 1, 20, 0, 0, n))) for n in range(64)]
    assert alice.asks(Method.CREATE_PERMISSION, *named, transaction=t) is None
    assert play.counters["malformed"] == 1


def test_without_a_peer_it_is_a_bad_request() -> None:
    alice = Play().client()
    alice.allocates()
    assert alice.gets(Method.CREATE_PERMISSION).error == 400


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\0\1\0\0\0\0\0",  # Seven octets.
        b"\0\1" + bytes(18),  # IPv4 in the size of IPv6.
        b"\0\2" + bytes(6),
        b"\0\3" + bytes(6),  # No such family.
        b"\0\2" + bytes(17),
    ],
)
def test_a_malformed_peer_spoils_the_whole_request(value: bytes) -> None:
    play = Play()
    alice = play.client()
    alice.allocates()
    good = (A.XOR_PEER_ADDRESS, bytes((0, 1, 0, 0, 53, 18, 164, 67)))  # 20.0.0.1.
    for parts in ((good, (A.XOR_PEER_ADDRESS, value)), ((A.XOR_PEER_ADDRESS, value), good)):
        assert alice.gets(Method.CREATE_PERMISSION, *parts).error == 400
    assert alice.allocation.permissions == {}
    assert alice.gets(Method.CREATE_PERMISSION, good).ok


@pytest.mark.parametrize(("wanted", "host"), [([], "2a00::1"), ([AS_IPV6], "20.0.0.1")])
def test_a_peer_of_another_family_is_a_mismatch(
    wanted: list[tuple[int, bytes]], host: str
) -> None:
    play = Play()
    alice = play.client()
    alice.allocates(*wanted)
    assert alice.permits(play.peer(host)).error == 443
    assert alice.binds(0x4000, play.peer(host)).error == 443


@pytest.mark.parametrize("host", ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:20.0.0.1"])
@pytest.mark.parametrize("wanted", [[], [AS_IPV6], [(A.ADDITIONAL_ADDRESS_FAMILY, IPV6)]])
def test_a3_an_ipv4_peer_in_ipv6_clothes_is_of_no_family_we_relay(
    host: str, wanted: list[tuple[int, bytes]]
) -> None:
    """A3: whatever it hides, and whatever the allocation has."""
    alice = Play().client()
    alice.allocates(*wanted)
    assert alice.permits((host, 5000)).error == 443
    assert alice.binds(0x4000, (host, 5000)).error == 443


def test_without_an_allocation_there_is_nothing_to_permit() -> None:
    play = Play()
    assert play.client().permits(play.peer()).error == 437


def test_d15_a_permission_lasts_five_minutes() -> None:
    """D15, section 9: both directions stop, to the second."""
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates()
    alice.permits(bob)
    play.later(299)
    alice.sends(bob, b"1")
    bob.says(b"1", to=alice.relayed)
    play.later(1)
    alice.sends(bob, b"2")
    bob.says(b"2", to=alice.relayed)
    assert bob.hears() == [(alice.relayed, b"1")]
    assert alice.hears() == [(bob.address, b"1")]


def test_a_permission_is_refreshed_by_the_request_and_not_by_data() -> None:
    play = Play()
    alice, bob = play.client(), play.peer()
    alice.allocates()
    alice.permits(bob)
    play.later(200)
    alice.permits(bob)
    play.later(200)
    alice.sends(bob, b"still")
    bob.says(b"still", to=alice.relayed)
    assert bob.hears()
    assert alice.hears()
    play.later(100)
    alice.sends(bob, b"over")
    assert bob.hears() == []


def test_permissions_of_one_allocation_are_not_those_of_another() -> None:
    play = Play()
    alice, carol, bob = play.client("alice"), play.client("carol"), play.peer()
    alice.allocates()
    carol.allocates()
    alice.permits(bob)
    carol.sends(bob, b"mine as well?")
    bob.says(b"who is it?", to=carol.relayed)
    assert bob.hears() == []
    assert carol.hears() == []


def test_c6_unknown_attributes_install_nothing() -> None:
    alice = Play().client()
    alice.allocates()
    named = (A.XOR_PEER_ADDRESS, bytes((0, 1, 0, 0, 53, 18, 164, 67)))
    assert alice.gets(Method.CREATE_PERMISSION, named, (0x7FFF, b"")).error == 420
    assert alice.allocation.permissions == {}
