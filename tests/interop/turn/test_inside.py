"""Clients whose peers are clients of ours: data stays within the daemon (checklist A8)."""

import pytest

from tests.interop.turn.caller import Caller
from tests.interop.turn.site import STREAMS, Site

pytestmark = pytest.mark.interop


def meet(one: Caller, other: Caller) -> None:
    assert one.binds(0x4000, other.relayed).ok
    assert other.binds(0x4001, one.relayed).ok


@pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
def test_two_relayed_clients_meet(site: Site, transport: str, v6: bool) -> None:
    """A8: although their peer's address is ours; nothing of it is seen on a network."""
    one, other = site.allocated(transport, v6=v6), site.allocated("udp", v6=v6)
    meet(one, other)
    sniffer = site.sniffer()
    for number in range(20):
        one.says(0x4000, b"ping %d" % number)
        assert other.hear() == (0x4001, b"ping %d" % number)
        other.says(0x4001, b"pong %d" % number)
        assert one.hear() == (0x4000, b"pong %d" % number)
    relays = {one.relayed[1], other.relayed[1]}
    assert not [each for each in sniffer.seen() if relays & {each.source[1], each.target[1]}]


def test_indications_meet_too(site: Site, transport: str) -> None:
    """A8: by Send and Data."""
    one, other = site.allocated(transport), site.allocated("udp")
    assert one.permits(other.relayed).ok
    assert other.permits(one.relayed).ok
    one.sends(other.relayed, b"hello")
    assert other.hear() == (one.relayed, b"hello")


def test_both_sides_have_to_permit(site: Site, transport: str) -> None:
    """A8: the other client decides whom it hears, as ever."""
    one, other = site.allocated(transport), site.allocated("udp")
    assert one.permits(other.relayed).ok
    one.sends(other.relayed, b"hello?")
    one.settle()
    assert other.heard_nothing()


def test_nothing_goes_to_a_relay_address_that_is_nobodys(site: Site, transport: str) -> None:
    """A8: a port without an allocation is none of our relays, and is not asked from outside."""
    caller, gone = site.allocated(transport), site.allocated("udp")
    free = gone.relayed
    assert gone.refreshes(0).ok
    assert caller.permits(free).ok, "the host is where relays are"
    assert caller.binds(0x4000, free).error == 403
    sniffer = site.sniffer()
    caller.sends(free, b"anybody?")
    caller.settle()
    assert not [each for each in sniffer.seen() if each.target == free]
    if transport in STREAMS:
        tcp = site.allocated(transport, tcp=True)
        assert tcp.connects(site.allocated("udp").relayed).error == 403
