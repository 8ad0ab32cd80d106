"""Ways out of this machine, as the kernel knows them."""

import socket
import subprocess
from collections.abc import Iterator

import pytest

from procall_mobility.datapath.ports import Route
from procall_mobility.datapath.routes import GOOD_FOR, MOST_KNOWN, Routes
from tests.datapath.namespace import Namespace
from tests.datapath.stage import packed

OWN, OWN6 = packed("203.0.113.1"), packed("2001:db8:1::1")
HOP, HOP6 = packed("203.0.113.254"), packed("2001:db8:1::fe")
FAR, FAR6 = packed("198.51.100.7"), packed("2001:db8:2::7")


@pytest.fixture
def routes(network: Namespace) -> Iterator[Routes]:
    found = network.call(Routes)
    yield found
    found.close()


def up0(network: Namespace) -> int:
    """Return the index of the interface that leads out."""
    return network.call(lambda: socket.if_nametoindex("up0"))


@pytest.mark.parametrize(("to", "own", "hop"), [(FAR, OWN, HOP), (FAR6, OWN6, HOP6)])
def test_the_way_to_a_host_is_an_interface_its_mtu_our_address_and_a_router(
    network: Namespace, routes: Routes, to: bytes, own: bytes, hop: bytes
) -> None:
    expected = Route(up0(network), 1500, own, hop)
    assert routes.find(to, None, 0.0) == routes.find(to, own, 0.0) == expected


@pytest.mark.parametrize("host", ["203.0.113.9", "2001:db8:1::9"])
def test_to_a_neighbour_there_is_no_router(routes: Routes, host: str) -> None:
    found = routes.find(packed(host), None, 0.0)
    assert found is not None
    assert found.hop == packed(host)


def test_a_router_of_the_other_family_is_left_to_the_kernel(
    network: Namespace, routes: Routes
) -> None:
    """RFC 5549: IPv4 by way of an IPv6 router."""
    network.ip("route add 198.51.100.9 via inet6 fe80::9 dev up0")
    found = routes.find(packed("198.51.100.9"), None, 0.0)
    assert found is not None
    assert (found.ifindex, found.hop) == (up0(network), b"")


@pytest.mark.parametrize(
    "host",
    [
        "203.0.113.1",
        "2001:db8:1::1",
        "127.0.0.1",
        "::1",
        "224.0.0.1",
        "255.255.255.255",
        "ff02::1",
    ],
)
def test_what_is_here_or_many_has_no_way(routes: Routes, host: str) -> None:
    """Loopback has no Ethernet header that means anything; groups are no peers."""
    assert routes.find(packed(host), None, 0.0) is None


def test_what_cannot_be_reached_has_no_way(network: Namespace, routes: Routes) -> None:
    network.ip(
        "route add unreachable 198.51.100.7",
        "route add blackhole 198.51.100.8",
        "-6 route add unreachable 2001:db8:2::7",
    )
    for host in ("198.51.100.7", "198.51.100.8", "2001:db8:2::7"):
        assert routes.find(packed(host), None, 0.0) is None
        assert routes.find(packed(host), None, 0.5) is None


def test_not_from_an_address_that_is_not_ours(routes: Routes) -> None:
    assert routes.find(FAR, packed("203.0.113.77"), 0.0) is None


def test_a_tunnel_without_ethernet_headers_is_no_way(network: Namespace, routes: Routes) -> None:
    """The program writes an Ethernet header, or none is right."""
    network.ip(
        "tuntap add tun0 mode tun",
        "addr add 192.0.2.1/32 dev tun0",
        "link set tun0 up",
        "route add 198.51.100.7 dev tun0",
    )
    assert routes.find(FAR, None, 0.0) is None


@pytest.mark.parametrize(
    "route",
    [
        "route add 198.51.100.7 encap ip id 1 dst 192.0.2.5 via 203.0.113.254 dev up0",
        "-6 route add 2001:db8:2::7 encap seg6 mode encap segs fc00::1 dev up0",
    ],
)
def test_a_tunnel_that_a_route_makes_is_no_way(
    network: Namespace, routes: Routes, route: str
) -> None:
    """SRv6, MPLS and their like: the route puts more headers in front, the program does not."""
    try:
        network.ip(route)
    except subprocess.CalledProcessError:
        pytest.skip("this kernel has no such tunnels")
    assert routes.find(FAR6 if route.startswith("-6") else FAR, None, 0.0) is None


def test_the_mtu_of_a_route_counts_if_it_is_less(network: Namespace, routes: Routes) -> None:
    """A path's MTU that was discovered is told the same way."""
    network.ip(
        "route add 198.51.100.7 via 203.0.113.254 mtu 1280",
        "-6 route add 2001:db8:2::7 via 2001:db8:1::fe mtu 1300",
    )
    assert _mtu(routes, FAR) == 1280
    assert _mtu(routes, FAR6) == 1300


def test_policies_choose_by_the_source(network: Namespace, routes: Routes) -> None:
    """A machine with two lines has a routing table for each."""
    network.ip(
        "addr add 192.0.2.1/24 dev up0",
        "route add default via 192.0.2.254 mtu 1400 table 7",
        "rule add from 192.0.2.1 table 7",
    )
    assert _mtu(routes, FAR, OWN) == 1500
    assert _mtu(routes, FAR, packed("192.0.2.1")) == 1400


def test_an_answer_is_good_for_a_second(network: Namespace, routes: Routes) -> None:
    """A path's MTU changes, and nobody tells us."""
    assert _mtu(routes, FAR) == 1500
    network.ip("route add 198.51.100.7 via 203.0.113.254 mtu 1280")
    assert routes.find(FAR, None, GOOD_FOR / 2) == Route(up0(network), 1500, OWN, HOP)
    found = routes.find(FAR, None, GOOD_FOR)
    assert found is not None and found.mtu == 1280


def test_no_more_than_a_bound_is_remembered(routes: Routes) -> None:
    for number in range(MOST_KNOWN + 10):
        routes.find(packed(f"198.18.{number >> 8}.{number & 255}"), None, 0.0)
    assert len(routes._known) == 10


@pytest.mark.parametrize(
    "change",
    [
        "addr add 192.0.2.1/24 dev up0",
        "-6 addr add 2001:db8:7::1/64 dev up0",
        "route add 198.51.100.0/24 via 203.0.113.254",
        "-6 route add 2001:db8:2::/64 via 2001:db8:1::fe",
        "rule add from 192.0.2.1 table 7",
        "-6 rule add from 2001:db8:7::1 table 7",
        "link set up0 mtu 1400",
    ],
)
def test_changes_are_heard_of_once(network: Namespace, routes: Routes, change: str) -> None:
    routes.has_changed()
    assert not routes.has_changed()
    routes.find(FAR, None, 0.0)
    network.ip(change)
    assert routes.has_changed()
    assert not routes.has_changed()
    assert not routes._known


def test_news_that_were_too_many_are_news(network: Namespace, routes: Routes) -> None:
    """A router learns a million routes: the kernel tells that some of the news are lost."""
    routes.has_changed()
    routes._news._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    network.ip(*(f"link set up0 mtu {mtu}" for mtu in range(1300, 1310)))
    assert routes.has_changed()
    assert not routes.has_changed()


def test_an_interface_that_has_gone_is_no_way(network: Namespace, routes: Routes) -> None:
    assert _mtu(routes, FAR) == 1500
    network.ip("link del up0")
    assert routes.find(FAR, None, GOOD_FOR) is None
    assert routes._interface(4711) is None


def _mtu(routes: Routes, to: bytes, source: bytes | None = None) -> int:
    route = routes.find(to, source, 0.0)
    assert route is not None
    return route.mtu
