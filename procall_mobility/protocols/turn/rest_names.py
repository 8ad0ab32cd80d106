"""User names that say whose they are: those of time-limited credentials, and fixed ones.

A time-limited name is `expiry:customer:user` or `expiry:customer:user:session`, its password a
keyed sum over it (draft-uberti-behave-turn-rest-00); a fixed name is `customer:user`.
"""

import base64
import hmac
import re
from typing import Final

from attrs import frozen

MOST_DIGITS: Final = 12
"""Digits of an expiry: thirty thousand years, and no number that is slow to read."""

_REST = re.compile(r"(\d{1,12}):([^:]+):([^:]+)(?::([^:]+))?")
_FIXED = re.compile(r"([^:]+):([^:]+)")


@frozen(kw_only=True)
class UserName:
    """What a user name says."""

    ucsid: str
    subject: str
    session: str | None = None
    expiry: int | None = None
    """Unix seconds; None for a fixed name."""


def parse(username: bytes) -> UserName | None:
    """Read a user name; None when it is neither kind."""
    try:
        text = username.decode()
    except UnicodeDecodeError:
        return None
    found = _REST.fullmatch(text)
    if found is not None and found[1].isascii():
        return UserName(expiry=int(found[1]), ucsid=found[2], subject=found[3], session=found[4])
    found = _FIXED.fullmatch(text)
    if found is not None and not found[1].isdigit():
        return UserName(ucsid=found[1], subject=found[2])
    return None


def mint(
    expiry: int, ucsid: str, subject: str, session: str | None, secret: bytes
) -> tuple[str, str]:
    """Return a time-limited user name and its credential.

    Raises:
        ValueError: the user or session has a colon in it, or is empty.
    """
    parts = [str(expiry), ucsid, subject, *([] if session is None else [session])]
    if any(not part or ":" in part for part in parts):
        raise ValueError("a user's name may not be empty or have a colon in it")
    username = ":".join(parts)
    return username, credential_of(secret, username)


def credential_of(secret: bytes, username: str) -> str:
    """Return the credential of a time-limited user name.

    The draft fixes SHA-1; as an HMAC it is not weakened by collisions.
    """
    return base64.b64encode(hmac.digest(secret, username.encode(), "sha1")).decode()
