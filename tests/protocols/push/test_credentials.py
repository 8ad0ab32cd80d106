"""A key is read, or its operator is told what is wrong with it, and nobody what is in it."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.credentials import LARGEST_FILE, CredentialError, private_key
from tests.protocols.push.pushes import ec_key, pem, rsa_key
from tests.protocols.push.shown_errors import shown

P8 = pem(ec_key())
ENCRYPTED = pem(ec_key(), encryption=BestAvailableEncryption(b"passphrase"))
PUBLIC = ec_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
LINES = P8.splitlines()
UNKNOWN = (
    b"-----BEGIN PRIVATE KEY-----\n"
    b"MCcCAQAwBwYDKgMEBQAEGQQXAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    b"-----END PRIVATE KEY-----\n"
)
"""PKCS #8 of an algorithm that nobody has defined."""


def test_keys_of_every_kind_are_read() -> None:
    assert isinstance(private_key(P8), EllipticCurvePrivateKey)
    assert isinstance(private_key(pem(rsa_key())), RSAPrivateKey)


def test_the_line_ends_and_blanks_of_an_editor_do_no_harm() -> None:
    assert isinstance(private_key(b"\n" + b"\r\n".join(LINES)), EllipticCurvePrivateKey)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (P8 + b" " * (LARGEST_FILE + 1 - len(P8)), "it is larger than 65536 octets"),
        (LINES[1], "it is no PEM"),
        (PUBLIC, "no private key"),
        (ENCRYPTED, "without a passphrase"),
        (b"\n".join([LINES[0], LINES[1][:20], LINES[-1]]), "damaged or cut off"),
        (b"\n".join(LINES[:-1]), "damaged or cut off"),
        # cryptography 43 does not tell a kind it does not know from what is no key.
        (UNKNOWN, "of a kind nobody here knows|damaged or cut off"),
    ],
    ids=lambda each: "octets" if isinstance(each, bytes) else None,
)
def test_what_is_no_key_is_said_and_not_shown(octets: bytes, text: str) -> None:
    """The errors of the parsers beneath hold what they could not read."""
    with pytest.raises(CredentialError, match=text) as caught:
        private_key(octets)
    secrets = [line for line in octets.splitlines() if line.strip() and b"---" not in line]
    assert not any(secret[:16].decode() in shown(caught.value) for secret in secrets)
    assert caught.value.__context__ is None


def test_a_file_may_be_as_large_as_the_largest() -> None:
    assert private_key(P8 + b"\n" * (LARGEST_FILE - len(P8)))


@given(st.binary(max_size=200), st.integers(0, len(P8)))
def test_a_damaged_key_is_one_or_an_error_of_ours(junk: bytes, at: int) -> None:
    try:
        private_key(P8[:at] + junk + P8[at + len(junk) :])
    except CredentialError as error:
        assert error.__context__ is None
