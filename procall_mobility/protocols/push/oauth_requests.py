"""Requests for access tokens (RFC 6749 section 4.4, RFC 7523 section 2.1)."""

from urllib.parse import urlencode

from procall_mobility.protocols.push.exchange import ProviderRequest

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def client_credentials(
    path: str, client: str, secret: str, scope: str | None = None
) -> ProviderRequest:
    """Ask with a client's name and secret, both in the body."""
    members = {
        "grant_type": "client_credentials",
        "client_id": client,
        "client_secret": secret,
    }
    return _form(path, members if scope is None else {**members, "scope": scope})


def jwt_bearer(path: str, assertion: str) -> ProviderRequest:
    """Ask with a token we have signed."""
    return _form(path, {"grant_type": JWT_BEARER, "assertion": assertion})


def _form(path: str, members: dict[str, str]) -> ProviderRequest:
    return ProviderRequest(
        path=path,
        headers=(
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "application/json"),
        ),
        body=urlencode(members).encode(),
    )
