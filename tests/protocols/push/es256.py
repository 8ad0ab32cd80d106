"""Signatures of ES256 as their public key confirms them."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.protocols.push.pushes import ec_key


def verify_es256(signature: bytes, said: bytes) -> None:
    assert len(signature) == 64
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    der = encode_dss_signature(r, s)
    ec_key().public_key().verify(der, said, ec.ECDSA(hashes.SHA256()))
