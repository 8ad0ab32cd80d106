"""The content coding `aes128gcm` (RFC 8188): records, each enciphered for itself."""

import hmac
from collections.abc import Iterator

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from procall_mobility.protocols.errors import PeerError

SALT = 16
TAG = 16
"""Octets of AES-GCM's."""

SMALLEST_RECORD = TAG + 2
"""Octets of a record that carries one, beside its delimiter (section 2.1)."""

LONGEST_KEY_ID = 255

HEADER = SALT + 4 + 1
"""Octets before the key id."""

_MORE, _LAST = 1, 2
"""Delimiters between data and padding (section 2)."""

_KEY_INFO, _NONCE_INFO = b"Content-Encoding: aes128gcm\0", b"Content-Encoding: nonce\0"


@frozen(kw_only=True)
class Coded:
    """What stands in the header (section 2.1), and the records."""

    salt: bytes
    record_size: int
    """Octets of every record but the last, which may be shorter."""
    key_id: bytes
    records: bytes = field(repr=False)


def encode(
    clear: bytes, key: bytes, *, salt: bytes, record_size: int, key_id: bytes = b"",
    padding: int = 0,
) -> bytes:  # fmt: skip
    """Encipher content.

    Args:
        clear: the content.
        key: the input keying material.
        salt: 16 octets, never used before with this key.
        record_size: octets.
        key_id: tells the receiver which key that is.
        padding: octets beyond the content, as early as they find room.

    Raises:
        ValueError: a size is wrong.
    """
    if len(salt) != SALT or record_size < SMALLEST_RECORD or len(key_id) > LONGEST_KEY_ID:
        raise ValueError("salt, record size or key id have a wrong size")
    header = salt + record_size.to_bytes(4) + bytes((len(key_id),)) + key_id
    cipher, first_nonce = _keys(salt, key)
    written = [
        cipher.encrypt(_nonce(first_nonce, sequence), record, None)
        for sequence, record in enumerate(_plain(clear, record_size - TAG - 1, padding))
    ]
    return header + b"".join(written)


def parse(message: bytes) -> Coded:
    """Read the header.

    Raises:
        PeerError: it is not one.
    """
    if len(message) < HEADER or len(message) < HEADER + message[HEADER - 1]:
        raise PeerError("bad-encryption", "the content is shorter than its header")
    records = HEADER + message[HEADER - 1]
    size = int.from_bytes(message[SALT : SALT + 4])
    if size < SMALLEST_RECORD:
        raise PeerError("bad-encryption", "the record size is too small")
    return Coded(
        salt=message[:SALT],
        record_size=size,
        key_id=message[HEADER:records],
        records=message[records:],
    )


def decode(coded: Coded, key: bytes) -> bytes:
    """Decipher content, all of it or nothing.

    Raises:
        PeerError: it was not enciphered with this key, or was changed or cut.
    """
    cipher, first_nonce = _keys(coded.salt, key)
    clear = bytearray()
    size, end = coded.record_size, len(coded.records)
    for sequence, start in enumerate(range(0, max(end, 1), size)):
        sealed = coded.records[start : start + size]
        try:
            record = cipher.decrypt(_nonce(first_nonce, sequence), sealed, None)
        except InvalidTag:
            raise PeerError("bad-encryption", "a record cannot be deciphered") from None
        data = record.rstrip(b"\0")
        # Where content was cut behind a record, the last one left does not say that it is last.
        if data[-1:] != bytes((_LAST if start + size >= end else _MORE,)):
            raise PeerError("bad-encryption", "a record has no delimiter, or the wrong one")
        clear += data[:-1]
    return bytes(clear)


def extract(salt: bytes, key: bytes) -> bytes:
    """Return the pseudorandom key (RFC 5869 section 2.2, with SHA-256)."""
    return hmac.digest(salt, key, "sha256")


def expand(key: bytes, info: bytes, length: int) -> bytes:
    """Derive up to 32 octets, which are the first block (RFC 5869 section 2.3, with SHA-256)."""
    return hmac.digest(key, info + b"\1", "sha256")[:length]


def _keys(salt: bytes, key: bytes) -> tuple[AESGCM, int]:
    """Return the cipher, and the nonce of the first record (sections 2.2 and 2.3)."""
    pseudorandom = extract(salt, key)
    nonce = expand(pseudorandom, _NONCE_INFO, 12)
    return AESGCM(expand(pseudorandom, _KEY_INFO, 16)), int.from_bytes(nonce)


def _nonce(first: int, sequence: int) -> bytes:
    return (first ^ sequence).to_bytes(12)


def _plain(clear: bytes, room: int, padding: int) -> Iterator[bytes]:
    start = 0
    while True:
        # Padding alone makes no record but the last: each takes an octet of content at least.
        left = len(clear) - start
        padded = min(padding, room - min(left, 1))
        data = clear[start : start + room - padded]
        start, padding = start + len(data), padding - padded
        is_last = start == len(clear) and not padding
        yield data + bytes((_LAST if is_last else _MORE,)) + bytes(padded)
        if is_last:
            return
