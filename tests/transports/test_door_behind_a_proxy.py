"""Behind a proxy everybody sees the client, of which the proxy tells (PROXY protocol 2)."""

import ipaddress
import struct

from twisted.internet.address import IPv4Address, IPv6Address

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.first_bytes import Language
from procall_mobility.protocols.proxy_protocol import SIGNATURE
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.door import Peer
from tests.transports.conftest import TlsClient, Wire
from tests.transports.house import GET, House


def proxied(source: str, port: int) -> bytes:
    address = ipaddress.ip_address(source)
    packed = address.packed * 2 + struct.pack("!HH", port, 443)
    family = 0x21 if address.version == 6 else 0x11
    return SIGNATURE + struct.pack("!BBH", 0x21, family, len(packed)) + packed


def test_behind_a_proxy_everybody_sees_the_client() -> None:
    house = House(None, plain=(Language.ROSE,), proxies=("10.0.0.0/8",), per_address=1)
    wire = house.call("10.0.0.1")
    wire.hears(proxied("203.0.113.9", 5000) + b"{")
    (inner,) = house.built
    assert inner.peer == Peer("203.0.113.9", 5000, secure=False, proxied=True)
    assert inner.transport.getPeer() == IPv4Address("TCP", "203.0.113.9", 5000)
    assert inner.heard == b"{"
    other = house.call("10.0.0.1")
    other.hears(proxied("2001:db8::9", 5000) + b"{")
    assert house.built[1].transport.getPeer() == IPv6Address("TCP", "2001:db8::9", 5000)
    third = house.call("10.0.0.1")
    third.hears(proxied("203.0.113.9", 5001))
    assert third.aborted
    assert house.reasons() == [Reason.TOO_MANY_CONNECTIONS]
    for each in (wire, other, third):
        each.goes()
    assert house.is_quiet()


def test_behind_a_proxy_tls_sees_the_client_too(certificate: Certificate) -> None:
    house = House(certificate, proxies=("10.0.0.0/8",))
    wire = house.call("10.0.0.1")
    header = proxied("203.0.113.9", 5000)
    for octet in header:
        wire.hears(bytes([octet]))
    TlsClient(wire, [b"http/1.1"]).shake_hands().says(GET)
    (inner,) = house.built
    assert inner.peer == Peer("203.0.113.9", 5000, secure=True, proxied=True)
    assert inner.transport.getPeer() == IPv4Address("TCP", "203.0.113.9", 5000)


def test_a_proxys_own_health_check_keeps_the_proxys_address() -> None:
    house = House(None, proxies=("10.0.0.0/8",))
    wire = house.call("10.0.0.1")
    wire.hears(SIGNATURE + b"\x20\x00\x00\x00" + b"{")
    assert house.built[0].peer == Peer("10.0.0.1", 40_000, secure=False, proxied=False)


def test_a_proxy_must_send_its_header_and_nobody_else_may() -> None:
    house = House(None, proxies=("10.0.0.0/8",))
    wire = house.call("10.0.0.1")
    wire.hears(b"{")
    stranger = house.call("192.0.2.7")
    stranger.hears(proxied("203.0.113.9", 5000))
    assert wire.aborted and stranger.aborted
    assert house.reasons() == [Reason.BAD_PROXY_HEADER, Reason.FRAMING]


def test_a_mapped_proxy_is_known() -> None:
    """A dual-stack socket shows IPv4 peers as ::ffff:10.0.0.1."""
    house = House(None, proxies=("10.0.0.0/8",))
    protocol = house.factory.buildProtocol(IPv6Address("TCP", "::ffff:10.0.0.1", 1))
    wire = Wire().connect(protocol)
    wire.hears(proxied("203.0.113.9", 5000) + b"{")
    assert house.built[0].peer.host == "203.0.113.9"
