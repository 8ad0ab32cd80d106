"""The signing keys that Apple gives out, as .p8 files."""

import re

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey

from procall_mobility.protocols.push.credentials import CredentialError, private_key
from procall_mobility.protocols.push.json_web_tokens import Signer, es256

IDENTIFIER = r"[A-Z0-9]{10}"
"""Of a team, and of a key."""


@frozen(kw_only=True)
class AppleKey:
    """A key of a team.  A team has two at most, so that one can take over from the other."""

    team: str
    id: str
    """Stands in the name of the file as well: AuthKey_<id>.p8."""
    signer: Signer = field(repr=False)


def apple_key(pem: bytes, *, team: str, key_id: str) -> AppleKey:
    """Read a .p8 file.

    Raises:
        CredentialError: it is no such key, or one of the names is no name of Apple's.
    """
    if not re.fullmatch(IDENTIFIER, team):
        raise CredentialError("the team id is not ten capital letters and digits")
    if not re.fullmatch(IDENTIFIER, key_id):
        raise CredentialError("the key id is not ten capital letters and digits")
    key = private_key(pem)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise CredentialError("it is not an elliptic curve key on P-256, as those of Apple are")
    return AppleKey(team=team, id=key_id, signer=es256(key))
