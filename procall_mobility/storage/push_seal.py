"""Seals what stands in the database about devices, so that the file alone tells nobody.

An envelope, version 1:

    version 1 | salt 16 | count 8 | AES-256-GCM of the text, with its tag of 16

Each run of the program has a salt of its own and so a key of its own, under which it counts: no
nonce is used twice, however many pushes there are (random nonces of 96 bits would do for 2**32;
NIST SP 800-38D section 8.3).
"""

import hashlib
import itertools
import struct
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from procall_mobility.storage.passwords import Entropy
from procall_mobility.storage.push_keys import PushKey

VERSION = b"\x01"
SALT = 16
HEAD = struct.Struct(">1s16sQ")
NONCE = struct.Struct(">4xQ")
TAG = 16

MOST_RUNS = 256
"""Keys of earlier runs that are at hand; there is more than one only while old rows are read."""

HASH = 16
"""Octets of a hash; nobody can look for collisions without the key."""


class Unreadable(Exception):
    """An envelope that was not sealed here, or was changed since; the text says what is wrong."""


class Seal:
    """Seals and opens.  `seal` is called by one thread at a time, `opened` by any one other."""

    def __init__(self, key: PushKey, entropy: Entropy) -> None:
        """Begin a run."""
        self._key = key
        self._hashes = hashlib.blake2b(key=key.for_hashes(), digest_size=HASH)
        self._salt = entropy(SALT)
        self._cipher = AESGCM(key.for_sealing(self._salt))
        self._counts = itertools.count()
        self._runs: dict[bytes, AESGCM] = {}

    def seal(self, text: bytes, about: bytes) -> bytes:
        """Return an envelope that opens only together with what it is `about`."""
        count = next(self._counts)
        sealed = self._cipher.encrypt(NONCE.pack(count), text, VERSION + about)
        return HEAD.pack(VERSION, self._salt, count) + sealed

    def opened(self, envelope: object, about: bytes) -> bytes:
        """Return the text.

        Raises:
            Unreadable: it is not as it was sealed, or about something else.
        """
        # A database that lost a bit may hand out anything.
        if not isinstance(envelope, bytes) or len(envelope) < HEAD.size + TAG:
            raise Unreadable("no envelope")
        version, salt, count = HEAD.unpack_from(envelope)
        if version != VERSION:
            raise Unreadable(f"an envelope of version {version[0]}, which is not known here")
        cipher = self._runs.get(salt) or self._run(salt)
        try:
            return cipher.decrypt(NONCE.pack(count), envelope[HEAD.size :], VERSION + about)
        except InvalidTag:
            raise Unreadable("changed since it was sealed, or sealed with another key") from None

    def hash(self, *texts: str) -> bytes:
        """Return what stands for texts where they are looked up; but the last have no NUL."""
        hashed = self._hashes.copy()
        hashed.update("\0".join(texts).encode("utf-8", "surrogatepass"))
        return hashed.digest()

    def _run(self, salt: bytes) -> AESGCM:
        if len(self._runs) >= MOST_RUNS:
            self._runs.clear()
        cipher = self._runs[salt] = AESGCM(self._key.for_sealing(salt))
        return cipher


def packed(texts: Sequence[str]) -> bytes:
    """Write texts one after the other, so that no others look the same."""
    lengths = struct.pack(f">H{len(texts)}I", len(texts), *map(len, texts))
    # JSON lets lone surrogates through.
    return lengths + "".join(texts).encode("utf-8", "surrogatepass")


def unpacked(data: bytes) -> list[str]:
    """Read what `packed` wrote, and nothing else."""
    (count,) = struct.unpack_from(">H", data)
    lengths = struct.unpack_from(f">{count}I", data, 2)
    whole = data[2 + 4 * count :].decode("utf-8", "surrogatepass")
    texts, start = [], 0
    for length in lengths:
        texts.append(whole[start : start + length])
        start += length
    return texts
