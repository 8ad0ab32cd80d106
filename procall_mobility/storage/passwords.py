"""Passwords of customers' servers: made, hashed, compared (RFC 7914)."""

import base64
import hashlib
import hmac
from collections.abc import Callable

from attrs import frozen

Entropy = Callable[[int], bytes]
"""Returns that many octets nobody can guess."""

COST, BLOCK, PARALLEL = 2**14, 8, 1
"""16 MiB and some 50 ms for each attempt."""

MOST_MEMORY = 64 * 1024 * 1024
LENGTH = 32
SALT = 16


@frozen
class PasswordHash:
    """A hash with all it takes to compare with it."""

    cost: int
    block: int
    parallel: int
    salt: bytes
    digest: bytes

    def __repr__(self) -> str:
        """Show nothing that helps an attacker."""
        return "PasswordHash(...)"

    @classmethod
    def of(cls, password: str, entropy: Entropy) -> "PasswordHash":
        """Hash a new password."""
        salt = entropy(SALT)
        return cls(COST, BLOCK, PARALLEL, salt, _scrypt(password, salt, COST, BLOCK, PARALLEL))

    @classmethod
    def parse(cls, text: str) -> "PasswordHash":
        """Read what `str` wrote."""
        _, cost, block, parallel, salt, digest = text.split("$")
        decode = base64.b64decode
        return cls(int(cost), int(block), int(parallel), decode(salt), decode(digest))

    def __str__(self) -> str:
        encode = base64.b64encode
        salt, digest = encode(self.salt).decode(), encode(self.digest).decode()
        return f"scrypt${self.cost}${self.block}${self.parallel}${salt}${digest}"

    def matches(self, password: str) -> bool:
        """Compare in constant time; takes some 50 ms."""
        digest = _scrypt(password, self.salt, self.cost, self.block, self.parallel)
        return hmac.compare_digest(digest, self.digest)


NOBODY = PasswordHash(COST, BLOCK, PARALLEL, bytes(SALT), bytes(LENGTH))
"""Compared with when there is no customer, so that it takes as long; nothing matches it."""


def new_password(entropy: Entropy) -> str:
    """Make a password of 160 bits in letters and digits that are not mistaken for each other."""
    text = base64.b32encode(entropy(20)).decode().lower()
    return "-".join(text[start : start + 8] for start in range(0, len(text), 8))


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=block,
        p=parallel,
        maxmem=MOST_MEMORY,
        dklen=LENGTH,
    )
