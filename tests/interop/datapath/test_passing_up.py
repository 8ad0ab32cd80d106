"""What the kernel leaves to Python, packet by packet; the result is right either way."""

import os
import socket
import struct
from collections.abc import Iterator

import pytest

from tests.interop.datapath.site import CHANNEL, Crossing
from tests.interop.datapath.ways import Way, switched

pytestmark = pytest.mark.interop

MTU, NARROW = 1500, 1400
HEADERS = {False: 28, True: 48}
"""Octets of IP and UDP, by whether it is IPv6."""
FRAME = 4
"""Octets of ChannelData's header."""
IP_OPTIONS = (socket.IPPROTO_IP, socket.IP_OPTIONS, b"\1\1\1\1")
"""No operations (RFC 791 section 3.1)."""
DESTINATION_OPTIONS = (socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, b"\0\0\1\4\0\0\0\0")
"""An extension header with padding (RFC 8200 section 4.6)."""
SO_NO_CHECK = 11
UDP_NO_CHECK6_TX = 101
DATA = bytes(range(160))


@pytest.fixture
def way(site: Crossing, v6: bool) -> Way:
    return Way(site, v6=v6)


@pytest.fixture
def way_4(site: Crossing) -> Way:
    return Way(site, v6=False)


def test_what_fits_flies_and_an_octet_more_arrives_all_the_same(way: Way, v6: bool) -> None:
    """D18: MTU guard, as a packet to the client grows by the header of ChannelData."""
    most = MTU - HEADERS[v6] - FRAME
    for size, flies in ((most, True), (most + 1, False), (most + FRAME, False)):
        assert way.flies_down(os.urandom(size)) is flies, size


@pytest.fixture
def narrow(site: Crossing) -> Iterator[int]:
    """Make the peers' cable carry less than the clients'."""
    device = ("link", "set", "peers", "mtu")
    site.network.server.ip(*device, str(NARROW))
    yield NARROW
    site.network.server.ip(*device, str(MTU))


def test_a_narrow_way_to_peers_is_guarded_too(site: Crossing, narrow: int, v6: bool) -> None:
    """D18: MTU guard towards peers, whose network has another MTU."""
    way, most = Way(site, v6=v6), narrow - HEADERS[v6]
    # That an interface has changed is noticed within a second.
    site.relay.until(lambda: not way.flies_up(os.urandom(most + 1)))
    assert way.flies_up(os.urandom(most))
    assert not way.flies_up(os.urandom(most + 1))


def test_fragments_are_put_together_by_the_server(way: Way) -> None:
    """D18: passed up unchanged."""
    data = os.urandom(2500)
    assert not way.flies_up(data)
    assert not way.flies_down(data)


def test_packets_with_ip_options_are_relayed_by_python(way: Way, v6: bool) -> None:
    """D18: passed up unchanged; so are those with extension headers of IPv6."""
    option = DESTINATION_OPTIONS if v6 else IP_OPTIONS
    mine, theirs = way.sockets

    def say(data: bytes) -> None:
        with switched(mine, *option, usual=b""):
            way.says(data)

    def answer(data: bytes) -> None:
        with switched(theirs, *option, usual=b""):
            way.is_answered(data)

    assert not way.flies_up(DATA, say)
    assert not way.flies_down(DATA, answer)


def test_a_checksum_of_zero_stays_zero(way_4: Way) -> None:
    """D18, RFC 768: it was not made, which IPv4 allows; the packet flies as it is."""
    packets = way_4.site.packets()

    def say(data: bytes) -> None:
        with switched(way_4.sockets[0], socket.SOL_SOCKET, SO_NO_CHECK, 1):
            way_4.says(data)

    assert way_4.flies_up(DATA, say)
    (checksum,) = {each[26:28] for each in packets.seen() if each.endswith(DATA)}
    assert checksum == b"\0\0"


def test_ipv6_without_a_checksum_is_nobodys(site: Crossing) -> None:
    """D18, RFC 8200 section 8.1: it is dropped, and not sent on with one."""
    way = Way(site, v6=True)

    def say() -> None:
        with switched(way.sockets[0], socket.IPPROTO_UDP, UDP_NO_CHECK6_TX, 1):
            way.says(DATA)

    way.nobody_hears(say)


def test_octets_behind_the_stated_length_are_no_data(way: Way) -> None:
    """RFC 8656 section 12.5: over UDP padding is allowed; Python cuts it off."""

    def padded(data: bytes) -> None:
        way.caller.carries(struct.pack(">HH", CHANNEL, len(data)) + data + b"\0")

    assert not way.flies_up(DATA, padded)


def test_a_stated_length_that_is_not_there_is_dropped(way: Way) -> None:
    """C2: here as there."""
    cut = struct.pack(">HH", CHANNEL, len(DATA) + 1) + DATA
    way.nobody_hears(lambda: way.caller.carries(cut))


def test_a_channel_nobody_has_bound_leads_nowhere(way: Way) -> None:
    way.nobody_hears(lambda: way.caller.says(CHANNEL + 1, DATA))


def test_a_packet_on_its_last_hop_goes_no_further_by_itself(way_4: Way) -> None:
    """D19, RFC 8656 section 15: TTL is counted down, so the kernel cannot send on a 1."""

    def say(data: bytes) -> None:
        with switched(way_4.sockets[0], socket.IPPROTO_IP, socket.IP_TTL, 1, 64):
            way_4.says(data)

    assert not way_4.flies_up(DATA, say)


def test_marks_of_service_and_congestion_stay_and_hops_are_counted(way_4: Way) -> None:
    """D19, RFC 8656 section 15: DSCP and ECN as they came, one hop less."""
    expedited_and_ecn, hops = 0xB9, 40
    packets = way_4.site.packets()
    sock = way_4.sockets[0]
    with (
        switched(sock, socket.IPPROTO_IP, socket.IP_TOS, expedited_and_ecn),
        switched(sock, socket.IPPROTO_IP, socket.IP_TTL, hops, 64),
    ):
        assert way_4.flies_up(DATA)
    (found,) = {(each[1], each[8]) for each in packets.seen() if each.endswith(DATA)}
    assert found == (expedited_and_ecn, hops - 1)


def test_the_same_of_ipv6(site: Crossing) -> None:
    traffic_class, hops = 0xB9, 40
    way = Way(site, v6=True)
    packets, sock = site.packets(), way.sockets[0]
    with (
        switched(sock, socket.IPPROTO_IPV6, socket.IPV6_TCLASS, traffic_class),
        switched(sock, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, hops, 64),
    ):
        assert way.flies_up(DATA)
    seen = {
        ((each[0] << 4 | each[1] >> 4) & 0xFF, each[7])
        for each in packets.seen()
        if each.endswith(DATA)
    }
    assert seen == {(traffic_class, hops - 1)}
