"""Other languages at the relay's ports (checklist C9, C12, C13)."""

import struct

import pytest

from tests.interop.turn.conftest import StartSite
from tests.interop.turn.site import STREAMS, Site
from tests.interop.turn.stun_codec import Method, message
from tests.interop.turn.wires import StreamWire, is_cut_off

pytestmark = pytest.mark.interop

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def proxied(source: str, *, more: bytes = b"", declared: int | None = None) -> bytes:
    """A header of the PROXY protocol, version 2, for TCP over IPv4."""
    addresses = bytes(map(int, source.split("."))) + bytes(4) + struct.pack(">HH", 4711, 443)
    length = len(addresses + more) if declared is None else declared
    return SIGNATURE + b"\x21\x11" + struct.pack(">H", length) + addresses + more


FOREIGN = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP POST": b"POST /logon HTTP/1.1\r\nContent-Length: 65536\r\n\r\nuname=admin",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "PROXY v1": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
    "PROXY v2": proxied("53.9.9.9"),
    "PROXY v2 whose TLV overflows": proxied("53.9.9.9", more=b"\x01\xff\xff", declared=0xFFFF),
    "TLS": b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03" + bytes(64),
    "SSH": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "DTLS": b"\x16\xfe\xfd" + bytes(60),
    "RTP": b"\x80\x60" + bytes(40),
    "ROSE": b'{"invoke": {}}',
    "channel data first": b"\x40\x00\x00\x04abcd",
    "a channel that is none": b"\x50\x00\x00\x04abcd",
    "zeros": bytes(64),
    "ones": b"\xff" * 64,
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_neither_stun_nor_turn_is_closed(site: Site, what: str) -> None:
    """C9, C12, C13: on the plain TCP port, without an answer."""
    plain = site.connected("tcp")
    plain.sendall(FOREIGN[what])
    assert is_cut_off(plain)


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("door", ["tls", "alpn"])
def test_the_same_within_tls_is_closed(site: Site, door: str, what: str) -> None:
    """C9, C12, C13: what TLS was made for is known, and nothing else is looked for."""
    wire = site.stream(door)
    wire.send(FOREIGN[what])
    assert is_cut_off(wire.socket)


def test_what_looks_like_data_after_a_message_is_closed_at_the_deadline(
    start_site: StartSite,
) -> None:
    """C9, C12: GET is of channel 0x4745, and the rest of it may come; so must an allocation."""
    site = start_site(clock=True)
    callers = [site.caller(door) for door in STREAMS]
    for caller in callers:
        caller.settle()
        caller.wire.send(FOREIGN["HTTP"])
    site.advance(15)
    assert not any(is_cut_off(caller.wire.socket, seconds=0.001) for caller in callers)
    site.advance(16)
    assert all(is_cut_off(caller.wire.socket) for caller in callers)


FIRST_OCTETS = {
    "ZRTP": range(16, 20), "DTLS": range(20, 64), "channels": range(64, 80),
    "old channels": range(80, 128), "RTP": range(128, 192), "QUIC": range(192, 256),
    "none": range(4, 16),
}  # fmt: skip


@pytest.mark.parametrize("what", FIRST_OCTETS)
def test_datagrams_of_other_protocols_are_dropped_and_counted(site: Site, what: str) -> None:
    """C9: the table of RFC 7983 and RFC 9443; none is answered."""
    caller = site.caller()
    before = sum(site.relay.counters().values())
    for first in FIRST_OCTETS[what]:
        caller.wire.send(bytes([first]) + b"\xfe\xfd\x04" + bytes(40))
    caller.settle()
    after = sum(site.relay.counters().values())
    assert after - before >= len(FIRST_OCTETS[what])


def test_a_proxy_is_believed_where_it_was_configured(start_site: StartSite) -> None:
    """C13: the client is whom it names; whatever is wrong with its header ends the connection."""
    site = start_site(proxy_from=["53.200.0.0/16"])
    host = "53.200.0.1"
    for door in ("tcp", "tls", "alpn"):
        plain = site.connected(door, host)
        plain.sendall(proxied("53.7.7.7"))
        wire = StreamWire(plain)
        if door != "tcp":
            context = site.tls_context()
            context.set_alpn_protocols(["stun.turn"])
            wire = StreamWire(site.opened.enter_context(context.wrap_socket(plain)))
        wire.send(message(Method.BINDING))
        assert site.mapped(wire.receive()) == ("53.7.7.7", 4711)
        for header in (
            proxied("53.7.7.7", more=b"\x01\xff\xff"),
            proxied("53.7.7.7", declared=3),
            message(Method.BINDING),
            b"PROXY TCP4 53.7.7.7 53.7.7.8 1 2\r\n",
        ):
            plain = site.connected(door, host)
            plain.sendall(header)
            assert is_cut_off(plain), header
        plain = site.connected(door)
        plain.sendall(proxied("53.7.7.7"))
        assert is_cut_off(plain), "from elsewhere it is no header"
