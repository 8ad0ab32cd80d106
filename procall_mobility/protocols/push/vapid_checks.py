"""Whether a VAPID field proves that its sender holds a key (RFC 8292 section 4.2)."""

import hmac
import json
import re
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from procall_mobility.protocols.push.json_web_tokens import COORDINATE
from procall_mobility.protocols.push.web_push_encryption import (
    PUBLIC_KEY,
    base64_octets,
    public_key,
)

LONGEST: Final = 2048
"""Characters of the field."""

LONGEST_LIFE: Final = 86_400
"""Seconds a token may be good for (section 2)."""

SKEW: Final = 60
"""Seconds by which clocks may differ."""

_FIELD = re.compile(r"vapid\s+(?P<pairs>\S.*)", re.ASCII | re.IGNORECASE)
_PAIR = re.compile(r"\s*(?P<name>[tk])\s*=\s*(?P<value>[A-Za-z0-9_.-]+)\s*", re.ASCII)


def sender_key(text: str) -> bytes | None:
    """Read a public key as VAPID writes it: base64 of an uncompressed point of P-256."""
    octets = base64_octets(text)
    if octets is None or len(octets) != PUBLIC_KEY:
        return None
    try:
        public_key(octets)
    except ValueError:
        return None
    return octets


def proves(field: str, sender: str, origin: str, unix: float) -> bool:
    """Tell whether the field `authorization` was made for an origin by the holder of a key.

    The algorithm is the key's, whatever the token says.
    """
    said = _pairs(field)
    shown, token, expected = sender_key(said.get("k", "")), said.get("t", ""), sender_key(sender)
    if shown is None or expected is None or not hmac.compare_digest(shown, expected):
        return False
    signed, _, signature = token.rpartition(".")
    header, _, claims = signed.partition(".")
    if not _is_signed(signed, signature, expected) or _members(header).get("alg") != "ES256":
        return False
    told = _members(claims)
    until = told.get("exp")
    if not isinstance(until, int | float) or isinstance(until, bool):
        return False
    return told.get("aud") == origin and -SKEW < until - unix <= LONGEST_LIFE + SKEW


def _pairs(field: str) -> dict[str, str]:
    found = _FIELD.fullmatch(field) if len(field) <= LONGEST else None
    if found is None:
        return {}
    pairs = [_PAIR.fullmatch(pair) for pair in found["pairs"].split(",")]
    return {pair["name"]: pair["value"] for pair in pairs if pair is not None}


def _is_signed(said: str, signature: str, key: bytes) -> bool:
    octets = base64_octets(signature)
    if octets is None or len(octets) != 2 * COORDINATE:
        return False
    halves = int.from_bytes(octets[:COORDINATE]), int.from_bytes(octets[COORDINATE:])
    try:
        public_key(key).verify(
            encode_dss_signature(*halves), said.encode(), ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature:
        return False
    return True


def _members(part: str) -> dict[str, Any]:
    try:
        value = json.loads(base64_octets(part) or b"")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
