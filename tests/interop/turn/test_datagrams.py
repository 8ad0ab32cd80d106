"""Packets as the network sees them (checklist D14, D19, D20)."""

import socket
import struct
import time

import pytest

from tests.interop.turn.conftest import StartSite, Volume
from tests.interop.turn.servers import CUSTOMER
from tests.interop.turn.site import TRANSPORTS, Site
from tests.interop.turn.stun_codec import A, Address

pytestmark = pytest.mark.interop

IP_RECVTTL = 12
RATE = 20_000


def test_a_users_traffic_has_a_bound_in_both_directions(start_site: StartSite) -> None:
    """D14: what is over it is dropped, and nobody else is slowed down."""
    limits = {"user_octets_per_second": RATE}
    site = start_site(limits=limits, customers=(CUSTOMER, "other"))
    calm, friend = site.allocated(identity=site.user_of("other")), site.peer("52.0.0.2")
    assert calm.binds(0x4000, friend.address).ok
    for transport in TRANSPORTS:
        caller, peer = site.allocated(transport), site.peer()
        assert caller.binds(0x4000, peer.address).ok
        began = time.monotonic()
        for number in range(100):
            caller.says(0x4000, bytes(1000))
            peer.say(bytes(1000), caller.relayed)
            if number % 10 == 0:
                calm.says(0x4000, b"calm")
                assert friend.hear()[0] == b"calm"
        caller.settle()
        heard = [sum(map(len, peer.heard())), sum(len(data) for _, data in caller.heard)]
        # A second's worth at once, and then what grows meanwhile.
        most = RATE * (1 + time.monotonic() - began) + 1000
        assert RATE / 2 < heard[0] <= most
        assert heard[1] <= most
        assert caller.refreshes(0).ok


def test_relayed_packets_may_travel_far(site: Site, transport: str) -> None:
    """D19: no TTL of 1, whatever the client's was, and no class of service taken over."""
    caller, peer = site.allocated(transport), site.peer()
    if transport == "udp":
        caller.wire.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 2)
        caller.wire.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0xB8)
    peer.socket.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
    peer.socket.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    assert caller.binds(0x4000, peer.address).ok
    caller.says(0x4000, b"on a channel")
    caller.sends(peer.address, b"by indication")
    for _ in range(2):
        peer.socket.settimeout(10)
        _, ancillary, _, _ = peer.socket.recvmsg(2048, 512)
        said = {kind: int.from_bytes(data[:4], "little") for _, kind, data in ancillary}
        assert said[socket.IP_TTL] >= 64
        assert said[socket.IP_TOS] & 0xFF == 0


def test_a_client_hears_that_its_peer_is_not_there(site: Site, transport: str) -> None:
    """D20: ICMP in a Data indication (RFC 8656 section 11.5)."""
    caller = site.allocated(transport)
    nobody = ("52.0.0.7", 4711)
    assert caller.permits(nobody).ok
    caller.sends(nobody, b"anybody?")
    told = caller.indication()
    assert told.address(A.XOR_PEER_ADDRESS) == nobody
    assert told.number(A.ICMP) == 3 << 9 | 3, "destination unreachable: port"
    assert not told.has(A.DATA)


def test_ipv6_has_unreachable_peers_too(site: Site, transport: str) -> None:
    """D20: with the numbers of ICMPv6."""
    caller = site.allocated(transport, v6=True)
    nobody = ("2a00:52::7", 4711)
    assert caller.permits(nobody).ok
    caller.sends(nobody, b"anybody?")
    told = caller.indication()
    assert told.address(A.XOR_PEER_ADDRESS) == nobody
    assert told.number(A.ICMP) == 1 << 9 | 4


def unreachable(relayed: Address, peer: Address) -> bytes:
    """A packet: ICMP port unreachable about a datagram from a relay to a peer."""
    inner = _ip(17, relayed[0], peer[0], 8) + struct.pack(">HHHH", relayed[1], peer[1], 8, 0)
    body = struct.pack(">BBHI", 3, 3, 0, 0) + inner
    body = body[:2] + struct.pack(">H", _checksum(body)) + body[4:]
    return _ip(1, peer[0], relayed[0], len(body)) + body


def _ip(protocol: int, source: str, target: str, size: int) -> bytes:
    hosts = socket.inet_aton(source) + socket.inet_aton(target)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, 0, 0, 64, protocol, 0) + hosts
    return head[:10] + struct.pack(">H", _checksum(head)) + head[12:]


def _checksum(data: bytes) -> int:
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def test_forged_errors_are_told_to_nobody(site: Site, transport: str, volume: Volume) -> None:
    """D20: without a permission for their peer, and not without end for one that has it."""
    caller, peer = site.allocated(transport), site.peer()
    assert caller.permits(peer.address).ok
    raw = site.opened.enter_context(site.box.raw(socket.IPPROTO_ICMP))
    stranger = ("52.0.0.8", 4711)
    relayed = caller.relayed
    for _ in range(10):
        raw.sendto(unreachable(relayed, stranger), (relayed[0], 0))
    raw.sendto(unreachable((relayed[0], relayed[1] ^ 1), peer.address), (relayed[0], 0))
    peer.say(b"after them", relayed)
    assert caller.hear() == (peer.address, b"after them")
    assert not caller.told
    for _ in range(volume(1000)):
        raw.sendto(unreachable(relayed, peer.address), (relayed[0], 0))

    def comes_through() -> bool:
        # A relay that is slow has no room for data beside so many of them.
        peer.say(b"after those", relayed)
        return (peer.address, b"after those") in list(caller.arrived())

    site.relay.until(comes_through)
    assert 0 < len(caller.told) <= 300
    assert {each.address(A.XOR_PEER_ADDRESS) for each in caller.told} == {peer.address}
