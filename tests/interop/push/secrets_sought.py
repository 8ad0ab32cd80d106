"""What must not be found: secrets, in every form in which they might have been written down."""

import base64
from collections.abc import Iterable
from pathlib import Path

SHORTEST = 12
"""Octets of a form that cannot be there by chance."""


def forms(secret: bytes) -> set[bytes]:
    """Return a secret in clear, in hexadecimal, in base64 and percent-encoded.

    In base64 a text looks different with what stands before it, in three ways.
    """
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    percent = "".join(f"%{octet:02x}" for octet in secret)
    found |= {percent.encode(), percent.upper().encode()}
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret)
        # But for the digits that depend on what stands before and after.
        inner = text[(0, 2, 3)[before] : -4]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    found.add(secret[: len(secret) // 2])
    return {each for each in found if len(each) >= SHORTEST}


def found_in(octets: bytes, secrets: Iterable[bytes]) -> set[bytes]:
    """Return the secrets that are somewhere in there, in any form."""
    return {secret for secret in secrets if any(form in octets for form in forms(secret))}


def files_below(folder: Path, but: Iterable[Path]) -> list[Path]:
    """Return all files in a folder and those in it, but for some."""
    left_out = set(but)
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not left_out & {path, *path.parents}
    )
