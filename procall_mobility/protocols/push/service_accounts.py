"""Service accounts of Google's cloud, as the JSON files their owners are given."""

import json
from urllib.parse import urlsplit

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from procall_mobility.protocols.push import oauth_requests
from procall_mobility.protocols.push.credentials import (
    LARGEST_FILE,
    CredentialError,
    private_key,
)
from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.protocols.push.json_web_tokens import Signer, rs256

LIFETIME = 3600
"""Seconds an assertion is good for; Google takes no longer ones."""

SKEW = 30
"""Seconds by which an assertion is dated back: one from the future is refused."""

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105  # An address, no secret.

SHORTEST_KEY = 2048
"""Bits (RFC 7518 section 3.3)."""

_KINDS = {
    "authorized_user": "it is a user's credential (authorized_user), not a service account's",
    "external_account": "it is an external account's, which has no key of its own",
}


@frozen(kw_only=True)
class ServiceAccount:
    """Somebody who may get access tokens for a project."""

    project: str
    email: str
    key_id: str
    token_uri: str
    signer: Signer = field(repr=False)

    @property
    def token_host(self) -> str:
        """Who gives out tokens, with the port where one is named."""
        return urlsplit(self.token_uri).netloc

    def token_request(self, scope: str, unix: float) -> ProviderRequest:
        """Ask for an access token (RFC 7523 section 2.1)."""
        issued = int(unix) - SKEW
        claims: dict[str, str | int] = {
            "iss": self.email,
            "scope": scope,
            "aud": self.token_uri,
            "iat": issued,
            "exp": issued + LIFETIME,
        }
        assertion = self.signer.token(claims, {"typ": "JWT", "kid": self.key_id})
        return oauth_requests.jwt_bearer(urlsplit(self.token_uri).path or "/", assertion)


def service_account(octets: bytes) -> ServiceAccount:
    """Read a service account's file.

    Raises:
        CredentialError: it is none, or something is missing in it.
    """
    said = _members(octets)
    kind = said.get("type")
    if kind != "service_account":
        raise CredentialError(_other(said, kind))
    return ServiceAccount(
        project=_text(said, "project_id"),
        email=_text(said, "client_email"),
        key_id=_text(said, "private_key_id"),
        token_uri=_token_uri(said),
        signer=_signer(_text(said, "private_key")),
    )


def _members(octets: bytes) -> dict[str, object]:
    if len(octets) > LARGEST_FILE:
        raise CredentialError(f"it is larger than {LARGEST_FILE} octets")
    try:
        value = json.loads(octets)
    except (ValueError, RecursionError):
        value = None  # The error would hold the file.
    if not isinstance(value, dict):
        raise CredentialError("it is not a JSON object")
    return value


def _other(said: dict[str, object], kind: object) -> str:
    if "project_info" in said:
        return "it is google-services.json, which is for the app; a service account's is needed"
    known = _KINDS.get(kind) if isinstance(kind, str) else None
    return known or "its type is not service_account"


def _text(said: dict[str, object], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise CredentialError(f"{name} is missing")
    return value


def _token_uri(said: dict[str, object]) -> str:
    uri = said.get("token_uri", TOKEN_URI)
    if not isinstance(uri, str) or not _is_https(uri):
        raise CredentialError("token_uri is no https address")
    return uri


def _is_https(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        return (
            parts.scheme == "https" and bool(parts.hostname)
            and parts.port != 0 and "@" not in parts.netloc
            and uri.isascii() and uri.isprintable() and " " not in uri
        )  # fmt: skip
    except ValueError:
        return False


def _signer(pem: str) -> Signer:
    try:
        key = private_key(pem.encode("utf-8", "replace"))
    except CredentialError as error:
        wrong = f"private_key: {error}"
    else:
        if isinstance(key, RSAPrivateKey) and key.key_size >= SHORTEST_KEY:
            return rs256(key)
        wrong = f"private_key is not an RSA key of {SHORTEST_KEY} bits or more"
    raise CredentialError(wrong)
