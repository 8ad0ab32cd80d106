"""When what was granted ends (checklist D15), on a clock of the relay's own."""

import pytest

from tests.interop.turn.conftest import StartSite
from tests.interop.turn.site import Site
from tests.interop.turn.stun_codec import A
from tests.interop.turn.turn_client import lifetime

pytestmark = pytest.mark.interop

PERMISSION, CHANNEL, ALLOCATION = 300, 600, 600
BEFORE = 20
"""Seconds before an end at which it has not come yet, as the clock goes on by itself, too."""
AFTER = BEFORE + 1


@pytest.fixture(scope="module")
def aging(request: pytest.FixtureRequest) -> Site:
    """A relay whose clock these tests move."""
    start: StartSite = request.getfixturevalue("start_module_site")
    return start(clock=True)


@pytest.mark.parametrize("kind", ["permission", "channel"])
def test_nothing_is_relayed_after_a_permission(aging: Site, transport: str, kind: str) -> None:
    """D15: neither way, by indications nor on a channel that is still bound."""
    site = aging
    caller, peer, witness = site.allocated(transport, lifetime(3600)), site.peer(), None
    if kind == "channel":
        assert caller.binds(0x4000, peer.address).ok
    else:
        assert caller.permits(peer.address).ok

    def say(data: bytes) -> None:
        if kind == "channel":
            caller.says(0x4000, data)
        else:
            caller.sends(peer.address, data)

    site.advance(PERMISSION - BEFORE)
    say(b"in time")
    assert peer.hear()[0] == b"in time"
    peer.say(b"in time", caller.relayed)
    assert caller.hear()[1] == b"in time"
    site.advance(AFTER)
    say(b"too late")
    caller.settle()
    assert peer.heard() == []
    witness = site.peer("52.0.0.2")
    assert caller.permits(witness.address).ok
    peer.say(b"too late", caller.relayed)
    witness.say(b"just permitted", caller.relayed)
    assert caller.hear() == (witness.address, b"just permitted")
    assert caller.refreshes(0).ok


def test_nothing_is_relayed_on_a_channel_after_its_binding(aging: Site, transport: str) -> None:
    """D15: although the permission goes on; data comes in an indication then."""
    site = aging
    caller, peer = site.allocated(transport, lifetime(3600)), site.peer()
    assert caller.binds(0x4000, peer.address).ok
    for _ in range(2):
        site.advance(PERMISSION - 2 * BEFORE)
        assert caller.permits(peer.address).ok
    site.advance(CHANNEL - 2 * (PERMISSION - 2 * BEFORE) - BEFORE)
    caller.says(0x4000, b"in time")
    assert peer.hear()[0] == b"in time"
    peer.say(b"in time", caller.relayed)
    assert caller.hear() == (0x4000, b"in time")
    site.advance(AFTER)
    caller.says(0x4000, b"too late")
    caller.settle()
    assert peer.heard() == []
    peer.say(b"permitted", caller.relayed)
    assert caller.hear() == (peer.address, b"permitted")
    assert caller.refreshes(0).ok


def test_an_allocation_ends(aging: Site, transport: str) -> None:
    """D15: in time, with its relay; a refresh would have prolonged it."""
    site = aging
    caller, peer = site.allocated(transport), site.peer()
    assert caller.binds(0x4000, peer.address).ok
    site.advance(ALLOCATION - BEFORE)
    assert caller.refreshes().number(A.LIFETIME) == ALLOCATION
    site.advance(ALLOCATION - BEFORE)
    assert len(site.relay.sessions()) == 1
    site.advance(AFTER)
    assert site.relay.sessions() == []
    # The port is nobody's: the network itself refuses what comes there.
    peer.socket.connect(caller.relayed)
    peer.socket.send(b"too late")
    with pytest.raises(ConnectionRefusedError):
        peer.hear()


def test_one_of_two_families_may_end_alone(aging: Site, transport: str) -> None:
    """D15: RFC 8656 section 8.2; the other goes on."""
    site = aging
    caller = site.allocated(transport, (A.ADDITIONAL_ADDRESS_FAMILY, b"\2\0\0\0"))
    assert len(caller.relays) == 2
    four, six = site.peer(), site.peer("2a00:52::1")
    assert caller.binds(0x4000, four.address).ok
    assert caller.binds(0x4001, six.address).ok
    assert caller.refreshes(0, (A.REQUESTED_ADDRESS_FAMILY, b"\2\0\0\0")).ok
    caller.says(0x4001, b"gone")
    caller.says(0x4000, b"still there")
    assert four.hear()[0] == b"still there"
    assert six.heard() == []
    assert caller.binds(0x4001, six.address).error == 443
    assert caller.refreshes(0).ok


def test_lifetimes_are_bounded(aging: Site, transport: str) -> None:
    """D15: RFC 8656 section 7.2: not below ten minutes nor above what the operator allows."""
    caller = aging.caller(transport)
    for wanted, granted in ((1, 600), (600, 600), (1200, 1200), (2**32 - 1, 3600)):
        answer = caller.allocates(lifetime(wanted))
        assert answer.number(A.LIFETIME) == granted
        assert caller.refreshes(wanted).number(A.LIFETIME) == granted
        assert caller.refreshes(0).number(A.LIFETIME) == 0
