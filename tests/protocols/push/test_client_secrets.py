"""The file with a client's name and secret."""

import json

import pytest

from procall_mobility.protocols.push.client_secrets import ClientSecret, client_secret
from procall_mobility.protocols.push.credentials import LARGEST_FILE, CredentialError

SAID = {"client_id": "100000001", "client_secret": "s3cret"}


def read(**members: object) -> ClientSecret:
    return client_secret(json.dumps({**SAID, **members}).encode())


def test_name_and_secret_are_read() -> None:
    assert read() == ClientSecret(client="100000001", secret="s3cret")


def test_a_tenant_may_be_named_where_there_are_any() -> None:
    octets = json.dumps({**SAID, "tenant_id": "acme.example"}).encode()
    assert client_secret(octets, may_have_tenant=True).tenant == "acme.example"
    with pytest.raises(CredentialError, match=r"other members than client_id, client_secret$"):
        client_secret(octets)


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"s3cret", "not a JSON object"),
        (b"[" * 100_000, "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b" " * (LARGEST_FILE + 1), "not a JSON object"),
        (b"{}", "client_id is missing"),
        (b'{"client_id": "a"}', "client_secret is missing"),
        (b'{"client_id": 1, "client_secret": "s3cret"}', "client_id is missing"),
        (b'{"client_id": "a", "client_secret": "s3cret\\n"}', "client_secret is missing"),
        (b'{"client_id": "a", "s3cret": ""}', "other members"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_shown(octets: bytes, why: str) -> None:
    with pytest.raises(CredentialError, match=why) as caught:
        client_secret(octets)
    assert "s3cret" not in f"{caught.value} {caught.value.__context__}"


def test_a_secret_is_not_shown() -> None:
    assert "s3cret" not in repr(read())
