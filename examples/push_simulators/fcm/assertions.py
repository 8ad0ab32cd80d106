"""Google's token endpoint: access tokens for assertions (RFC 7523 section 2.1)."""

from collections.abc import Mapping
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import rsa

from examples.push_simulators.access_tokens import form
from examples.push_simulators.exchange import Reply, Request
from examples.push_simulators.json_replies import json_reply
from examples.push_simulators.json_web_tokens import NotAToken, WebToken, is_signed, parse

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = (
    "https://www.googleapis.com/auth/firebase.messaging",
    "https://www.googleapis.com/auth/cloud-platform",
)
LONGEST = 3600.0
"""Seconds from `iat` to `exp`."""
SKEW = 60.0
"""Seconds clocks may differ."""


class Signer(Protocol):
    """A service account."""

    @property
    def email(self) -> str:
        """Its name."""

    @property
    def public(self) -> rsa.RSAPublicKey:
        """Its key."""

    @property
    def key_id(self) -> str:
        """Its key's id."""


def granted(
    request: Request, accounts: Mapping[str, Signer], audience: str, unix: float
) -> str | tuple[Reply, str]:
    """Return whose assertion it is, or what to say and why it is refused."""
    if request.method != "POST":
        return _refused("invalid_request", "Use POST.")
    members = form(request)
    if members is None:
        return _refused("invalid_request", "No form was sent.")
    kind = members.get("grant_type", "")
    if kind != GRANT:
        return _refused("unsupported_grant_type", f"Invalid grant_type: {kind}")
    try:
        token = parse(members.get("assertion", ""))
    except NotAToken:
        return _refused("invalid_grant", "Invalid JWT: it is malformed.")
    account = accounts.get(token.text("iss"))
    if account is None:
        return _refused("invalid_grant", "Invalid grant: account not found")
    return _fault(token, account, audience, unix) or account.email


def _fault(
    token: WebToken, account: Signer, audience: str, unix: float
) -> tuple[Reply, str] | None:
    # PS256 is another thing an RSA key can do, and Google does not take it.
    is_signed_by_it = token.header.get("alg") == "RS256" and is_signed(token, account.public)
    if not is_signed_by_it or token.header.get("kid", account.key_id) != account.key_id:
        return _refused("invalid_grant", "Invalid JWT Signature.")
    issued, expires = token.number("iat"), token.number("exp")
    if (
        issued is None
        or expires is None
        or expires - issued > LONGEST
        or issued > unix + SKEW
        or expires < unix - SKEW
    ):
        return _refused(
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
            "timeframe. Check your iat and exp values in the JWT claim.",
        )
    if token.claims.get("aud") != audience:
        return _refused("invalid_grant", "Invalid JWT: Failed audience check.")
    if not set(SCOPES) & set(token.text("scope").split()):
        return _refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    return None


def _refused(error: str, description: str) -> tuple[Reply, str]:
    return json_reply(400, {"error": error, "error_description": description}), description
