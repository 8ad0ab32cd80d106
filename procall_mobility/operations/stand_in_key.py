"""The key of the stand-ins for names: whoever has it can tell whether a name is behind one."""

import errno
import os
from pathlib import Path
from typing import Final

SIZE: Final = 32


def stand_in_key(file: Path) -> bytes:
    """Read the key, or make it.

    Raises:
        OSError: it cannot be read or made, or is none.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(os.urandom(SIZE))
    key = file.read_bytes()
    if len(key) != SIZE:
        text = "not the key it was; remove it, and users get new stand-ins in the access book"
        raise OSError(errno.EINVAL, text, str(file))
    return key
