"""A client's name and secret for access tokens, as a small JSON file of ours.

The consoles of Huawei and Microsoft show them, and give out no file:
`{"client_id": "...", "client_secret": "...", "tenant_id": "..."}`; the tenant with Entra alone.
"""

import json
import re
from typing import Final

from attrs import field, frozen

from procall_mobility.protocols.push.credentials import LARGEST_FILE, CredentialError

MEMBERS: Final = ("client_id", "client_secret", "tenant_id")

_TEXT = re.compile(r"[!-~]{1,512}", re.ASCII)


@frozen(kw_only=True)
class ClientSecret:
    """Who asks for access tokens."""

    client: str
    secret: str = field(repr=False)
    tenant: str | None = None


def client_secret(octets: bytes, *, may_have_tenant: bool = False) -> ClientSecret:
    """Read such a file.

    Raises:
        CredentialError: it is none; the text names the member.
    """
    said = _members(octets)
    known = MEMBERS if may_have_tenant else MEMBERS[:2]
    for name in said:
        if name not in known:
            # Not quoted: somebody may have put the secret there.
            raise CredentialError(f"it has other members than {', '.join(known)}")
    return ClientSecret(
        client=_text(said, "client_id"),
        secret=_text(said, "client_secret"),
        tenant=_text(said, "tenant_id") if "tenant_id" in said else None,
    )


def _members(octets: bytes) -> dict[str, object]:
    value = _json(octets) if len(octets) <= LARGEST_FILE else None
    if not isinstance(value, dict):
        raise CredentialError(
            f"it is not a JSON object of up to {LARGEST_FILE} octets with client_id and "
            "client_secret"
        )
    return value


def _json(octets: bytes) -> object:
    try:
        return json.loads(octets)
    except (ValueError, RecursionError):
        return None  # The error would hold the file.


def _text(said: dict[str, object], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not _TEXT.fullmatch(value):
        raise CredentialError(f"{name} is missing, or not of up to 512 visible characters")
    return value
