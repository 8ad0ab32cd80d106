"""A .p8 file is a key of a team, or its operator is told why not."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.credentials import CredentialError
from tests.protocols.push.es256 import verify_es256
from tests.protocols.push.pushes import ec_key, parts, pem, rsa_key

TEAM, KEY = "DEF123GHIJ", "ABC123DEFG"
P8 = pem(ec_key())
OTHER_CURVE = pem(ec.generate_private_key(ec.SECP384R1()))


def test_a_key_signs_for_its_team() -> None:
    key = apple_key(P8, team=TEAM, key_id=KEY)
    assert (key.team, key.id) == (TEAM, KEY)
    header, _, signature, said = parts(key.signer.token({"iss": TEAM}, {"kid": KEY}))
    assert header == {"alg": "ES256", "kid": KEY}
    verify_es256(signature, said)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", "it is empty"),
        (P8[:100], "damaged or cut off"),
        (pem(rsa_key()), "not an elliptic curve key on P-256"),
        (OTHER_CURVE, "not an elliptic curve key on P-256"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "not an elliptic curve key on P-256"),
    ],
    ids=lambda each: "octets" if isinstance(each, bytes) else None,
)
def test_what_is_no_key_of_apples_is_said(octets: bytes, text: str) -> None:
    with pytest.raises(CredentialError, match=text):
        apple_key(octets, team=TEAM, key_id=KEY)


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
