"""What peers send arrives at clients, and what the network says about it as well."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from procall_mobility.protocols.turn.relay_addresses import MOST_TRIES
from procall_mobility.transports.turn.udp_relay import (
    IP_MTU_DISCOVER,
    IP_PMTUDISC_DO,
    IP_PMTUDISC_DONT,
    IPV6_MTU_DISCOVER,
    MOST_ERRORS,
    open_udp,
    report_errors,
    send_again,
)
from tests.interop.turn.stun_codec import A, Address
from tests.protocols.turn.callers import Client
from tests.transports.turn.relay_stage import PORTS, RelayStage, SocketPeer, counted, relay_stage

SO_TIMESTAMPING, TX_SOFTWARE, SOFTWARE = 37, 2, 16
"""Of linux/net_tstamp.h."""


@pytest.fixture
def stage() -> Iterator[RelayStage]:
    with relay_stage() as made:
        yield made


def talking(stage: RelayStage, subject: str = "alice") -> tuple[Client, SocketPeer]:
    alice, bob = stage.caller(subject), stage.peer()
    assert alice.binds(0x4000, bob).ok
    return alice, bob


def bug(*_: object) -> None:
    raise ZeroDivisionError


def mtu_discovery(sock: socket.socket) -> int:
    if sock.family == socket.AF_INET6:
        return sock.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER)
    return sock.getsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER)


# From peers to clients --------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 5, bytes(65_000)])
def test_what_a_peer_says_takes_the_short_way(
    host: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 8656 section 12.7: past the machine, from the listener's address, and counted."""
    with relay_stage(host) as stage:
        alice, bob = talking(stage)
        monkeypatch.setattr(stage.play.server, "hears_peer", bug)
        bob.says(data, to=alice)
        ((heard, origin),) = alice.line.takes_from()
        assert heard == b"\x40\0" + len(data).to_bytes(2) + data
        assert origin == stage.listener.address[:2]
        assert counted(alice) == (0, 0, 1, len(data))


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


# Sockets ----------------------------------------------------------------------------------


def test_a_reserved_relay_is_deaf_until_it_is_served(stage: RelayStage) -> None:
    """RFC 8656 section 7.2: the odd port waits for its token; nothing is kept for it."""
    bob = stage.peer()
    wire = stage.sockets.open("127.0.0.1", 0)
    assert wire is not None
    bob.throws(b"too early", wire._socket.getsockname())
    stage.hub.doRead()
    with pytest.raises(BlockingIOError):
        wire._socket.recv(100)
    wire.send(b"nobody", ("127.0.0.1", 1), dont_fragment=False)
    wire.failed(stage.play.now)
    wire.close()
    assert len(stage.hub) == 0


def test_a_relay_that_ends_is_closed_and_its_port_free(stage: RelayStage) -> None:
    alice, bob = talking(stage)
    place = stage.wire_of(alice)._socket.getsockname()
    wire = stage.wire_of(alice)
    bob.throws(b"on its way", place)
    assert alice.refreshes(0).ok
    stage.hub.doRead()
    assert alice.hears() == []
    assert wire._socket.fileno() == -1
    open_udp(*place, 1 << 16).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_is_not_to_be_had(stage: RelayStage, host: str) -> None:
    with open_udp(host, 0, 1 << 16) as taken:
        assert stage.sockets.open(*taken.getsockname()[:2]) is None
    assert len(stage.hub) == 0


def test_a_tcp_port_that_is_taken_is_not_to_be_had(stage: RelayStage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert stage.sockets.open_tcp(*taken.getsockname()) is None


def test_a_relay_avoids_ports_that_another_program_has(stage: RelayStage) -> None:
    host = stage.play.allocations.addresses.hosts[0].host
    theirs = range(PORTS[0], PORTS[0] + MOST_TRIES - 1)
    with ExitStack() as taken:
        for port in theirs:
            taken.enter_context(open_udp(host, port, 1 << 16))
        for number in range(5):
            alice = stage.caller(f"caller {number}")
            assert alice.relayed[1] == stage.wire_of(alice)._socket.getsockname()[1]
            assert alice.relayed[1] not in theirs


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_socket_fragments_what_is_too_large(host: str) -> None:
    """RFC 8656 section 14: without DONT-FRAGMENT the bit is clear."""
    with open_udp(host, 0, 1 << 16) as sock:
        assert mtu_discovery(sock) == IP_PMTUDISC_DONT
        assert not sock.getblocking()


def test_both_families_have_the_port() -> None:
    with open_udp("::", 0, 1 << 16) as first:
        open_udp("0.0.0.0", first.getsockname()[1], 1 << 16).close()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(OSError) as raised:
        open_udp("203.0.113.1", 0, 1 << 16)
    assert raised.value.errno == errno.EADDRNOTAVAIL


def test_what_no_datagram_holds_is_lost() -> None:
    with open_udp("127.0.0.1", 0, 1 << 16) as sock:
        send_again(sock.sendto, bytes(65_508), sock.getsockname())
        send_again(sock.sendto, b"fits", sock.getsockname())
        assert sock.recv(65_536) == b"fits"


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOBUFS, errno.EPERM])
def test_an_error_that_lasts_is_nobodys_end(number: int) -> None:
    """A full queue is not asked twice; anything else may be about an earlier datagram."""
    tries = []

    def refuses(data: bytes, address: Address) -> None:
        tries.append(data)
        raise OSError(number, "refused")

    send_again(refuses, b"x", ("192.0.2.1", 9))
    assert len(tries) == (2 if number == errno.EPERM else 1)
