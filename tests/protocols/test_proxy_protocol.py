"""The header a proxy puts before its client's octets (proxy-protocol.txt, section 2.2)."""

import ipaddress
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.proxy_protocol import (
    FIXED,
    MOST_VARIABLE,
    SIGNATURE,
    ProxyHeader,
    crc32c,
    parse,
)


def header(command: int, family: int, rest: bytes) -> bytes:
    return SIGNATURE + struct.pack("!BBH", 0x20 | command, family, len(rest)) + rest


def addresses(source: str, destination: str, ports: tuple[int, int]) -> bytes:
    packed = [ipaddress.ip_address(text).packed for text in (source, destination)]
    return b"".join(packed) + struct.pack("!HH", *ports)


def tlv(kind: int, value: bytes) -> bytes:
    return struct.pack("!BH", kind, len(value)) + value


V4 = addresses("192.0.2.7", "198.51.100.1", (40000, 443))
V6 = addresses("2001:db8::7", "2001:db8::1", (40000, 443))


@pytest.mark.parametrize(
    ("data", "source", "destination"),
    [
        (header(1, 0x11, V4), ("192.0.2.7", 40000), ("198.51.100.1", 443)),
        (header(1, 0x21, V6), ("2001:db8::7", 40000), ("2001:db8::1", 443)),
        (header(1, 0x11, V4 + tlv(4, bytes(5))), ("192.0.2.7", 40000), ("198.51.100.1", 443)),
        (header(1, 0x31, bytes(216)), None, None),
        (header(1, 0x00, b""), None, None),
        (header(0, 0x00, b""), None, None),
        (header(0, 0x11, V4), None, None),
        (header(0, 0xFF, b"anything"), None, None),
    ],
)
def test_a_header_is_read_whole_and_octet_by_octet(
    data: bytes, source: tuple[str, int] | None, destination: tuple[str, int] | None
) -> None:
    expected = ProxyHeader(source, destination, len(data))
    assert parse(data) == expected
    assert parse(data + b"\x16\x03\x01") == expected
    assert {parse(data[:end]) for end in range(len(data))} == {None}


def test_a_mapped_address_is_an_ipv4_address() -> None:
    """Otherwise one client would count as two."""
    data = header(1, 0x21, addresses("::ffff:192.0.2.7", "::ffff:192.0.2.1", (1, 2)))
    assert parse(data) == ProxyHeader(("192.0.2.7", 1), ("192.0.2.1", 2), len(data))


def test_the_checksum_is_that_of_the_standard() -> None:
    """RFC 3720 appendix B.4 gives these vectors."""
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(b"123456789") == 0xE3069283


def test_a_right_checksum_passes_and_a_wrong_one_does_not() -> None:
    """Section 2.2.3: computed with the field itself as zero."""
    blank = header(1, 0x11, V4 + tlv(1, b"h2") + tlv(3, bytes(4)))
    right = blank[:-4] + crc32c(blank).to_bytes(4, "big")
    assert parse(right) == ProxyHeader(("192.0.2.7", 40000), ("198.51.100.1", 443), len(right))
    changed = right.replace(b"h2", b"h3")
    with pytest.raises(PeerError, match="checksum"):
        parse(changed)
    with pytest.raises(PeerError, match="checksum"):
        parse(header(1, 0x11, V4 + tlv(3, bytes(3))))
    long = header(1, 0x11, V4 + tlv(3, bytes(5)))
    with pytest.raises(PeerError, match="checksum"):
        parse(long[:-5] + crc32c(long).to_bytes(5, "big"))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n", "version 1"),
        (b"GET / HTTP/1.1", "no header"),
        (b"\r\n\r\n\x00\r\nQUIX", "no header"),
        (SIGNATURE + b"\x11\x11\x00\x00", "version or command"),
        (SIGNATURE + b"\x22\x11\x00\x00", "version or command"),
        (SIGNATURE + b"\x21\x11" + struct.pack("!H", MOST_VARIABLE + 1), "longer"),
        (header(1, 0x12, V4), "not for TCP"),
        (header(1, 0x01, b""), "not for TCP"),
        (header(1, 0x41, bytes(300)), "not for TCP"),
        (header(1, 0x11, V4[:-1]), "addresses are cut short"),
        (header(1, 0x21, V4), "addresses are cut short"),
        (header(1, 0x11, V4 + b"\x04\x00"), "TLV is cut short"),
        (header(1, 0x11, V4 + b"\x04\x00\x02x"), "TLV is cut short"),
    ],
)
def test_a_bad_header_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(PeerError, match=why) as caught:
        parse(data)
    assert caught.value.reason == "bad-proxy-header"


@given(
    st.one_of(
        st.binary(max_size=64),
        st.binary(max_size=300).map(lambda rest: SIGNATURE + rest),
        st.builds(
            header,
            st.integers(0, 2),
            st.sampled_from([0, 0x11, 0x21, 0x31]),
            st.binary(max_size=300),
        ),
    )
)
def test_any_octets_give_a_header_or_a_refusal_within_the_bound(data: bytes) -> None:
    try:
        result = parse(data)
    except PeerError:
        return
    if result is None:
        assert len(data) < FIXED + MOST_VARIABLE
    else:
        assert result.consumed <= len(data)
