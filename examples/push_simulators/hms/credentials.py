"""Who may send: access tokens for Android, tokens an account has signed for HarmonyOS."""

import hmac

from attrs import frozen
from cryptography.hazmat.primitives.asymmetric import rsa

from examples.push_simulators.access_tokens import AccessTokens, form
from examples.push_simulators.exchange import Reply, Request
from examples.push_simulators.json_replies import json_reply
from examples.push_simulators.json_web_tokens import NotAToken, is_signed, parse

AUDIENCE = "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
LONGEST = 86_400.0
"""Seconds from `iat` to `exp`."""
SKEW = 60.0


@frozen(kw_only=True)
class HmsAccount:
    """A service account of a project, for HarmonyOS."""

    project: str
    name: str
    """Its `sub_account`."""
    key_id: str
    public: rsa.RSAPublicKey


def give_token(
    request: Request, secrets: dict[str, str], access: AccessTokens, unix: float
) -> tuple[Reply, str]:
    """Return what the OAuth server says, and why it refuses; empty when it does not."""
    members = form(request)
    if request.method != "POST" or members is None:
        return _error(1101, 20001, "invalid request"), "no form"
    if members.get("grant_type") != "client_credentials":
        return _error(1101, 20003, "unsupported grant type"), "grant_type"
    client, secret = members.get("client_id", ""), members.get("client_secret", "")
    known = secrets.get(client)
    if known is None or not hmac.compare_digest(known.encode(), secret.encode()):
        return _error(1101, 20035, "client secret error"), "client or secret"
    token = access.issue(client, unix)
    said = {"access_token": token, "expires_in": int(access.life), "token_type": "Bearer"}
    return json_reply(200, said), ""


def project_of(request: Request, accounts: dict[str, HmsAccount], unix: float) -> tuple[str, str]:
    """Return the project a signed token is good for, and the code if it is good for none."""
    scheme, _, text = (request.header("authorization") or "").partition(" ")
    try:
        token = parse(text) if scheme == "Bearer" else None
    except NotAToken:
        token = None
    account = accounts.get(token.text("iss")) if token is not None else None
    if token is None or account is None or token.header.get("kid") != account.key_id:
        return "", "80200001"
    if token.header.get("alg") != "PS256" or not is_signed(token, account.public):
        return "", "80200001"
    issued, expires = token.number("iat"), token.number("exp")
    if issued is None or expires is None or token.claims.get("aud") != AUDIENCE:
        return "", "80200001"
    if issued > unix + SKEW:
        return "", "80200001"
    if expires - issued > LONGEST:
        return "", "80300036"
    return (account.project, "") if unix < expires else ("", "80200005")


def _error(code: int, detail: int, text: str) -> Reply:
    return json_reply(400, {"error": code, "sub_error": detail, "error_description": text})
