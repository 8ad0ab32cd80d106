"""Tokens of others: one key, one algorithm (RFC 8725 section 3.1), and nothing else proves."""

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.json_web_tokens import Signer, es256, rs256
from procall_mobility.protocols.token_checks import (
    LARGEST_PEM,
    Verifier,
    numeric_date,
    signed_token,
    verifier,
)
from tests.protocols.push.pushes import ec_key, pem, rsa_key

CLAIMS = {"iss": "acme", "exp": 1}


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def public(key: Any) -> bytes:
    octets: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return octets


SIGNERS: dict[str, tuple[Any, Signer]] = {
    "ES256": (ec_key(), es256(ec_key())),
    "EdDSA": (ed_key(), Signer("EdDSA", ed_key().sign)),
    "RS256": (rsa_key(), rs256(rsa_key())),
}


def proves(check: Verifier, token: str) -> bool:
    shown = signed_token(token, 4096)
    return shown is not None and check.proves(shown)


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_whoever_holds_the_key_is_believed(algorithm: str) -> None:
    key, signer = SIGNERS[algorithm]
    check = verifier(public(key))
    token = signer.token(CLAIMS, {"kid": "any"})
    assert check.algorithm == algorithm
    assert proves(check, token)
    shown = signed_token(token, 4096)
    assert shown is not None
    assert (shown.claims, shown.header["kid"]) == (CLAIMS, "any")


@pytest.mark.parametrize("algorithm", SIGNERS)
@pytest.mark.parametrize("place", ["claims", "signature"])
def test_whatever_is_changed_in_it_is_found_out(algorithm: str, place: str) -> None:
    key, signer = SIGNERS[algorithm]
    head, claims, signature = signer.token(CLAIMS, {}).split(".")
    if place == "claims":
        claims = base64.urlsafe_b64encode(b'{"iss":"other","exp":1}').decode().rstrip("=")
    else:
        signature = ("A" if signature[0] != "A" else "B") + signature[1:]
    assert not proves(verifier(public(key)), f"{head}.{claims}.{signature}")


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_another_key_proves_nothing(algorithm: str) -> None:
    others = [verifier(public(key)) for name, (key, _) in SIGNERS.items() if name != algorithm]
    others.append(verifier(public(ec.generate_private_key(ec.SECP256R1()))))
    token = SIGNERS[algorithm][1].token(CLAIMS, {})
    assert not any(proves(each, token) for each in others)


def test_the_algorithm_is_the_keys_and_never_the_tokens() -> None:
    """RFC 8725 section 2.1: the public key as the secret of an HMAC, and no signature at all."""
    octets = public(rsa_key())
    check = verifier(octets)

    def by_hmac(said: bytes) -> bytes:
        return hmac.digest(octets, said, hashlib.sha256)

    assert not proves(check, Signer("HS256", by_hmac).token(CLAIMS, {}))
    assert not proves(check, Signer("none", lambda _: b"").token(CLAIMS, {}))
    assert not proves(check, Signer("PS256", rs256(rsa_key()).sign).token(CLAIMS, {}))


def test_extensions_we_do_not_know_are_not_passed_over() -> None:
    """RFC 7515 section 4.1.11."""
    token = es256(ec_key()).token(CLAIMS, {"crit": "exp"})
    assert not proves(verifier(public(ec_key())), token)


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (pem(ec_key()), "private key"),
        (b"", "no public key in PEM"),
        (b"-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n", "no public key"),
        (b"x" * (LARGEST_PEM + 1), "larger than"),
        (public(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (public(rsa.generate_private_key(65_537, 1024)), "2048 bits"),
    ],
    ids=["private", "empty", "cut", "large", "p384", "rsa1024"],
)
def test_what_is_no_key_for_that_is_named(octets: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        verifier(octets)


def test_a_key_is_told_from_others_by_its_digest() -> None:
    assert verifier(public(ec_key())).id == verifier(public(ec_key()) + b"\n").id
    assert verifier(public(ec_key())).id != verifier(public(ed_key())).id


@pytest.mark.parametrize(
    "text",
    ["", "a.b", "a.b.c.d", "!.e30.AA", "e30.e30.A", "W10.e30.AA", "e30.W10.AA", "e30.eyI.AA"],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert signed_token(text, 4096) is None


def test_a_token_has_bounds() -> None:
    token = es256(ec_key()).token(CLAIMS, {})
    assert signed_token(token, len(token)) is not None
    assert signed_token(token, len(token) - 1) is None
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("=")
    assert signed_token(f"{deep}.e30.AA", 1_000_000) is None


@given(st.text(max_size=60) | st.text("e30.", max_size=12))
def test_whatever_comes_proves_nothing(text: str) -> None:
    assert not proves(verifier(public(ec_key())), text)


@given(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=3))
def test_a_signature_of_the_wrong_size_is_none(claims: dict[str, Any]) -> None:
    for size in (0, 63, 65):
        signer = Signer("ES256", lambda _, size=size: bytes(size))  # type: ignore[misc]
        assert not proves(verifier(public(ec_key())), signer.token(claims, {}))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1.0), (1.5, 1.5), (True, None), ("1", None), (None, None), (10**400, None),
        (json.loads("NaN"), None), (json.loads("Infinity"), None),
    ],
)  # fmt: skip
def test_a_time_is_a_number_of_our_era(value: Any, expected: float | None) -> None:
    """RFC 7519 section 2."""
    assert numeric_date(value) == expected
