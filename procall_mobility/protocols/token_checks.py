"""JSON Web Tokens of others, verified (RFC 7515, RFC 7519, RFC 8725)."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import field, frozen
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

COORDINATE: Final = 32
"""Octets of each half of a signature on P-256 (RFC 7518 section 3.4)."""

SHORTEST_RSA: Final = 2048
"""Bits (RFC 7518 section 3.3)."""

LARGEST_PEM: Final = 8192
"""Octets; an RSA key of 16,384 bits has 2,800."""

_PART = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


@frozen
class SignedToken:
    """A token as it is shown; nothing of it is proven."""

    header: Mapping[str, Any] = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    said: bytes = field(repr=False)
    """What is signed."""
    signature: bytes = field(repr=False)


@frozen
class Verifier:
    """A public key, with the one algorithm it is for (RFC 8725 section 3.1)."""

    algorithm: str
    """As RFC 7518 section 3.1 and RFC 8037 call it."""
    id: str
    """Tells it from others: the beginning of the digest of the key, in hexadecimal digits."""
    verify: Callable[[bytes, bytes], None] = field(repr=False, eq=False)
    """Takes signature and words; raises InvalidSignature."""

    def proves(self, token: SignedToken) -> bool:
        """Tell whether the holder of the key has signed a token."""
        if token.header.get("alg") != self.algorithm or "crit" in token.header:
            return False  # Section 4.1.11 of RFC 7515: we know no extension.
        try:
            self.verify(token.signature, token.said)
        except InvalidSignature:
            return False
        return True


def signed_token(text: str, longest: int) -> SignedToken | None:
    """Read a token in its compact form; None of what is none."""
    parts = text.split(".") if len(text) <= longest else []
    if len(parts) != 3:
        return None
    header, claims, signature = map(_octets, parts)
    told, said = _members(header), _members(claims)
    if told is None or said is None or signature is None:
        return None
    return SignedToken(told, said, text.rpartition(".")[0].encode(), signature)


def numeric_date(value: Any) -> float | None:
    """Return a claim that is a time, in Unix seconds (RFC 7519 section 2); None of others."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # Numbers of years far from ours are no times, and might be too large to count with.
    return float(value) if is_number and abs(value) < 1e12 else None


def verifier(pem: bytes) -> Verifier:
    """Read a public key in PEM: P-256 (ES256), Ed25519 (EdDSA), or RSA (RS256).

    Raises:
        ValueError: it is none of these; says why.
    """
    if b"PRIVATE KEY" in pem:
        raise ValueError("it is a private key; only the public one is needed, and safe here")
    if len(pem) > LARGEST_PEM:
        raise ValueError(f"it is larger than {LARGEST_PEM} octets")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("it is no public key in PEM (-----BEGIN PUBLIC KEY-----)") from None
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    name = hashlib.sha256(octets).hexdigest()[:16]
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return Verifier("ES256", name, es256_check(key))
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Verifier("EdDSA", name, key.verify)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SHORTEST_RSA:
        return Verifier("RS256", name, _rs256_check(key))
    raise ValueError(f"P-256, Ed25519, and RSA of {SHORTEST_RSA} bits or more are taken")


def es256_check(key: ec.EllipticCurvePublicKey) -> Callable[[bytes, bytes], None]:
    """Return what verifies ECDSA on P-256, with r and s side by side."""

    def verify(signature: bytes, said: bytes) -> None:
        if len(signature) != 2 * COORDINATE:
            raise InvalidSignature
        halves = int.from_bytes(signature[:COORDINATE]), int.from_bytes(signature[COORDINATE:])
        key.verify(encode_dss_signature(*halves), said, ec.ECDSA(hashes.SHA256()))

    return verify


def _rs256_check(key: rsa.RSAPublicKey) -> Callable[[bytes, bytes], None]:
    def verify(signature: bytes, said: bytes) -> None:
        key.verify(signature, said, padding.PKCS1v15(), hashes.SHA256())

    return verify


def _octets(part: str) -> bytes | None:
    if not _PART.fullmatch(part) or len(part) % 4 == 1:
        return None
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _members(octets: bytes | None) -> dict[str, Any] | None:
    try:
        value = json.loads(octets or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
