"""The key that pushes are sealed with: a file beside the database, never inside it."""

import base64
import binascii
import contextlib
import hashlib
import os
import stat
from pathlib import Path

from attrs import field, frozen

from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.passwords import Entropy

SIZE = 32
"""Octets of the key, and of all keys that are made of it."""

LARGEST_FILE = 1024
"""Octets; whatever is longer is no key."""


@frozen
class PushKey:
    """Makes keys for one purpose each; is used for nothing itself."""

    file: Path
    """Where it was read."""
    secret: bytes = field(repr=False)

    def for_sealing(self, salt: bytes) -> bytes:
        """Return the key of one run of the program, which no other run uses."""
        return self._derived(b"push sealing", salt)

    def for_hashes(self) -> bytes:
        """Return the key of the hashes that stand for tokens."""
        return self._derived(b"push hashes", b"")

    def for_capabilities(self) -> bytes:
        """Return the key of capability URLs: 64 octets, for AES-SIV."""
        halves = (b"push urls, sums", b"push urls, words")
        return b"".join(self._derived(purpose, b"") for purpose in halves)

    def check(self) -> bytes:
        """Return what tells this key from others, and nothing else about it."""
        return self._derived(b"push check", b"")

    def _derived(self, purpose: bytes, salt: bytes) -> bytes:
        # BLAKE2b with a key is a pseudorandom function (RFC 7693 section 2.9).
        return hashlib.blake2b(salt, key=self.secret, person=purpose, digest_size=SIZE).digest()


def read_key(file: Path) -> PushKey:
    """Read the key: 32 octets in base64, as `openssl rand -base64 32` writes them.

    Raises:
        StoreError: there is none, or it is not for its owner alone.
    """
    try:
        with file.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            text = opened.read(LARGEST_FILE)
    except OSError as error:
        raise StoreError(f"{file}: the key of the pushes cannot be read: {error.strerror}") from (
            error
        )
    if mode & stat.S_IRWXO:
        raise StoreError(
            f"{file}: everybody on this machine can read the key of the pushes; chmod 600 helps"
        )
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != SIZE:
        raise StoreError(
            f"{file}: no key of pushes: 32 octets in base64 are expected; put the file back as it"
            " was"
        )
    return PushKey(file, secret)


def make_key(file: Path, entropy: Entropy) -> None:
    """Make a key, for its owner alone; one that is there stays.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        _write_whole(file, base64.b64encode(entropy(SIZE)) + b"\n")
    except OSError as error:
        raise StoreError(f"{file}: the key of the pushes cannot be made: {error.strerror}") from (
            error
        )


def _write_whole(file: Path, text: bytes) -> None:
    """Write a file that is there in full or not at all, whenever the machine stops."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
            folder = file.parent.stat()
            # What root makes by the command line is to be the daemon's, as the folder is.
            if os.geteuid() == 0 and folder.st_uid != 0:
                os.fchown(opened.fileno(), folder.st_uid, folder.st_gid)
        # Unlike a rename this takes nobody's place: two who start make one key.
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
    finally:
        draft.unlink()
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
