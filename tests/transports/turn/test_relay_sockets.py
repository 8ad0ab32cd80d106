"""Relay sockets are opened, deaf, closed, or not to be had."""

import errno
import socket
from contextlib import ExitStack

import pytest
from twisted.logger import capturedLogs

from procall_mobility.protocols.turn.relay_addresses import MOST_TRIES
from procall_mobility.transports.turn.udp_relay import (
    IP_PMTUDISC_DONT,
    open_udp,
    send_again,
)
from tests.interop.turn.stun_codec import Address
from tests.transports.turn.relay_stage import (
    PORTS,
    RelayStage,
    mtu_discovery,
    talking,
)


def test_a_reserved_relay_is_deaf_until_it_is_served(stage: RelayStage) -> None:
    """RFC 8656 section 7.2: the odd port waits for its token; nothing is kept for it."""
    bob = stage.peer()
    wire = stage.sockets.open("127.0.0.1", 0)
    assert wire is not None
    bob.throws(b"too early", wire._socket.getsockname())
    with capturedLogs() as logged:
        stage.hub.doRead()
    assert logged == []
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


def test_a_socket_of_ipv6_leaves_the_port_to_ipv4() -> None:
    """`0.0.0.0` and `[::]` in one list."""
    with open_udp("::", 0, 1 << 16) as sock:
        assert sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1


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
