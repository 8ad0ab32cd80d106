"""Tokens are asked for in forms, which escape whatever is in a secret."""

from urllib.parse import parse_qs

from procall_mobility.protocols.push.oauth_requests import client_credentials, jwt_bearer


def test_client_credentials_are_sent_in_the_body() -> None:
    """RFC 6749 section 4.4.2, with a secret that needs to be escaped."""
    request = client_credentials("/oauth2/v3/token", "10041", "a&b=c d", scope="notify")
    assert (request.method, request.path) == ("POST", "/oauth2/v3/token")
    assert dict(request.headers)["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode(), strict_parsing=True) == {
        "grant_type": ["client_credentials"],
        "client_id": ["10041"],
        "client_secret": ["a&b=c d"],
        "scope": ["notify"],
    }
    assert "a&b" not in repr(request)


def test_a_scope_may_be_left_out() -> None:
    assert b"scope" not in client_credentials("/token", "10041", "secret").body


def test_an_assertion_is_sent_in_the_body() -> None:
    """RFC 7523 section 2.1."""
    assert parse_qs(jwt_bearer("/token", "a.b.c").body.decode(), strict_parsing=True) == {
        "grant_type": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "assertion": ["a.b.c"],
    }
