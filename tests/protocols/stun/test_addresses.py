"""Addresses on the wire, and who shares one (RFC 8489 sections 14.1 and 14.2)."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.addresses import (
    TransportAddress,
    address_of,
    decode_xor_address,
    encode_address,
    encode_xor_address,
    family_of,
    packed_host,
    vicinity,
)
from procall_mobility.protocols.stun.codes import Family
from tests.interop.turn.stun_codec import unxor_address, xor_address

T = bytes(range(12))

hosts = st.ip_addresses()
ports = st.integers(0, 65_535)


@given(hosts, ports, st.binary(min_size=12, max_size=12))
def test_an_address_is_read_as_it_was_written(
    host: IPv4Address | IPv6Address, port: int, transaction: bytes
) -> None:
    """By us as by the tests' own codec."""
    address = address_of(str(host), port)
    assert family_of(address) == (Family.IPV4 if host.version == 4 else Family.IPV6)
    value = encode_xor_address(address, transaction)
    heard = decode_xor_address(value, transaction)
    assert (packed_host(heard[0]), heard[1]) == (host.packed, port)
    assert len(heard) == len(address)
    assert xor_address((str(host), port), transaction) == value
    assert unxor_address(value, transaction)[1] == port


@given(st.binary(max_size=24), st.binary(min_size=12, max_size=12))
def test_c8_c14_any_octets_are_an_address_or_a_peers_error(
    value: bytes, transaction: bytes
) -> None:
    try:
        heard = decode_xor_address(value, transaction)
    except PeerError:
        assert not (len(value) == 8 and value[1] == 1)
        assert not (len(value) == 20 and value[1] == 2)
    else:
        # The first octet is reserved, and nobody looks at it.
        assert encode_xor_address(heard, transaction)[1:] == value[1:]


@pytest.mark.parametrize(
    "value", [b"", bytes(8), b"\0\3" + bytes(6), b"\0\1" + bytes(18), b"\0\2" + bytes(6)]
)
def test_c8_an_address_of_another_size_or_family_is_none(value: bytes) -> None:
    with pytest.raises(PeerError):
        decode_xor_address(value, T)


def test_an_address_without_the_mask_is_written_plainly() -> None:
    assert encode_address(("192.0.2.1", 258)) == bytes.fromhex("00010102c0000201")
    assert encode_address(("2001:db8::1", 258, 0, 0)) == (
        bytes.fromhex("0002010220010db8") + bytes(11) + b"\1"
    )


def test_a3_an_ipv4_host_in_ipv6_clothes_is_written_as_systems_write_it() -> None:
    """A3: so that it is the same text wherever it comes from."""
    value = xor_address(("::ffff:127.0.0.1", 9), T)
    assert decode_xor_address(value, T) == ("::ffff:127.0.0.1", 9, 0, 0)


def test_a_zone_is_no_part_of_an_address() -> None:
    assert packed_host("fe80::1%eth0") == packed_host("fe80::1")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("fe80::1%eth0", "fe80::1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "::ffff:c000:201", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("somewhere", "somewhere", True),
        ("/run/socket:1", "/run/socket:2", False),
    ],
)
def test_b19_who_has_a_whole_64_counts_once(one: str, other: str, is_same: bool) -> None:
    """B19: /32 of IPv4, /64 of IPv6."""
    assert (vicinity(one) == vicinity(other)) is is_same


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("somewhere", "somewhere"),
        ("", ""),
    ],
)
def test_b19_what_counts_as_one_address_is_named(host: str, source: str) -> None:
    """B19."""
    assert vicinity(host) == source


@given(st.ip_addresses(v=6))
def test_b19_a_network_is_named_as_the_library_names_it(host: IPv6Address) -> None:
    """B19: an independent judge."""
    mapped = host.ipv4_mapped
    network = str(IPv6Network((int(host), 64), strict=False))
    assert vicinity(str(host)) == (str(mapped) if mapped is not None else network)


def test_sockets_addresses_are_ours() -> None:
    addresses: list[TransportAddress] = [address_of("192.0.2.1", 1), address_of("2001:db8::1", 1)]
    assert addresses == [("192.0.2.1", 1), ("2001:db8::1", 1, 0, 0)]
