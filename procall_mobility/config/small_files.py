"""Reads files that people write, which are small: settings, keys, passwords, certificates."""

import errno
import os
from pathlib import Path
from typing import IO, Final

MOST_OCTETS: Final = 4 * 1024 * 1024
"""The authorities of a whole system are a quarter of a million; a wrong path may be a disk."""


def read_small(file: Path) -> bytes:
    """Return what is in a file.

    Raises:
        OSError: it cannot be read, or is larger than anything anybody means (EFBIG).
    """
    with file.open("rb") as opened:
        return read_little(opened)


def read_little(opened: IO[bytes]) -> bytes:
    """Return what can be read from an open file, or a pipe; raises as `read_small` does."""
    found = opened.read(MOST_OCTETS + 1)
    if len(found) > MOST_OCTETS:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return found
