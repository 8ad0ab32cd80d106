"""STUN and TURN on the wire, for the tests alone: shares no line with what it judges.

Messages are put together from pieces, so that a test can also leave one out or bend it.
"""

import binascii
import hashlib
import hmac
import os
import struct
from collections.abc import Iterator
from enum import IntEnum
from ipaddress import ip_address

from attrs import define

COOKIE = 0x2112A442
Address = tuple[str, int]


class Method(IntEnum):
    BINDING = 0x001
    ALLOCATE = 0x003
    REFRESH = 0x004
    SEND = 0x006
    DATA = 0x007
    CREATE_PERMISSION = 0x008
    CHANNEL_BIND = 0x009
    CONNECT = 0x00A
    CONNECTION_BIND = 0x00B
    CONNECTION_ATTEMPT = 0x00C


class Kind(IntEnum):
    REQUEST = 0
    INDICATION = 1
    SUCCESS = 2
    ERROR = 3


class A(IntEnum):
    """The attributes."""

    MAPPED_ADDRESS = 0x0001
    CHANGE_REQUEST = 0x0003
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    CHANNEL_NUMBER = 0x000C
    LIFETIME = 0x000D
    XOR_PEER_ADDRESS = 0x0012
    DATA = 0x0013
    REALM = 0x0014
    NONCE = 0x0015
    XOR_RELAYED_ADDRESS = 0x0016
    REQUESTED_ADDRESS_FAMILY = 0x0017
    EVEN_PORT = 0x0018
    REQUESTED_TRANSPORT = 0x0019
    DONT_FRAGMENT = 0x001A
    MESSAGE_INTEGRITY_SHA256 = 0x001C
    PASSWORD_ALGORITHM = 0x001D
    USERHASH = 0x001E
    XOR_MAPPED_ADDRESS = 0x0020
    RESERVATION_TOKEN = 0x0022
    CONNECTION_ID = 0x002A
    ADDITIONAL_ADDRESS_FAMILY = 0x8000
    ADDRESS_ERROR_CODE = 0x8001
    PASSWORD_ALGORITHMS = 0x8002
    ICMP = 0x8004
    SOFTWARE = 0x8022
    ALTERNATE_SERVER = 0x8023
    FINGERPRINT = 0x8028
    RESPONSE_ORIGIN = 0x802B
    OTHER_ADDRESS = 0x802C
    ORIGIN = 0x802F
    MOBILITY_TICKET = 0x8030


UDP, TCP = b"\x11\0\0\0", b"\x06\0\0\0"
IPV4, IPV6 = b"\x01\0\0\0", b"\x02\0\0\0"
MD5, SHA256 = b"\0\x01\0\0", b"\0\x02\0\0"
Part = tuple[int, bytes]


@define(frozen=True)
class Message:
    """What was received."""

    method: int
    kind: Kind
    transaction: bytes
    attributes: tuple[Part, ...]
    raw: bytes

    def get(self, attribute: int) -> bytes | None:
        return next((value for kind, value in self.attributes if kind == attribute), None)

    def has(self, attribute: int) -> bool:
        return self.get(attribute) is not None

    def must(self, attribute: int) -> bytes:
        value = self.get(attribute)
        assert value is not None, f"{A(attribute).name} is missing in {self.summary}"
        return value

    def address(self, attribute: int) -> Address:
        return unxor_address(self.must(attribute), self.transaction)

    def addresses(self, attribute: int) -> list[Address]:
        found = (value for kind, value in self.attributes if kind == attribute)
        return [unxor_address(value, self.transaction) for value in found]

    def number(self, attribute: int) -> int:
        return int.from_bytes(self.must(attribute)[:4], "big")

    @property
    def error(self) -> int:
        """The error code; 0 when it is none."""
        value = self.get(A.ERROR_CODE)
        return 0 if value is None else (value[2] & 7) * 100 + value[3]

    @property
    def ok(self) -> bool:
        return self.kind is Kind.SUCCESS

    @property
    def summary(self) -> str:
        return f"{self.kind.name} {self.method:#x} {self.error or ''}"


def part(attribute: int, value: bytes = b"", padding: bytes = b"\0") -> bytes:
    """One attribute as it stands on the wire."""
    return struct.pack(">HH", attribute, len(value)) + value + padding * (-len(value) % 4)


def message(
    method: int, *parts: Part, kind: int = Kind.REQUEST, transaction: bytes | None = None
) -> bytes:
    """Put a message together; a `transaction` of our own when None."""
    body = b"".join(part(*each) for each in parts)
    return head(method, kind, len(body), transaction or os.urandom(12)) + body


def head(method: int, kind: int, length: int, transaction: bytes) -> bytes:
    # RFC 8489 section 5: the two bits of the class stand between those of the method.
    bits = (method & 0xF80) << 2 | (method & 0x70) << 1 | method & 0xF
    bits |= (kind & 2) << 7 | (kind & 1) << 4
    return struct.pack(">HHI", bits, length, COOKIE) + transaction


def lengthened(data: bytes, more: int) -> bytes:
    """Return the message with `more` octets added to its declared length."""
    (length,) = struct.unpack_from(">H", data, 2)
    return data[:2] + struct.pack(">H", length + more) + data[4:]


def appended(data: bytes, *parts: Part) -> bytes:
    body = b"".join(part(*each) for each in parts)
    return lengthened(data, len(body)) + body


def signed(data: bytes, key: bytes) -> bytes:
    longer = lengthened(data, 24)
    return longer + part(A.MESSAGE_INTEGRITY, hmac.digest(key, longer, "sha1"))


def signed_sha256(data: bytes, key: bytes) -> bytes:
    longer = lengthened(data, 36)
    return longer + part(A.MESSAGE_INTEGRITY_SHA256, hmac.digest(key, longer, "sha256"))


def fingerprinted(data: bytes) -> bytes:
    longer = lengthened(data, 8)
    check = binascii.crc32(longer) ^ 0x5354554E
    return longer + part(A.FINGERPRINT, struct.pack(">I", check))


def is_signed_with(data: bytes, key: bytes) -> bool:
    """Tell whether the message carries an integrity of either kind made with this key."""
    at = 20
    for kind, value in parts_of(data[20:]):
        shorter = data[:2] + struct.pack(">H", at - 20 + 4 + len(value)) + data[4:at]
        if kind == A.MESSAGE_INTEGRITY:
            return hmac.compare_digest(hmac.digest(key, shorter, "sha1"), value)
        if kind == A.MESSAGE_INTEGRITY_SHA256:
            return hmac.compare_digest(hmac.digest(key, shorter, "sha256"), value)
        at += 4 + len(value) + -len(value) % 4
    return False


def long_term_key(user: bytes, realm: bytes, password: bytes, algorithm: bytes = MD5) -> bytes:
    text = b":".join((user, realm, password))
    if algorithm == SHA256:
        return hashlib.sha256(text).digest()
    return hashlib.md5(text).digest()


def parse(data: bytes) -> Message:
    """Read a message; ValueError when it is none, or when it is not what a server may send."""
    if len(data) < 20:
        raise ValueError("shorter than a header")
    bits, length, cookie = struct.unpack_from(">HHI", data)
    if bits & 0xC000 or cookie != COOKIE or length % 4 or len(data) != 20 + length:
        raise ValueError(f"no STUN message: {data[:32].hex()}")
    method = (bits & 0x3E00) >> 2 | (bits & 0xE0) >> 1 | bits & 0xF
    kind = Kind((bits & 0x100) >> 7 | (bits & 0x10) >> 4)
    return Message(method, kind, data[8:20], tuple(parts_of(data[20:])), data)


def parts_of(body: bytes) -> Iterator[Part]:
    at = 0
    while at < len(body):
        attribute, length = struct.unpack_from(">HH", body, at)
        end = at + 4 + length
        # Line C1 of the checklist: what pads is nothing but zeros.
        padding = body[end : end + -length % 4]
        if end > len(body) or any(padding):
            raise ValueError(f"attribute {attribute:#x} of {length} octets is out of bounds")
        yield attribute, body[at + 4 : end]
        at = end + len(padding)


def xor_address(address: Address, transaction: bytes = b"") -> bytes:
    """Write an address; IPv6 needs the transaction it stands in."""
    host = ip_address(address[0])
    mask = struct.pack(">I", COOKIE) + transaction
    hidden = bytes(a ^ b for a, b in zip(host.packed, mask, strict=False))
    assert len(hidden) == len(host.packed), "an IPv6 address needs its transaction"
    return struct.pack(">BBH", 0, 1 if host.version == 4 else 2, address[1] ^ 0x2112) + hidden


def unxor_address(value: bytes, transaction: bytes) -> Address:
    _, family, port = struct.unpack_from(">BBH", value)
    assert len(value) == {1: 8, 2: 20}[family], value.hex()
    mask = struct.pack(">I", COOKIE) + transaction
    host = bytes(a ^ b for a, b in zip(value[4:], mask, strict=False))
    return str(ip_address(host)), port ^ 0x2112


def channel_data(channel: int, data: bytes, *, padded: bool = False) -> bytes:
    framed = struct.pack(">HH", channel, len(data)) + data
    return framed + bytes(-len(data) % 4) if padded else framed
