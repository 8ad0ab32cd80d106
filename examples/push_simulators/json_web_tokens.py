"""JSON Web Tokens in compact form (RFC 7515, RFC 7519), taken apart and verified."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

Key = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*\Z")


class NotAToken(ValueError):
    """It is no JSON Web Token; the text says what is wrong."""


@frozen
class WebToken:
    """A token, whose signature nobody has looked at yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    def text(self, name: str) -> str:
        """Return a claim that is text; empty when it is missing or of another kind."""
        value = self.claims.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float | None:
        """Return a claim that is a time or another number; None when it is not."""
        value = self.claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value)


def parse(text: str) -> WebToken:
    """Take a token apart.

    Raises:
        NotAToken: it has not the form of one.
    """
    parts = text.split(".")
    if len(parts) != 3:
        raise NotAToken("not three parts")
    header, claims, signature = (octets(part) for part in parts)
    return WebToken(_object(header), _object(claims), f"{parts[0]}.{parts[1]}".encode(), signature)


def octets(text: str) -> bytes:
    """Decode base64url without padding (RFC 7515 appendix C).

    Raises:
        NotAToken: it has other characters, padding, or a length no octets have.
    """
    if not _ALPHABET.match(text):
        raise NotAToken("not base64url without padding")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise NotAToken("not base64url") from error


def text_of(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def is_signed(token: WebToken, key: Key) -> bool:
    """Verify the signature by the algorithm the token names: ES256, RS256 or PS256."""
    match token.header.get("alg"), key:
        case "ES256", ec.EllipticCurvePublicKey() if len(token.signature) == 64:
            numbers = (token.signature[:32], token.signature[32:])
            r, s = (int.from_bytes(number) for number in numbers)
            der = utils.encode_dss_signature(r, s)
            return _holds(lambda: key.verify(der, token.signed, ec.ECDSA(hashes.SHA256())))
        case "RS256", rsa.RSAPublicKey():
            pad: padding.AsymmetricPadding = padding.PKCS1v15()
        case "PS256", rsa.RSAPublicKey():
            pad = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        case _:
            return False
    return _holds(lambda: key.verify(token.signature, token.signed, pad, hashes.SHA256()))


def _holds(verify: Any) -> bool:
    try:
        verify()
    except InvalidSignature:
        return False
    return True


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotAToken("not JSON") from error
    if not isinstance(value, dict):
        raise NotAToken("no JSON object")
    return value
