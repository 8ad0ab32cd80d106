"""Seals what a push says, so that only the device it is for can read it (Wire 7.1, aes128).

AES-128 in Galois/Counter Mode (NIST SP 800-38D); what travels is the nonce, then the sealed
content with its tag, in base64.  Id and kind are authenticated with it: no push can be passed off
as another.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
"""Octets."""


def seal(
    content: dict[str, Any], key: bytes, push: str, kind: str, entropy: Callable[[int], bytes]
) -> dict[str, str]:
    """Return the payload of a push.

    Args:
        content: what the application is told.
        key: the device's.
        push: the push's id.
        kind: what it is about.
        entropy: random octets.
    """
    nonce = entropy(NONCE)
    clear = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    sealed = AESGCM(key).encrypt(nonce, clear, f"{push} {kind}".encode())
    return {"enc": "aes128", "data": base64.b64encode(nonce + sealed).decode()}
