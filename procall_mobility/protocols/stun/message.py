"""Reads and writes STUN messages (RFC 8489 sections 5 and 14)."""

import binascii
import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable

from attrs import define, frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.codes import (
    HEADER_SIZE,
    MAGIC_COOKIE,
    UNDERSTOOD,
    Attribute,
    Class,
    Code,
)
from procall_mobility.protocols.stun.integrity import keyed_sum

MOST_ATTRIBUTES = 64
"""No published request has more than a dozen; a CreatePermission may name many peers."""

FINGERPRINT_MASK = 0x5354554E

_HEADER = struct.Struct("!HH4s12s")
_ATTRIBUTE = struct.Struct("!HH")
_CLASS_MASK = 0x0110
_CLASSES = {int(each): each for each in Class}
_ABOUT_THE_MESSAGE = frozenset(
    map(
        int,
        (Attribute.MESSAGE_INTEGRITY, Attribute.MESSAGE_INTEGRITY_SHA256, Attribute.FINGERPRINT),
    )
)
_SHA1_SIZE, _SHA256_SIZE = 20, 32
_ZEROS = (b"", b"\0\0\0", b"\0\0", b"\0")

Attributes = Iterable[tuple[int, bytes]]


@define(slots=True, eq=False)
class Message:
    """A message as it was heard; attributes after the integrity are not there (RFC 8489 14.5)."""

    method: int
    kind: Class
    transaction_id: bytes
    attributes: list[tuple[int, bytes]]
    """Type and value, in order."""
    _first: dict[int, bytes]
    """The first value of each type, which is the one that counts."""
    get: Callable[[int], bytes | None]
    """Returns the value of the first attribute of a type; later ones do not count."""
    has_fingerprint: bool
    _raw: bytes
    _sha1_at: int
    """Where MESSAGE-INTEGRITY begins; 0 without one."""
    _sha256_at: int

    @property
    def has_integrity(self) -> bool:
        """Whether there is a MESSAGE-INTEGRITY of either kind."""
        return bool(self._sha1_at or self._sha256_at)

    @property
    def has_sha256(self) -> bool:
        """Whether there is a MESSAGE-INTEGRITY-SHA256, which goes before the other."""
        return bool(self._sha256_at)

    def all(self, wanted: int) -> list[bytes]:
        """Return the values of all attributes of a type."""
        return [value for kind, value in self.attributes if kind == wanted]

    def unknown(self) -> list[int]:
        """Return the comprehension-required attributes we do not know, each once."""
        if self._first.keys() <= UNDERSTOOD:
            return []
        return [kind for kind in self._first if kind < 0x8000 and kind not in UNDERSTOOD]

    def is_made_with(self, key: bytes) -> bool:
        """Compare the integrity with one made by `key`, in constant time; False without one."""
        # Of two the better one counts (RFC 8489 section 9.2.4).
        if self._sha256_at:
            at, size, algorithm = self._sha256_at, _SHA256_SIZE, "sha256"
        elif self._sha1_at:
            at, size, algorithm = self._sha1_at, _SHA1_SIZE, "sha1"
        else:
            return False
        raw = self._raw
        # The length covers the message up to and with this attribute (RFC 8489 section 14.5).
        head = raw[:2] + (at + 4 + size - HEADER_SIZE).to_bytes(2)
        made = keyed_sum(key, head + raw[4:at], algorithm)
        return hmac.compare_digest(made, raw[at + 4 : at + 4 + size])


def parse(data: bytes) -> Message:
    """Read a message that fills `data`.

    Raises:
        PeerError: it is none; such a thing is not answered.
    """
    if len(data) < HEADER_SIZE:
        raise _malformed("too short")
    kind, length, cookie, transaction_id = _HEADER.unpack_from(data)
    if kind & 0xC000 or cookie != MAGIC_COOKIE or length & 3 or length + HEADER_SIZE != len(data):
        raise _malformed("the header is wrong")
    attributes: list[tuple[int, bytes]] = []
    first: dict[int, bytes] = {}
    sha1_at = sha256_at = 0
    has_fingerprint = False
    head = _ATTRIBUTE.unpack_from
    after, end = HEADER_SIZE, len(data)
    # All is in fours, so that there is a whole head wherever there is anything.
    while after < end:
        at = after
        name, size = head(data, at)
        if at + 4 + size > end:
            raise _malformed("an attribute is longer than its message")
        after = at + 4 + size + (-size & 3)
        if name not in _ABOUT_THE_MESSAGE:
            if sha1_at or sha256_at:
                continue  # Nothing after them was protected by them.
            if len(attributes) == MOST_ATTRIBUTES:
                raise _malformed("too many attributes")
            value = data[at + 4 : at + 4 + size]
            attributes.append((name, value))
            if name not in first:
                first[name] = value
        elif name == Attribute.FINGERPRINT:
            _check_fingerprint(data, at, size)
            has_fingerprint = True
        elif name == Attribute.MESSAGE_INTEGRITY_SHA256 and not sha256_at:
            # No usage of ours lets it be truncated (RFC 8489 section 14.6).
            sha256_at = _of_size(at, size, _SHA256_SIZE)
        elif not (sha1_at or sha256_at):
            sha1_at = _of_size(at, size, _SHA1_SIZE)
    return Message(
        method=kind & 0x000F | (kind & 0x00E0) >> 1 | (kind & 0x3E00) >> 2,
        kind=_CLASSES[kind & _CLASS_MASK],
        transaction_id=transaction_id,
        attributes=attributes,
        first=first,
        get=first.get,
        has_fingerprint=has_fingerprint,
        raw=data,
        sha1_at=sha1_at,
        sha256_at=sha256_at,
    )


@frozen
class Signature:
    """How a message is signed."""

    key: bytes
    sha256: bool

    def __repr__(self) -> str:
        """Show no key."""
        return f"Signature(sha256={self.sha256})"


def build(
    method: int,
    kind: Class,
    transaction_id: bytes,
    attributes: Attributes,
    signature: Signature | None = None,
    *,
    fingerprint: bool = False,
) -> bytes:
    """Return a message; the padding is of zeros (RFC 8489 section 14)."""
    parts = [b""]
    length = 0
    for name, value in attributes:
        size = len(value)
        padding = _ZEROS[size & 3]
        parts += (_ATTRIBUTE.pack(name, size), value, padding)
        length += 4 + size + len(padding)
    typed = kind | method & 0x000F | (method & 0x0070) << 1 | (method & 0x0F80) << 2
    if signature is not None:
        name, size, algorithm = (
            (Attribute.MESSAGE_INTEGRITY_SHA256, _SHA256_SIZE, "sha256")
            if signature.sha256
            else (Attribute.MESSAGE_INTEGRITY, _SHA1_SIZE, "sha1")
        )
        length += 4 + size
        parts[0] = _HEADER.pack(typed, length, MAGIC_COOKIE, transaction_id)
        made = keyed_sum(signature.key, b"".join(parts), algorithm)
        parts += (_ATTRIBUTE.pack(name, size), made)
    if fingerprint:
        length += 8
    parts[0] = _HEADER.pack(typed, length, MAGIC_COOKIE, transaction_id)
    if fingerprint:
        crc = binascii.crc32(b"".join(parts)) ^ FINGERPRINT_MASK
        parts += (_ATTRIBUTE.pack(Attribute.FINGERPRINT, 4), crc.to_bytes(4))
    return b"".join(parts)


def error_code(code: Code, *, phrase: bool = True) -> tuple[int, bytes]:
    """Return the attribute ERROR-CODE (RFC 8489 section 14.8)."""
    text = code.phrase.encode() if phrase else b""
    return Attribute.ERROR_CODE, bytes((0, 0, code // 100, code % 100)) + text


def md5_key(username: bytes, realm: bytes, password: bytes) -> bytes:
    """Return the key of a long-term credential (RFC 8489 section 18.5.1.1)."""
    joined = b":".join((username, realm, password))
    return hashlib.md5(joined, usedforsecurity=False).digest()


def sha256_key(username: bytes, realm: bytes, password: bytes) -> bytes:
    """Return the key of a long-term credential (RFC 8489 section 18.5.1.2)."""
    return hashlib.sha256(b":".join((username, realm, password))).digest()


def userhash(username: bytes, realm: bytes) -> bytes:
    """Return what stands for a user name that nobody shall read (RFC 8489 section 14.4)."""
    return hashlib.sha256(username + b":" + realm).digest()


def _of_size(at: int, size: int, wanted: int) -> int:
    if size != wanted:
        raise _malformed("an integrity has the wrong size")
    return at


def _check_fingerprint(data: bytes, at: int, size: int) -> None:
    """RFC 8489 section 14.7: the last attribute, over everything before it."""
    if size != 4 or at + 8 != len(data):
        raise _malformed("the fingerprint is not the end")
    crc = binascii.crc32(memoryview(data)[:at]) ^ FINGERPRINT_MASK
    if crc != int.from_bytes(data[at + 4 :]):
        raise _malformed("the fingerprint is wrong")


def _malformed(text: str) -> PeerError:
    return PeerError("protocol-error", f"no STUN message: {text}")
