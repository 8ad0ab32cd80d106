"""What the peer policy does to requests and to data (A1, A2, A6, A11, A13, A14)."""

import pytest

from tests.interop.turn.stun_codec import IPV6, A
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import BOUND, LISTENING, Play

AS_IPV6 = (A.REQUESTED_ADDRESS_FAMILY, IPV6)
GOOD, DENIED = ("20.0.0.1", 5000), ("10.0.0.7", 5000)


def allocated(play: Play, host: str = "") -> Client:
    alice = play.client()
    alice.allocates(*([AS_IPV6] if ":" in host else []))
    return alice


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.255.255.254", "::1",  # A1.
        "0.0.0.0", "0.1.2.3", "::",  # A2.
        "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",  # A4.
        "64:ff9b:1::7f00:1", "2001:0:7f00:1::", "::ffff:0:7f00:1", "::5efe:7f00:1",  # A5.
        "169.254.169.254", "fe80::1", "fc00::1", "fec0::1", "100.64.0.1", "10.0.0.1",  # A6.
        "172.16.0.1", "192.168.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "ff02::1",
        "198.51.100.1", "2001:db8::9",
        BOUND, LISTENING[0],  # A7.
    ],
)  # fmt: skip
def test_a1_to_a7_addresses_that_are_not_public_are_forbidden(host: str) -> None:
    """A1, A2, A4, A5, A6, A7: 403 to CreatePermission and ChannelBind, and no packet leaves."""
    play = Play()
    alice = allocated(play, host)
    assert alice.permits((host, 5000)).error == 403
    assert alice.binds(0x4000, (host, 5000)).error == 403
    alice.sends((host, 5000), b"x")
    assert not any(play.sockets.mail.values())
    assert alice.allocation.permissions == {}
    denied = {name: n for name, n in play.counters.items() if name.startswith("peer-denied:")}
    assert sum(denied.values()) == 2


@pytest.mark.parametrize("peers", [(GOOD, DENIED), (DENIED, GOOD), (GOOD, DENIED, GOOD)])
def test_a11_one_denied_peer_denies_the_whole_request(
    peers: tuple[tuple[str, int], ...],
) -> None:
    """A11: in whatever order they are named, none is installed."""
    alice = allocated(Play())
    assert alice.permits(*peers).error == 403
    assert alice.allocation.permissions == {}


def test_a11_and_prolongs_none_that_was_there() -> None:
    play = Play()
    alice = allocated(play)
    alice.permits(GOOD)
    until = dict(alice.allocation.permissions)
    play.later(100)
    assert alice.permits(GOOD, DENIED).error == 403
    assert alice.allocation.permissions == until


def test_a_peer_of_a_wrong_family_spoils_the_whole_request_as_well() -> None:
    alice = allocated(Play())
    assert alice.permits(GOOD, ("2a00::1", 5000)).error == 443
    assert alice.allocation.permissions == {}


def test_a13_a_changed_policy_takes_permissions_and_channels_away_at_once() -> None:
    """A13: and leaves what it still allows."""
    play = Play()
    alice = allocated(play)
    bob, carol = play.peer("20.0.0.1"), play.peer("20.0.1.1")
    alice.binds(0x4000, bob)
    alice.binds(0x4001, carol)
    alice.permits(("20.0.0.2", 0))
    play.policy_changes(deny=["20.0.0.0/24"])
    assert list(alice.allocation.channels) == [0x4001]
    assert list(alice.allocation.permissions) == ["20.0.1.1"]
    assert play.counters["revoked-by-policy"] == 3
    alice.says(0x4000, b"x")
    alice.sends(bob, b"x")
    bob.says(b"y", to=alice.relayed)
    assert bob.hears() == []
    assert alice.hears() == []
    alice.says(0x4001, b"still")
    assert carol.hears() == [(alice.relayed, b"still")]
    assert alice.binds(0x4000, bob).error == 403


def test_a13_a_rule_about_ports_takes_away_the_channels_on_them() -> None:
    play = Play()
    alice = allocated(play)
    bob, other = play.peer("20.0.0.1", 5000), play.peer("20.0.0.1", 5001)
    alice.binds(0x4000, bob)
    alice.binds(0x4001, other)
    alice.sends(bob, b"before")
    bob.hears()
    play.policy_changes(deny=["20.0.0.1:5000"])
    alice.says(0x4000, b"x")
    alice.sends(bob, b"x")
    alice.says(0x4001, b"y")
    assert bob.hears() == []
    assert other.hears() == [(alice.relayed, b"y")]


def test_a13_other_customers_are_not_concerned() -> None:
    play = Play()
    alice = allocated(play)
    carol = play.client("carol", customer="other")
    carol.allocates()
    alice.permits(GOOD)
    carol.permits(GOOD)
    play.policy_changes("acme", deny=["20.0.0.0/8"])
    assert alice.allocation.permissions == {}
    assert list(carol.allocation.permissions) == ["20.0.0.1"]


def test_a13_a_customer_that_becomes_strict_is_held_to_it() -> None:
    """A13, B11: the credential has expired by then, so the allocation ends."""
    play = Play()
    alice = play.client(expires_in=100)
    alice.allocates()
    play.later(200)
    assert play.ended() == []
    play.policy_changes(strict=True)
    play.later(0)
    assert play.ended() == ["credential-expired"]


def test_a14_a_denied_peer_is_not_heard_and_not_counted() -> None:
    """A14: no Data indication, and nothing on the customer's account."""
    play = Play()
    alice = allocated(play)
    alice.permits(GOOD)
    play.peer("10.0.0.7").says(b"psst", to=alice.relayed)
    play.peer("20.0.0.2").says(b"psst", to=alice.relayed)
    assert alice.hears() == []
    assert alice.allocation.received_octets == 0


def test_a14_a_denied_port_of_a_permitted_host_is_not_heard_either() -> None:
    """A14: permissions are for hosts (RFC 8656 section 9), the operator's rules also for ports."""
    play = Play()
    play.tenant(deny=["0.0.0.0/0:53"])
    alice = allocated(play)
    alice.permits(GOOD)
    play.peer("20.0.0.1", 53).says(b"answers nobody asked for", to=alice.relayed)
    alice.sends(("20.0.0.1", 53), b"questions")
    assert alice.hears() == []
    assert alice.allocation.received_octets == alice.allocation.sent_octets == 0
    assert play.counters["peer-denied:denied"] == 2
    play.peer("20.0.0.1", 54).says(b"psst", to=alice.relayed)
    assert alice.hears() == [(("20.0.0.1", 54), b"psst")]


def test_an_operators_rule_opens_a_private_network_on_some_ports() -> None:
    play = Play()
    play.tenant(allow=["10.0.0.0/24:5000-5001"])
    alice = allocated(play)
    assert alice.permits(DENIED).ok
    assert alice.binds(0x4000, DENIED).ok
    assert alice.binds(0x4001, ("10.0.0.7", 5002)).error == 403
    alice.sends(("10.0.0.7", 22), b"ssh?")
    alice.sends(("10.0.0.7", 5001), b"media")
    assert [each for each, mail in play.sockets.mail.items() if mail] == [("10.0.0.7", 5001)]


def test_a_channel_that_is_refused_installs_no_permission() -> None:
    play = Play()
    play.tenant(deny=["20.0.0.1:5000"])
    alice = allocated(play)
    assert alice.binds(0x4000, GOOD).error == 403
    assert alice.allocation.permissions == {}
    assert alice.allocation.channels == {}
