"""Credentials that no provider has given out."""

import json

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.apple_tokens import AppleTokens, NoMemory

UNIX = 1_795_000_000.0
P8 = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)
RSA = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)


def apple_tokens(clock: list[float] | None = None) -> AppleTokens:
    """Tokens of a team; a list with one element is a clock that can be moved."""
    unix = clock or [UNIX]
    key = apple_key(P8, team="TEAM123456", key_id="KEY1234567")
    return AppleTokens(key, wall_clock=lambda: unix[0], memory=NoMemory())


def service_account(project: str = "example", host: str = "oauth2.googleapis.com") -> bytes:
    """A service account's file."""
    members = {
        "type": "service_account",
        "project_id": project,
        "client_email": f"push@{project}.iam.gserviceaccount.com",
        "private_key_id": "0123456789abcdef",
        "private_key": RSA,
        "token_uri": f"https://{host}/token",
    }
    return json.dumps(members).encode()
