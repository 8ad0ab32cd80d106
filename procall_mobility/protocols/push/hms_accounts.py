"""Service accounts of Huawei's cloud: HarmonyOS takes tokens they have signed themselves."""

import json
import re

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from procall_mobility.protocols.push.credentials import (
    LARGEST_FILE,
    CredentialError,
    private_key,
)
from procall_mobility.protocols.push.json_web_tokens import Signer, ps256
from procall_mobility.protocols.push.self_signed import SelfSigned

AUDIENCE = "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
"""Stands in all tokens; nobody is asked there."""

LIFETIME = 3600
"""Seconds, as Huawei wants it; more than a day is refused."""

SKEW = 30
"""Seconds by which a token is dated back: one from the future is refused."""

REUSED = 2400.0
"""Seconds a token is used: twenty minutes are left for clocks that differ."""

SHORTEST_KEY = 2048
"""Bits (RFC 7518 section 3.5)."""

_NAME = re.compile(r"[!-~]{1,200}", re.ASCII)


@frozen(kw_only=True)
class HmsAccount:
    """Who may push to the applications of a project."""

    project: str
    name: str
    """`sub_account` in the file."""
    key_id: str
    signer: Signer = field(repr=False)

    def tokens(self) -> "HmsTokens":
        """Return a new set of tokens."""
        return HmsTokens(self)


class HmsTokens:
    """The token of one account, made when one is needed."""

    def __init__(self, account: HmsAccount) -> None:
        self._account = account
        self._tokens = SelfSigned(self._sign, reused=REUSED)

    def token(self, unix: float) -> str:
        """Return the token for a request made now."""
        return self._tokens.token(AUDIENCE, unix)

    def refused(self, token: str, unix: float) -> bool:
        """Take that Huawei has not accepted a token; says whether another one may help."""
        return self._tokens.refused(AUDIENCE, token, unix)

    def _sign(self, audience: str, unix: float) -> str:
        issued = int(unix) - SKEW
        claims: dict[str, str | int] = {
            "aud": audience,
            "iss": self._account.name,
            "iat": issued,
            "exp": issued + LIFETIME,
        }
        header = {"kid": self._account.key_id, "typ": "JWT"}
        return self._account.signer.token(claims, header)


def hms_account(octets: bytes) -> HmsAccount:
    """Read the file of a service account.

    Raises:
        CredentialError: it is none, or something is missing in it.
    """
    said = _members(octets)
    return HmsAccount(
        project=_text(said, "project_id"),
        name=_text(said, "sub_account"),
        key_id=_text(said, "key_id"),
        signer=_signer(said.get("private_key")),
    )


def _members(octets: bytes) -> dict[str, object]:
    value = _json(octets) if len(octets) <= LARGEST_FILE else None
    if not isinstance(value, dict):
        raise CredentialError(f"it is not a JSON object of up to {LARGEST_FILE} octets")
    return value


def _json(octets: bytes) -> object:
    try:
        return json.loads(octets)
    except (ValueError, RecursionError):
        return None  # The error would hold the file.


def _text(said: dict[str, object], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise CredentialError(f"{name} is missing")
    return value


def _signer(pem: object) -> Signer:
    if not isinstance(pem, str):
        raise CredentialError("private_key is missing")
    key = private_key(pem.encode("utf-8", "replace"))
    if not isinstance(key, RSAPrivateKey) or key.key_size < SHORTEST_KEY:
        raise CredentialError(f"private_key is not an RSA key of {SHORTEST_KEY} bits or more")
    return ps256(key)
