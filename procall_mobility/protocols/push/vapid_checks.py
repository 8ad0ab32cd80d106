"""Whether a VAPID field proves that its sender holds a key (RFC 8292 section 4.2)."""

import hmac
import re
from typing import Final

from procall_mobility.protocols.push.web_push_encryption import (
    PUBLIC_KEY,
    base64_octets,
    public_key,
)
from procall_mobility.protocols.token_checks import (
    Verifier,
    es256_check,
    numeric_date,
    signed_token,
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
    """Tell whether the field `authorization` was made for an origin by the holder of a key."""
    said = _pairs(field)
    shown, expected = sender_key(said.get("k", "")), sender_key(sender)
    if shown is None or expected is None or not hmac.compare_digest(shown, expected):
        return False
    token = signed_token(said.get("t", ""), LONGEST)
    check = es256_check(public_key(expected))
    if token is None or not Verifier("ES256", "", check).proves(token):
        return False
    until = numeric_date(token.claims.get("exp"))
    if until is None:
        return False
    return token.claims.get("aud") == origin and -SKEW < until - unix <= LONGEST_LIFE + SKEW


def _pairs(field: str) -> dict[str, str]:
    found = _FIELD.fullmatch(field) if len(field) <= LONGEST else None
    if found is None:
        return {}
    pairs = [_PAIR.fullmatch(pair) for pair in found["pairs"].split(",")]
    return {pair["name"]: pair["value"] for pair in pairs if pair is not None}
