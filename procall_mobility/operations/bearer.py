"""The token whoever asks by HTTP has to show (RFC 6750 section 2.1)."""

import errno
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

SCHEME: Final = b"bearer "
SHORTEST: Final = 16
"""Characters: what can be guessed is no token."""

LARGEST_FILE: Final = 4096
"""Octets; a wrong file should not be read for long."""


class Bearer:
    """The token in a file; `reload` takes another one over."""

    def __init__(self, file: Path, *, makes: bool) -> None:
        """Read the token.

        Args:
            file: Has it, with or without an end of line.
            makes: Whether to make the file where there is none, its owner's alone.

        Raises:
            OSError: it cannot be read, or is no token.
        """
        self._file = file
        self._token = self._read(file, makes=makes)

    def reload(self) -> bool:
        """Read the token again.

        Returns:
            Whether it is another one now.

        Raises:
            OSError: it cannot be read, or is no token; the one before is still good.
        """
        return self.prepare(self._file, makes=False)()

    def prepare(self, file: Path, *, makes: bool) -> Callable[[], bool]:
        """Read a token, perhaps in another file.

        Returns:
            What puts it in the place of the one before, and tells whether it is another one.

        Raises:
            OSError: as above.
        """
        token = self._read(file, makes=makes)

        def commit() -> bool:
            before = self._token
            self._file, self._token = file, token
            return token != before

        return commit

    def admits(self, authorization: bytes | None) -> bool:
        """Tell whether a value of `Authorization` shows the token; it takes as long if not."""
        return hmac.compare_digest(shown_in(authorization), self._token)

    def _read(self, file: Path, *, makes: bool) -> bytes:
        if makes and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as opened:
                opened.write(secrets.token_urlsafe(32) + "\n")
        with file.open("rb") as opened:
            token = opened.read(LARGEST_FILE).strip()
        if len(token) < SHORTEST or not token.isascii() or len(token.split()) != 1:
            text = f"no token: one word of {SHORTEST} characters or more is needed"
            raise OSError(errno.EINVAL, text, str(file))
        return token


def shown_in(authorization: bytes | None) -> bytes:
    """Return what a value of `Authorization` shows; nothing where it is of another kind."""
    told = authorization or b""
    return told[len(SCHEME) :].strip() if told[: len(SCHEME)].lower() == SCHEME else b""
