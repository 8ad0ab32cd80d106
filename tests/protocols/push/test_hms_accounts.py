"""Service accounts of Huawei's cloud, and the tokens they sign for HarmonyOS."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.credentials import LARGEST_FILE, CredentialError
from procall_mobility.protocols.push.hms_accounts import (
    LIFETIME,
    REUSED,
    SKEW,
    hms_account,
)
from procall_mobility.protocols.push.self_signed import FRESH
from tests.protocols.push.pushes import JSON, UNIX, ec_key, parts, pem, rsa_key

FILE: dict[str, object] = {
    "project_id": "101653523863",
    "key_id": "a1b2c3",
    "private_key": pem(rsa_key()).decode(),
    "sub_account": "1234567",
    "auth_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize",
    "token_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
}


def file(**changed: object) -> bytes:
    said = {**FILE, **changed}
    return json.dumps({name: each for name, each in said.items() if each is not None}).encode()


def test_an_account_is_read_from_its_file() -> None:
    account = hms_account(file())
    assert (account.project, account.name, account.key_id) == ("101653523863", "1234567", "a1b2c3")


def test_a_token_is_what_huawei_verifies() -> None:
    """Its documentation, and RFC 7518 section 3.5: the salt is as long as the digest."""
    token = hms_account(file()).tokens().token(UNIX)
    header, claims, signature, said = parts(token)
    assert header == {"alg": "PS256", "kid": "a1b2c3", "typ": "JWT"}
    issued = int(UNIX) - SKEW
    assert claims == {
        "aud": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
        "iss": "1234567",
        "iat": issued,
        "exp": issued + LIFETIME,
    }
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    rsa_key().public_key().verify(signature, said, scheme, hashes.SHA256())


def test_a_token_is_used_while_it_is_good_and_made_anew_when_refused() -> None:
    tokens = hms_account(file()).tokens()
    first = tokens.token(UNIX)
    assert tokens.token(UNIX + REUSED - 1) == first
    assert not tokens.refused(first, UNIX + FRESH - 1)
    assert tokens.refused(first, UNIX + FRESH)
    second = tokens.token(UNIX + FRESH)
    assert second != first
    assert tokens.token(UNIX + FRESH + REUSED) != second
    assert REUSED + SKEW < LIFETIME - 900


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "JSON object"),
        (b"[]", "JSON object"),
        (b"[" * 5000, "JSON object"),
        (b"\xff", "JSON object"),
        (file(more="x" * LARGEST_FILE), "JSON object"),
        (file(project_id=None), "project_id"),
        (file(project_id=7), "project_id"),
        (file(sub_account=""), "sub_account"),
        (file(sub_account="a\nb"), "sub_account"),
        (file(key_id=None), "key_id"),
        (file(private_key=None), "private_key"),
        (file(private_key="xyz"), "PEM"),
        (file(private_key="\ud800"), "PEM"),
        (file(private_key=pem(ec_key()).decode()), "RSA"),
        (file(private_key=pem(rsa_key(1024)).decode()), "RSA"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_not_shown(octets: bytes, why: str) -> None:
    with pytest.raises(CredentialError, match=why) as caught:
        hms_account(octets)
    assert caught.value.__context__ is None


@given(st.binary(max_size=100) | st.dictionaries(st.sampled_from(sorted(FILE)), JSON).map(
    lambda said: json.dumps(said).encode()
))  # fmt: skip
def test_any_file_is_an_accounts_or_none(octets: bytes) -> None:
    with pytest.raises(CredentialError):
        hms_account(octets)


def test_a_key_is_not_shown() -> None:
    account: Any = hms_account(file())
    assert "signer" not in repr(account)
