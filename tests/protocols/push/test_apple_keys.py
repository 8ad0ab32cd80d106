"""A .p8 file is read, or its operator is told what is wrong with it, and nobody what is in it."""

import traceback

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PublicFormat,
)

from procall_mobility.protocols.push.apple_keys import AppleKey, apple_key
from procall_mobility.protocols.push.credentials import LARGEST_FILE, CredentialError
from tests.protocols.push.pushes import ec_key, parts, pem, rsa_key
from tests.protocols.push.test_json_web_tokens import verify_es256

TEAM, KEY = "DEF123GHIJ", "ABC123DEFG"
P8 = pem(ec_key())
OTHER_CURVE = pem(ec.generate_private_key(ec.SECP384R1()))
ENCRYPTED = pem(ec_key(), encryption=BestAvailableEncryption(b"passphrase"))
PUBLIC = ec_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
LINES = P8.splitlines()
UNKNOWN = (
    b"-----BEGIN PRIVATE KEY-----\n"
    b"MCcCAQAwBwYDKgMEBQAEGQQXAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    b"-----END PRIVATE KEY-----\n"
)
"""PKCS #8 of an algorithm that nobody has defined."""


def shown(error: BaseException) -> str:
    """Return whatever a log could show of an error, with all that lies beneath it."""
    said = "".join(traceback.format_exception(error)) + repr(error)
    beneath = error.__context__ or error.__cause__
    return said + (repr(vars(beneath)) + shown(beneath) if beneath else "")


def test_a_key_signs_for_its_team() -> None:
    key = apple_key(P8, team=TEAM, key_id=KEY)
    assert (key.team, key.id) == (TEAM, KEY)
    header, _, signature, said = parts(key.signer.token({"iss": TEAM}, {"kid": KEY}))
    assert header == {"alg": "ES256", "kid": KEY}
    verify_es256(signature, said)


def test_a_key_with_the_line_ends_and_blanks_of_an_editor_is_read() -> None:
    assert isinstance(apple_key(b"\n" + b"\r\n".join(LINES), team=TEAM, key_id=KEY), AppleKey)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"x" * (LARGEST_FILE + 1), "it is larger than 65536 octets"),
        (LINES[1], "it is no PEM"),
        (PUBLIC, "no private key"),
        (ENCRYPTED, "without a passphrase"),
        (b"\n".join([LINES[0], LINES[1][:20], LINES[-1]]), "damaged or cut off"),
        (b"\n".join(LINES[:-1]), "damaged or cut off"),
        (UNKNOWN, "of a kind nobody here knows"),
        (pem(rsa_key()), "not an elliptic curve key on P-256"),
        (OTHER_CURVE, "not an elliptic curve key on P-256"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "not an elliptic curve key on P-256"),
    ],
)
def test_what_is_no_key_of_apples_is_said_and_not_shown(octets: bytes, text: str) -> None:
    with pytest.raises(CredentialError, match=text) as caught:
        apple_key(octets, team=TEAM, key_id=KEY)
    secrets = [line.decode() for line in octets.splitlines() if line and b"---" not in line]
    assert not any(secret[:16] in shown(caught.value) for secret in secrets if secret.strip())


@pytest.mark.parametrize(
    ("team", "key_id", "text"),
    [
        ("", KEY, "team id"),
        ("de.example.app", KEY, "team id"),
        ("DEF123GHIJ\n", KEY, "team id"),
        (TEAM, "abc123defg", "key id"),
        (TEAM, "AuthKey_ABC123DEFG.p8", "key id"),
    ],
)
def test_names_apple_does_not_give_are_found(team: str, key_id: str, text: str) -> None:
    with pytest.raises(CredentialError, match=text):
        apple_key(P8, team=team, key_id=key_id)


def test_a_key_is_not_shown() -> None:
    assert "signer" not in repr(apple_key(P8, team=TEAM, key_id=KEY))
