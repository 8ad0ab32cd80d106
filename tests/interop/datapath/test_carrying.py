"""Media of bound channels crosses between two networks, and the daemon never wakes."""

from collections.abc import Callable

import pytest

from bench.turn_network import PEERS
from tests.interop.datapath.conftest import INTERFACES
from tests.interop.datapath.site import CHANNEL, Crossing, forwarding
from tests.interop.datapath.ways import crosses
from tests.interop.turn.caller import Caller
from tests.interop.turn.peers import Peer

pytestmark = pytest.mark.interop

VOICE, VIDEO = 160, 1200
SIZES = (1, 3, 20, VOICE, VIDEO, 1400)
AT_ONCE = 50


def exchange(caller: Caller, peer: Peer, size: int, channel: int = CHANNEL) -> None:
    """Send one packet each way."""

    def heard_by_peer(seconds: float) -> bytes:
        data, sender = peer.hear(seconds)
        assert sender == caller.relayed
        return data

    crosses(lambda data: caller.says(channel, data), heard_by_peer, size)
    crosses(lambda data: peer.say(data, caller.relayed), heard(caller, channel), size)


@pytest.mark.parametrize("size", SIZES)
def test_packets_cross_both_ways_while_the_daemon_sleeps(
    site: Crossing, v6: bool, size: int
) -> None:
    """Both directions, IPv4 and IPv6, each octet compared."""
    peer = site.peer_of(v6=v6)
    caller = site.bound(peer, v6=v6)
    with site.asleep():
        for _ in range(20):
            exchange(caller, peer, size)


def test_the_books_tell_what_the_kernel_carried(site: Crossing, v6: bool) -> None:
    """The same statistics as of the Python path, and which of it the kernel carried."""
    before = site.datapath()
    peer = site.peer_of(v6=v6)
    caller = site.bound(peer, v6=v6)
    with site.asleep():
        for _ in range(AT_ONCE):
            caller.says(CHANNEL, bytes(VOICE))
            peer.say(bytes(VIDEO), caller.relayed)
        for _ in range(AT_ONCE):
            assert peer.hear() == (bytes(VOICE), caller.relayed)
            assert caller.hear() == (CHANNEL, bytes(VIDEO))
    found, path = site.session_of(caller), site.datapath()
    assert (path["path"], path["switch"]) == ("kernel", "on")
    assert path["interfaces"] == INTERFACES
    assert (found["carried_channels"], found["carried_packets"]) == (1, 2 * AT_ONCE)
    assert found["carried_octets"] == AT_ONCE * (VOICE + VIDEO)
    assert path["carried_packets"] - before["carried_packets"] == 2 * AT_ONCE
    assert path["channels"] == before["channels"] + 1
    assert found["sent_packets"] == found["received_packets"] == AT_ONCE
    assert found["sent_octets"] == AT_ONCE * VOICE
    assert found["received_octets"] == AT_ONCE * VIDEO


def test_an_idle_daemon_stays_idle(site: Crossing) -> None:
    """Thousands of packets cost it no turn of its own, awake as it is."""
    peer = site.peer()
    caller = site.bound(peer)
    before = site.relay.ticks()
    for _ in range(400):
        for _ in range(AT_ONCE):
            caller.says(CHANNEL, bytes(VOICE))
        for _ in range(AT_ONCE):
            peer.hear()
    # Of ten milliseconds; Python would need some twenty.
    assert site.relay.ticks() - before <= 5


def test_two_clients_talk_to_one_port_of_one_peer(site: Crossing, v6: bool) -> None:
    """Each of them from its own relayed address, and each hears what is meant for it."""
    peer = site.peer_of(v6=v6)
    callers = [site.bound(peer, v6=v6, channel=CHANNEL + number) for number in range(2)]
    with site.asleep():
        for _ in range(20):
            for number, caller in enumerate(callers):
                exchange(caller, peer, VOICE, CHANNEL + number)
        assert not any(list(caller.arrived()) for caller in callers)


def test_one_client_talks_to_many_peers(site: Crossing, v6: bool) -> None:
    """Each on a channel of its own; hosts that are behind a router, as most are."""
    stem = PEERS[v6].partition("/")[0].removesuffix("0")
    peers = [site.peer(f"{stem}{number}", 5000 + number) for number in range(1, 11)]
    caller = site.client(v6=v6)
    for number, peer in enumerate(peers):
        assert caller.binds(CHANNEL + number, peer).ok
    with site.asleep():
        for number, peer in enumerate(peers):
            exchange(caller, peer, VOICE, CHANNEL + number)


def test_two_clients_of_ours_relay_to_each_other(site: Crossing, v6: bool) -> None:
    """Through both of their channels, in one pass."""
    one, other = site.client(v6=v6), site.client(v6=v6)
    assert one.binds(CHANNEL, other.relayed).ok
    assert other.binds(CHANNEL + 1, one.relayed).ok
    with site.asleep():
        for number in range(20):
            crosses(
                lambda data: one.says(CHANNEL, data), heard(other, CHANNEL + 1), VOICE + number
            )
            crosses(lambda data: other.says(CHANNEL + 1, data), heard(one, CHANNEL), VOICE)


def heard(caller: Caller, channel: int) -> Callable[[float], bytes]:
    """Return how to hear something on a channel."""

    def hear(seconds: float) -> bytes:
        number, data = caller.hear(seconds)
        assert number == channel
        return data

    return hear


def test_the_server_never_becomes_a_router(site: Crossing) -> None:
    """`ip_forward` stays 0."""
    peer = site.peer()
    exchange(site.bound(peer), peer, VOICE)
    assert forwarding(site.network.server) == ["0", "0", "0"]
