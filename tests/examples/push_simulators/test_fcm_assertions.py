"""Google's token endpoint: which assertions get an access token (RFC 7523 section 2.1)."""

import json
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from examples.push_simulators.exchange import Request, Verdict
from examples.push_simulators.fcm.assertions import GRANT
from procall_mobility.protocols.push.json_web_tokens import Signer, ps256, rs256
from tests.examples.push_simulators.developer import NOW, SCOPE, Developer, origin


@cache
def stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2048)


@cache
def own_key(pem: str) -> Any:
    return load_pem_private_key(pem.encode(), None)


def asks(
    developer: Developer,
    *,
    sign: Any = rs256,
    key: Any = None,
    kid: str | None = None,
    form: dict[str, str] | None = None,
    **changed: Any,
) -> Verdict:
    account = json.loads(developer.files.fcm_account.read_bytes())
    claims = {
        "iss": account["client_email"],
        "scope": SCOPE,
        "aud": f"{origin('fcm')}/token",
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
        **changed,
    }
    said = {name: value for name, value in claims.items() if value is not None}
    signer: Signer = sign(key or own_key(account["private_key"]))
    token = signer.token(said, {"kid": kid or account["private_key_id"]})
    body = urlencode({"grant_type": GRANT, "assertion": token, **(form or {})}).encode()
    kind = ("content-type", "application/x-www-form-urlencoded")
    request = Request(method="POST", path="/token", headers=(kind,), body=body)
    return developer.sends("fcm", request)


def error(verdict: Verdict) -> str:
    assert verdict.reply.status == 400
    assert not verdict.is_push
    return str(json.loads(verdict.reply.body)["error"])


def test_a_right_assertion_gets_a_token_for_an_hour(developer: Developer) -> None:
    said = json.loads(asks(developer).reply.body)
    assert said["access_token"].startswith("ya29.")
    assert (said["expires_in"], said["token_type"]) == (3599, "Bearer")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"iss": "somebody@example.com"}, "invalid_grant"),
        ({"aud": "https://oauth2.example.com/token"}, "invalid_grant"),
        ({"exp": int(NOW) + 3601}, "invalid_grant"),
        ({"exp": None}, "invalid_grant"),
        ({"iat": None}, "invalid_grant"),
        ({"iat": int(NOW) - 3700, "exp": int(NOW) - 100}, "invalid_grant"),
        ({"iat": int(NOW) + 100, "exp": int(NOW) + 200}, "invalid_grant"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"sign": ps256}, "invalid_grant"),
        ({"key": stranger}, "invalid_grant"),
        ({"kid": "another"}, "invalid_grant"),
        ({"form": {"grant_type": "refresh_token"}}, "unsupported_grant_type"),
        ({"form": {"assertion": "a.b.c"}}, "invalid_grant"),
    ],
)
def test_a_wrong_assertion_gets_none(
    developer: Developer, changed: dict[str, Any], expected: str
) -> None:
    if callable(changed.get("key")):
        changed = {**changed, "key": changed["key"]()}
    assert error(asks(developer, **changed)) == expected
