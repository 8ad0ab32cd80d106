"""Signed JSON Web Tokens in their compact form (RFC 7515, RFC 7518, RFC 7519)."""

import base64
import json
from collections.abc import Callable, Mapping

from attrs import field, frozen
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

COORDINATE = 32
"""Octets of each half of a signature on P-256 (RFC 7518 section 3.4)."""

Claims = Mapping[str, str | int]


@frozen
class Signer:
    """A private key that signs and shows nothing of itself."""

    algorithm: str
    """As RFC 7518 section 3.1 calls it."""
    sign: Callable[[bytes], bytes] = field(repr=False, eq=False)

    def token(self, claims: Claims, header: Claims) -> str:
        """Return a token; `header` is what stands there beside the algorithm."""
        said = f"{_json({'alg': self.algorithm, **header})}.{_json(claims)}"
        return f"{said}.{base64url(self.sign(said.encode()))}"


def es256(key: ec.EllipticCurvePrivateKey) -> Signer:
    """Sign with ECDSA on P-256; the signature is r and s side by side, not DER."""
    scheme = ecdsa()

    def sign(said: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(said, scheme))
        return r.to_bytes(COORDINATE) + s.to_bytes(COORDINATE)

    return Signer("ES256", sign)


def rs256(key: rsa.RSAPrivateKey) -> Signer:
    """Sign with RSASSA-PKCS1-v1_5."""
    return Signer("RS256", lambda said: key.sign(said, padding.PKCS1v15(), hashes.SHA256()))


def ps256(key: rsa.RSAPrivateKey) -> Signer:
    """Sign with RSASSA-PSS, its salt as long as the digest (RFC 7518 section 3.5)."""
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    return Signer("PS256", lambda said: key.sign(said, scheme, hashes.SHA256()))


def ecdsa(make: Callable[..., ec.ECDSA] = ec.ECDSA) -> ec.ECDSA:
    """Return the scheme without dice (RFC 6979), so that the same words have one signature.

    OpenSSL before 3.2 cannot do that; what it signs is as good, and different each time.
    """
    try:
        return make(hashes.SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:
        return make(hashes.SHA256())


def base64url(octets: bytes) -> str:
    """Write octets without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _json(value: Claims) -> str:
    return base64url(json.dumps(value, separators=(",", ":")).encode())
