"""The PROXY protocol, version 2: who the client behind a proxy is.

Source: haproxy, `doc/proxy-protocol.txt`, section 2.2 (binary header format).
"""

import ipaddress
import struct

from attrs import frozen

from procall_mobility.protocols.errors import PeerError

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
FIXED = 16
"""Octets of the part every header has: signature, version and command, family, length."""

MOST_VARIABLE = 4096
"""Octets of addresses (at most 216) and TLVs; real proxies write below 536, certificates' names
and a cloud's identifiers some hundreds more."""

_LOCAL, _PROXY = 0, 1
_UNSPEC, _INET, _INET6, _UNIX = 0, 1, 2, 3
_STREAM = 1
_CRC32C = 0x03
_SIZES = {_UNSPEC: 0, _INET: 12, _INET6: 36, _UNIX: 216}

Endpoint = tuple[str, int]
"""An IP address as text, and a port."""


@frozen
class ProxyHeader:
    """What a proxy says of the connection it passes on."""

    source: Endpoint | None
    """The client; None when the connection is the proxy's own, or has no IP address."""
    destination: Endpoint | None
    """Where the client connected to."""
    consumed: int
    """Octets of the header; the client's own begin behind them."""


def parse(data: bytes) -> ProxyHeader | None:
    """Read the header a connection begins with.

    Returns:
        None when more octets are needed; at most `FIXED + MOST_VARIABLE` ever are.

    Raises:
        PeerError: `data` does not begin a header of version 2.
    """
    if not SIGNATURE.startswith(data[: len(SIGNATURE)]):
        raise _bad("PROXY version 1, version 2 is wanted" if data[:1] == b"P" else "no header")
    if len(data) < FIXED:
        return None
    version, command = data[12] >> 4, data[12] & 0x0F
    family, transport = data[13] >> 4, data[13] & 0x0F
    (length,) = struct.unpack_from("!H", data, 14)
    if version != 2 or command not in (_LOCAL, _PROXY):
        raise _bad("its version or command is unknown")
    if length > MOST_VARIABLE:
        raise _bad(f"it is longer than {MOST_VARIABLE} octets")
    consumed = FIXED + length
    if len(data) < consumed:
        return None
    header = data[:consumed]
    if command == _LOCAL:  # A health check of the proxy: its addresses are to be ignored.
        return ProxyHeader(None, None, consumed)
    if family not in _SIZES or transport != (_STREAM if family else 0):
        raise _bad("its address family or transport is not for TCP")
    tlvs = FIXED + _SIZES[family]
    if consumed < tlvs:
        raise _bad("its addresses are cut short")
    _check_tlvs(header, tlvs)
    source, destination = _endpoints(header, family)
    return ProxyHeader(source, destination, consumed)


def _endpoints(header: bytes, family: int) -> tuple[Endpoint | None, Endpoint | None]:
    if family not in (_INET, _INET6):
        return None, None
    size = 4 if family == _INET else 16
    source, destination, *ports = struct.unpack_from(f"!{size}s{size}sHH", header, FIXED)
    return (_text(source), ports[0]), (_text(destination), ports[1])


def _text(packed: bytes) -> str:
    address = ipaddress.ip_address(packed)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


def _check_tlvs(header: bytes, at: int) -> None:
    """Walk the TLVs, and verify the checksum if one is there (section 2.2.3)."""
    while at < len(header):
        value = at + 3
        if value > len(header):
            raise _bad("a TLV is cut short")
        kind, length = struct.unpack_from("!BH", header, at)
        at = value + length
        if at > len(header):
            raise _bad("a TLV is cut short")
        if kind == _CRC32C:
            zeroed = header[:value] + bytes(length) + header[at:]
            if length != 4 or crc32c(zeroed) != int.from_bytes(header[value:at], "big"):
                raise _bad("its checksum is wrong")


def _table() -> tuple[int, ...]:
    table = []
    for octet in range(256):
        value = octet
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE = _table()


def crc32c(data: bytes) -> int:
    """Return the CRC-32C (Castagnoli) of `data` (RFC 9260 appendix A)."""
    value = 0xFFFFFFFF
    for octet in data:
        value = (value >> 8) ^ _TABLE[(value ^ octet) & 0xFF]
    return value ^ 0xFFFFFFFF


def _bad(why: str) -> PeerError:
    return PeerError("bad-proxy-header", f"no valid PROXY v2 header: {why}")
