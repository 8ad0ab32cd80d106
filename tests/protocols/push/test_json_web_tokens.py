"""Tokens are signed as RFC 7515 and RFC 7518 say, which their public keys confirm."""

import pytest
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from procall_mobility.protocols.push.json_web_tokens import (
    Signer,
    base64url,
    ecdsa,
    es256,
    ps256,
    rs256,
)
from tests.protocols.push.es256 import verify_es256
from tests.protocols.push.pushes import ec_key, parts, rsa_key

CLAIMS = {"iss": "TEAM", "iat": 1_800_000_000}


def test_es256_is_r_and_s_side_by_side() -> None:
    """RFC 7518 section 3.4: 64 octets, not DER."""
    token = es256(ec_key()).token(CLAIMS, {"kid": "KEY"})
    header, claims, signature, said = parts(token)
    assert header == {"alg": "ES256", "kid": "KEY"}
    assert claims == CLAIMS
    verify_es256(signature, said)


def test_halves_of_a_signature_keep_their_leading_zeros() -> None:
    """One in 256 has one: without it nothing of the rest is where it belongs."""
    signer = es256(ec_key())
    for number in range(600):
        said = str(number).encode()
        verify_es256(signer.sign(said), said)


def test_rs256_is_pkcs1() -> None:
    """RFC 7518 section 3.3."""
    token = rs256(rsa_key()).token(CLAIMS, {"typ": "JWT"})
    header, claims, signature, said = parts(token)
    assert header == {"alg": "RS256", "typ": "JWT"}
    assert claims == CLAIMS
    rsa_key().public_key().verify(signature, said, padding.PKCS1v15(), hashes.SHA256())


def test_ps256_has_a_salt_as_long_as_its_digest() -> None:
    """RFC 7518 section 3.5; without a salt it would be the same each time."""
    signer = ps256(rsa_key())
    _, _, signature, said = parts(signer.token(CLAIMS, {}))
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
    rsa_key().public_key().verify(signature, said, scheme, hashes.SHA256())
    assert signer.sign(said) != signature


def test_a_changed_token_is_found_out() -> None:
    _, _, signature, said = parts(es256(ec_key()).token(CLAIMS, {}))
    with pytest.raises(InvalidSignature):
        verify_es256(signature, said + b"x")


def test_the_same_words_have_the_same_signature() -> None:
    """RFC 6979: so that two daemons with one key make one token."""
    assert es256(ec_key()).token(CLAIMS, {}) == es256(ec_key()).token(CLAIMS, {})


def test_where_openssl_needs_dice_it_gets_them() -> None:
    """Before 3.2 it knows no other way."""

    def old(algorithm: hashes.HashAlgorithm, **how: bool) -> ec.ECDSA:
        if how:
            raise UnsupportedAlgorithm("deterministic signing")
        return ec.ECDSA(algorithm)

    signature = ec_key().sign(b"said", ecdsa(old))
    ec_key().public_key().verify(signature, b"said", ec.ECDSA(hashes.SHA256()))


def test_base64url_has_neither_padding_nor_letters_of_urls() -> None:
    """RFC 7515 appendix C."""
    assert base64url(bytes([3, 236, 255, 224, 193])) == "A-z_4ME"


def test_a_signer_shows_nothing_of_its_key() -> None:
    assert repr(Signer("ES256", ec_key().private_numbers)) == "Signer(algorithm='ES256')"
