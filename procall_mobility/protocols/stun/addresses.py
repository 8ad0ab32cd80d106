"""Transport addresses on the wire (RFC 8489 sections 14.1 and 14.2).

Inside, an address is what the socket module gives and takes: (host, port) for IPv4,
(host, port, 0, 0) for IPv6.  So a datagram's source is a key in our tables as it comes.
"""

import struct
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.codes import MAGIC_COOKIE, Family

TransportAddress = tuple[str, int] | tuple[str, int, int, int]
"""As the socket module has it."""

_MAPPED = bytes(10) + b"\xff\xff"
"""Before an IPv4 address (RFC 4291 section 2.5.5.2)."""

_PORT_MASK = 0x2112
_IPV4_MASK = 0x2112A442
_HEAD = struct.Struct("!BBH")


def family_of(address: TransportAddress) -> Family:
    """Return the family of an address."""
    return Family.IPV6 if len(address) == 4 else Family.IPV4


def address_of(host: str, port: int) -> TransportAddress:
    """Return the address of a host given in its canonical text."""
    return (host, port, 0, 0) if ":" in host else (host, port)


def vicinity(host: str) -> str:
    """Return what counts as one address wherever clients are counted.

    Of IPv6 that is a network of 64 bits: a subscriber is given a whole one, and would be 2**64
    strangers otherwise.  IPv4 in IPv6 clothes is IPv4; what is no address counts as it is.
    """
    return _vicinity(host) if ":" in host else host


def encode_address(address: TransportAddress) -> bytes:
    """Return the value of MAPPED-ADDRESS and its like."""
    return _HEAD.pack(0, family_of(address), address[1]) + packed_host(address[0])


def encode_xor_address(address: TransportAddress, transaction_id: bytes) -> bytes:
    """Return the value of XOR-MAPPED-ADDRESS and its like."""
    packed = packed_host(address[0])
    if len(packed) == 4:
        masked = (int.from_bytes(packed) ^ _IPV4_MASK).to_bytes(4)
    else:
        masked = _xor_16(packed, transaction_id)
    return _HEAD.pack(0, family_of(address), address[1] ^ _PORT_MASK) + masked


def decode_xor_address(value: bytes, transaction_id: bytes) -> TransportAddress:
    """Return the address in a value of XOR-PEER-ADDRESS and its like.

    Raises:
        PeerError: it is malformed.
    """
    if len(value) == 8 and value[1] == Family.IPV4:
        port = (value[2] << 8 | value[3]) ^ _PORT_MASK
        host = int.from_bytes(value[4:]) ^ _IPV4_MASK
        return f"{host >> 24}.{host >> 16 & 255}.{host >> 8 & 255}.{host & 255}", port
    if len(value) == 20 and value[1] == Family.IPV6:
        port = (value[2] << 8 | value[3]) ^ _PORT_MASK
        return _ipv6_text(_xor_16(value[4:], transaction_id)), port, 0, 0
    raise PeerError("protocol-error", "an address attribute is malformed")


def packed_host(host: str) -> bytes:
    """Return the octets of a host in network order; a zone after `%` is left out."""
    if ":" not in host:
        return bytes(map(int, host.split(".")))
    return _ipv6_octets(host)


def _xor_16(octets: bytes, transaction_id: bytes) -> bytes:
    mask = int.from_bytes(MAGIC_COOKIE + transaction_id)
    return (int.from_bytes(octets) ^ mask).to_bytes(16)


# Bounded: clients choose what is looked up here.
@lru_cache(1024)
def _ipv6_octets(host: str) -> bytes:
    return IPv6Address(host.partition("%")[0]).packed


@lru_cache(1024)
def _vicinity(host: str) -> str:
    try:
        octets = _ipv6_octets(host)
    except ValueError:
        return host
    if octets.startswith(_MAPPED):
        return str(IPv4Address(octets[len(_MAPPED) :]))
    return f"{_ipv6_text(octets[:8] + bytes(8))}/64"


@lru_cache(1024)
def _ipv6_text(octets: bytes) -> str:
    address = IPv6Address(octets)
    mapped = address.ipv4_mapped
    # Before Python 3.13 the library wrote these otherwise than every system does.
    return f"::ffff:{IPv4Address(int(mapped))}" if mapped is not None else str(address)
