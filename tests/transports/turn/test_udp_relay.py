"""What peers send arrives at clients, and what the network says about it as well."""

import socket

import pytest

from procall_mobility.transports.turn.udp_relay import (
    IP_PMTUDISC_DO,
    IP_PMTUDISC_DONT,
    MOST_ERRORS,
    report_errors,
)
from tests.interop.turn.stun_codec import A, Address
from tests.transports.turn.relay_stage import (
    RelayStage,
    counted,
    mtu_discovery,
    relay_stage,
    talking,
)

SO_TIMESTAMPING, TX_SOFTWARE, SOFTWARE = 37, 2, 16
"""Of linux/net_tstamp.h."""


def bug(*_: object) -> None:
    raise ZeroDivisionError


# From peers to clients --------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 5, bytes(65_000)])
def test_what_a_peer_says_takes_the_short_way(
    host: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 8656 section 12.7: past the machine, from the listener's address, and counted."""
    with relay_stage(host) as stage:
        alice, bob = talking(stage)
        bob.says(b"ring", to=alice)  # Takes an allowance out of the shared buckets.
        alice.line.takes_from()
        monkeypatch.setattr(stage.play.server, "hears_peer", bug)
        bob.says(data, to=alice)
        ((heard, origin),) = alice.line.takes_from()
        assert heard == b"\x40\0" + len(data).to_bytes(2) + data
        assert origin == stage.listener.address[:2]
        assert counted(alice) == (0, 0, 2, 4 + len(data))


def test_what_could_have_been_carried_takes_the_short_way_and_is_told(stage: RelayStage) -> None:
    """Of a channel that nobody carries nothing is told."""
    alice, bob = talking(stage)
    flows, allocation = stage.play.flows, alice.allocation
    bob.says(b"ring", to=alice)
    heard, hears = [], stage.play.server.hears_peer
    stage.play.server.hears_peer = lambda *what: heard.append(what)
    for word in (b"one", b"two"):
        bob.throws(word, stage.wire_of(alice).address)
    bob.says(b"three", to=alice)
    stage.play.server.hears_peer = hears
    assert heard == []
    assert [data for _, data in alice.hears()] == [b"ring", b"one", b"two", b"three"]
    assert counted(alice) == (0, 0, 4, 4 + 3 + 3 + 5)
    assert flows.spent_by == [allocation.id] * 4
    flows.drop(allocation.channels[0x4000])
    bob.says(b"and on", to=alice)
    assert len(flows.spent_by) == 4


def test_the_socket_has_another_address_than_peers_see(stage: RelayStage) -> None:
    """Behind a 1:1 NAT; packets that come in for the socket carry its own."""
    wire = stage.wire_of(stage.caller())
    assert wire.address == wire._socket.getsockname()


def test_without_a_channel_it_comes_in_an_indication(stage: RelayStage) -> None:
    """RFC 8656 section 11.3."""
    alice, bob = stage.caller(), stage.peer()
    assert alice.permits(bob).ok
    bob.says(b"hello", to=alice)
    assert alice.hears() == [(bob.address, b"hello")]
    assert counted(alice) == (0, 0, 1, 5)


def test_another_port_of_the_peer_is_another_peer(stage: RelayStage) -> None:
    """A channel is bound to host and port; the permission is for the host."""
    alice, bob = talking(stage)
    other = stage.peer()
    other.says(b"from beside", to=alice)
    bob.says(b"hello", to=alice)
    assert alice.hears() == [(other.address, b"from beside"), (0x4000, b"hello")]


def test_whoever_is_not_permitted_is_not_heard(stage: RelayStage) -> None:
    """A14: no indication, and nothing counted."""
    alice, bob = stage.caller(), stage.peer()
    bob.says(b"let me in", to=alice)
    assert alice.hears() == []
    assert stage.counters["no-permission"] == 1
    assert counted(alice) == (0, 0, 0, 0)


def test_a_channel_whose_permission_has_expired_is_silent(stage: RelayStage) -> None:
    """D15: towards the client too."""
    alice, bob = talking(stage)
    stage.play.later(299)
    bob.says(b"1", to=alice)
    stage.play.later(1)
    bob.says(b"2", to=alice)
    assert alice.hears() == [(0x4000, b"1")]
    assert stage.counters["no-permission"] == 1


def test_the_short_way_is_bounded_as_well() -> None:
    """D14: what is too much is dropped and not counted as relayed."""
    with relay_stage(user_octets_per_second=10_000.0) as stage:
        alice, bob = talking(stage)
        for _ in range(30):
            bob.says(bytes(1000), to=alice)
        assert len(alice.hears()) == 10
        assert stage.counters["over-rate"] == 20
        assert counted(alice) == (0, 0, 10, 10_000)


def test_a_client_that_is_nowhere_hears_nothing(stage: RelayStage) -> None:
    """RFC 8016: its connection is gone, and it may come back."""
    alice, bob = talking(stage)
    alice.allocation.path = None
    bob.says(b"are you there?", to=alice)
    assert alice.line.takes() == []
    assert stage.counters["no-permission"] == 1


def test_a_client_that_refused_does_not_cost_another_its_datagram(stage: RelayStage) -> None:
    """The kernel reports the error of an earlier datagram when the next one is sent."""
    report_errors(stage.listener._socket)
    (gone, bob), (alice, carol) = talking(stage, "gone"), talking(stage)
    relay = stage.wire_of(gone)._socket.getsockname()
    gone.line.vanishes()
    bob.throws(b"anybody?", relay)
    stage.hub.doRead()
    carol.says(b"hello", to=alice)
    assert alice.hears() == [(0x4000, b"hello")]


# What the network reports -----------------------------------------------------------------


@pytest.mark.parametrize(("host", "unreachable"), [("127.0.0.1", 3 << 9 | 3), ("::1", 1 << 9 | 4)])
def test_d20_a_refused_datagram_is_told(host: str, unreachable: int) -> None:
    """D20, RFC 8656 section 11.5: port unreachable, with the peer; and the relay goes on."""
    with relay_stage(host) as stage:
        (alice, bob), gone = talking(stage), stage.peer()
        address = gone.address
        assert alice.permits(gone).ok
        gone.vanishes()
        alice.sends(address, b"anybody?")
        stage.hub.doRead()
        (told,) = alice.told()
        assert told.address(A.XOR_PEER_ADDRESS) == address
        assert told.must(A.ICMP) == bytes(2) + unreachable.to_bytes(2) + bytes(4)
        bob.says(b"hello", to=alice)
        assert alice.hears() == [(0x4000, b"hello")]


def test_d20_of_many_errors_the_client_is_told_one(stage: RelayStage) -> None:
    """D20: reports are read some at a time, until the queue is empty."""
    (alice, _), gone = talking(stage), stage.peer()
    address = gone.address
    gone.vanishes()
    for _ in range(MOST_ERRORS + 2):
        alice.sends(address, b"anybody?")
    stage.hub.doRead()
    assert len(alice.told()) == 1
    stage.play.later(1)
    stage.hub.doRead()
    assert len(alice.told()) == 1, "those that were left, after a while"
    stage.play.later(1)
    stage.hub.doRead()
    assert alice.told() == []


def test_d20_what_else_the_kernel_reports_is_no_business_of_clients(stage: RelayStage) -> None:
    """D20: timestamps of what was sent come the same way."""
    alice, bob = talking(stage)
    wire = stage.wire_of(alice)
    wire._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, TX_SOFTWARE | SOFTWARE)
    alice.says(0x4000, b"hello")
    assert bob.takes() == [b"hello"]
    wire.failed(stage.play.now)
    with pytest.raises(BlockingIOError):
        wire._socket.recvmsg(0, 512, socket.MSG_ERRQUEUE)
    assert alice.told() == []


def test_an_error_does_not_stop_the_reading(stage: RelayStage) -> None:
    (alice, bob), gone = talking(stage), stage.peer()
    assert alice.binds(0x4001, gone).ok
    relay = stage.wire_of(alice)._socket.getsockname()
    gone.vanishes()
    alice.says(0x4001, b"anybody?")
    bob.throws(b"hello", relay)
    stage.wire_of(alice).read(stage.play.now, 2)
    assert alice.hears() == [(0x4000, b"hello")]


# From clients to peers --------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_dont_fragment_is_for_one_datagram(host: str) -> None:
    """RFC 8656 section 14: set while it is sent, and not for the channels' short way."""
    with relay_stage(host) as stage:
        alice, bob = talking(stage)
        wire, seen = stage.wire_of(alice), []
        sock = wire._socket

        def sendto(data: bytes, peer: Address) -> None:
            seen.append(mtu_discovery(sock))
            sock.sendto(data, peer)

        wire.sendto = sendto
        for dont_fragment in (True, False):
            wire.send(b"hello", bob.socket.getsockname(), dont_fragment=dont_fragment)
        assert seen == [IP_PMTUDISC_DO, IP_PMTUDISC_DONT]
        assert mtu_discovery(sock) == IP_PMTUDISC_DONT
        assert bob.takes() == [b"hello"] * 2


def test_dont_fragment_ends_when_nothing_could_be_sent(stage: RelayStage) -> None:
    alice, bob = talking(stage)
    wire = stage.wire_of(alice)
    wire.sendto = bug
    with pytest.raises(ZeroDivisionError):
        wire.send(b"hello", bob.socket.getsockname(), dont_fragment=True)
    assert mtu_discovery(wire._socket) == IP_PMTUDISC_DONT


def test_a_client_may_ask_for_it(stage: RelayStage) -> None:
    alice, bob = stage.caller(), stage.peer()
    assert alice.permits(bob).ok
    alice.sends(bob, b"hello", (A.DONT_FRAGMENT, b""))
    assert bob.takes() == [b"hello"]
