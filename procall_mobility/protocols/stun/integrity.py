"""The keyed sums of MESSAGE-INTEGRITY, made fast (RFC 2104, RFC 8489 sections 14.5 and 14.6).

A client's requests come several at a time, each checked and answered with one key.  What an HMAC
makes of the key alone is half its work for a message as short as these, so it is done once.
"""

import hashlib
from functools import lru_cache
from typing import Protocol

KEYS_HELD = 1024
"""Keys whose beginnings are kept: those of clients that are setting up a call."""

_INNER, _OUTER = (bytes(octet ^ mask for octet in range(256)) for mask in (0x36, 0x5C))


class _Hash(Protocol):
    def copy(self) -> "_Hash": ...
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


def keyed_sum(key: bytes, message: bytes, algorithm: str) -> bytes:
    """Return the HMAC of a message.

    Args:
        key: up to 64 octets, the block of both algorithms.
        message: whatever is to be protected.
        algorithm: `sha1` or `sha256`.
    """
    begun, ending = _begun(key, algorithm)
    inner = begun.copy()
    inner.update(message)
    outer = ending.copy()
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(KEYS_HELD)
def _begun(key: bytes, algorithm: str) -> tuple[_Hash, _Hash]:
    begun = hashlib.new(algorithm, usedforsecurity=False)
    if len(key) > begun.block_size:
        raise ValueError("a key is longer than a block")
    block = key.ljust(begun.block_size, b"\0")
    ending = begun.copy()
    begun.update(block.translate(_INNER))
    ending.update(block.translate(_OUTER))
    return begun, ending
