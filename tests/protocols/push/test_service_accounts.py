"""A service account's file is read, or its owner is told what is wrong with it."""

import json
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.credentials import LARGEST_FILE, CredentialError
from procall_mobility.protocols.push.fcm import SCOPE
from procall_mobility.protocols.push.service_accounts import LIFETIME, SKEW, service_account
from tests.protocols.push.pushes import JSON, UNIX, ec_key, parts, pem, rsa_key
from tests.protocols.push.service_account_files import EMAIL, FILE, PRIVATE, account
from tests.protocols.push.shown_errors import shown


def test_an_account_is_what_its_file_says() -> None:
    found = account()
    assert (found.project, found.email, found.key_id) == ("procall-91", EMAIL, "0123456789abcdef")
    assert found.token_host == "oauth2.googleapis.com"


def test_a_token_is_asked_for_with_a_signed_assertion() -> None:
    """RFC 7523 section 2.1; Google takes nothing that is longer than an hour."""
    request = account().token_request(SCOPE, UNIX)
    assert (request.method, request.path) == ("POST", "/token")
    assert dict(request.headers)["content-type"] == "application/x-www-form-urlencoded"
    form = parse_qs(request.body.decode(), strict_parsing=True)
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    header, claims, signature, said = parts(form["assertion"][0])
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "0123456789abcdef"}
    assert claims == {
        "iss": EMAIL,
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": int(UNIX) - SKEW,
        "exp": int(UNIX) - SKEW + LIFETIME,
    }
    rsa_key().public_key().verify(signature, said, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(
    ("uri", "host", "path"),
    [
        (None, "oauth2.googleapis.com", "/token"),
        ("https://localhost:8443/oauth/token", "localhost:8443", "/oauth/token"),
        ("https://tokens.example", "tokens.example", "/"),
    ],
)
def test_the_file_says_who_gives_tokens(uri: str | None, host: str, path: str) -> None:
    found = account(token_uri=uri)
    assert found.token_host == host
    assert found.token_request(SCOPE, UNIX).path == path


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"type": None}, "its type is not service_account"),
        ({"type": ["service_account"]}, "its type is not service_account"),
        ({"type": "authorized_user"}, "a user's credential"),
        ({"type": "external_account"}, "an external account's"),
        ({"type": None, "project_info": {}}, "google-services.json, which is for the app"),
        ({"project_id": None}, "project_id is missing"),
        ({"client_email": ""}, "client_email is missing"),
        ({"private_key_id": 7}, "private_key_id is missing"),
        ({"private_key": None}, "private_key is missing"),
        ({"private_key": PRIVATE[:200]}, "private_key: the private key is damaged"),
        ({"private_key": PRIVATE.replace("\n", "\\n")}, "private_key: the private key is damaged"),
        ({"private_key": "\ud83d"}, "private_key: it is no PEM"),
        ({"private_key": pem(ec_key()).decode()}, "private_key is not an RSA key of 2048 bits"),
        (
            {"private_key": pem(rsa_key(1024)).decode()},
            "private_key is not an RSA key of 2048 bits",
        ),
        ({"token_uri": "http://oauth2.googleapis.com/token"}, "token_uri is no https address"),
        ({"token_uri": "https:///token"}, "token_uri is no https address"),
        ({"token_uri": "https://[::1/token"}, "token_uri is no https address"),
        ({"token_uri": "https://example:99999/token"}, "token_uri is no https address"),
        ({"token_uri": "https://a@b.example/token"}, "token_uri is no https address"),
        ({"token_uri": "https://:a@b.example/token"}, "token_uri is no https address"),
        ({"token_uri": "https://b.example/a b"}, "token_uri is no https address"),
        ({"token_uri": 7}, "token_uri is no https address"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_shown(changes: dict[str, object], text: str) -> None:
    with pytest.raises(CredentialError, match=text) as caught:
        account(**changes)
    assert PRIVATE[30:60] not in shown(caught.value)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", "not a JSON object"),
        (b"[" * 9000, "not a JSON object"),
        (PRIVATE.encode(), "not a JSON object"),
        (json.dumps(FILE).encode()[:-5], "not a JSON object"),
        (json.dumps([FILE]).encode(), "not a JSON object"),
        (json.dumps(FILE).encode() + b" " * LARGEST_FILE, "larger than 65536 octets"),
    ],
)
def test_what_is_no_json_object_is_said_and_not_shown(octets: bytes, text: str) -> None:
    """The JSON parser's own error holds all it was given."""
    with pytest.raises(CredentialError, match=text) as caught:
        service_account(octets)
    assert caught.value.__context__ is None
    assert PRIVATE[30:60] not in shown(caught.value)


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_an_error_of_ours(octets: bytes) -> None:
    with pytest.raises(CredentialError):
        service_account(octets)


@given(st.sampled_from(sorted(FILE)), JSON)
def test_an_account_with_any_member_changed_is_one_or_an_error(name: str, value: object) -> None:
    try:
        found = account(**{name: value})
    except CredentialError:
        return
    found.token_request(SCOPE, UNIX)


def test_an_account_shows_nothing_of_its_key() -> None:
    assert "signer" not in repr(account())
