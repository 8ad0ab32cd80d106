"""The two ways to log a user on inside a session (Wire 2.4, 5.5): asnLogon and asnLoginV2."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from attrs import frozen

from procall_mobility.protocols.ucclient.challenges import schemes_of_numbers
from procall_mobility.protocols.ucclient.credentials import Basic, Blob, Credentials, Token
from procall_mobility.protocols.ucclient.intentions import LogOn
from procall_mobility.protocols.ucclient.readings import (
    Accepted,
    Continued,
    Elsewhere,
    Offered,
    Overloaded,
    Reading,
    address_in,
    an_object,
    blob_of,
    is_address,
    misbehaved,
    retry_after,
    user_of,
)

EXTRA_MEMBERS = ("u8sLoggedInUser", "listConfigSTUNandTURN", "listDataCenterServers")

COMPUTER = "ProCall Mobility"
"""The computer's name when the client gives neither a device name nor a User-Agent."""

LONGEST_COMPUTER = 200
"""Characters of a computer's name."""


@frozen
class LogonStyle:
    """One way: the operation, its argument, and how to read its result.

    `asks_for_schemes` says that the operation without credentials gives the schemes offered;
    `contact_operation` brings the contact where the operation itself does not, else empty.
    """

    operation: str
    argument: Callable[[LogOn, str], dict[str, Any]]
    read: Callable[[dict[str, Any], bool], Reading]
    asks_for_schemes: bool
    contact_operation: str


def negotiation_argument(request: LogOn) -> dict[str, Any]:
    """Make the argument of asnCreateUserSession."""
    negotiation = request.negotiation
    negotiate: dict[str, Any] = {"iClientProtocolVersion": negotiation.client_version}
    if negotiation.optional_params is not None:
        negotiate["optionalParams"] = negotiation.optional_params.value()
    return {"negotiate": negotiate}


def _v1_argument(request: LogOn, client_version: str) -> dict[str, Any]:
    version = request.negotiation.client_version
    return {
        "iVersion": version,
        "u8sVersion": client_version,
        # 2 is the minimum of the contact, 1 all of it.
        "iAttachToContact": 2 if version >= 70 else 1,
        "u8sClientComputerName": _computer(request),
        "authentication": _v1_authentication(request.credentials),
    }


def _v1_authentication(credentials: Credentials | None) -> dict[str, Any]:
    #
    match credentials:
        case Basic(user=user, password=password):
            return {"simple": {"u8sClientUsername": user, "u8sClientUserPassword": password}}
        case Token(token=token):
            if _is_foreign(token):
                return {"openidc": {"u8sIDToken": token}}
            return _enhanced("JWT", token.encode())
        case Blob(scheme=scheme, data=data):
            return _enhanced(scheme, data)
    if credentials is None:
        raise ValueError("asnLogon needs credentials")
    return {"openidc": {"u8sScope": credentials.scope}}


def _enhanced(method: str, data: bytes) -> dict[str, Any]:
    return {
        "enhanced": {
            "u8sClientUsername": "",
            "u8sClientUsernameAuthorisation": "",
            "u8sAuthenticationMethod": method,
            "sAuthCredetials": base64.b64encode(data).decode(),
        }
    }


def _v1_read(members: dict[str, Any], entra: bool) -> Reading:
    if isinstance(members.get("renegotiation"), dict):
        return Continued(blob_of(members["renegotiation"].get("sAuthCredetials")))
    if isinstance(members.get("success"), dict):
        members = members["success"]
    if entra:
        url = address_in(members)
        if url is None:
            raise misbehaved("the answer has no address of the identity provider")
        return Elsewhere(url)
    contact = an_object(members.get("ownContact"), "ownContact")
    extra = {name: members[name] for name in EXTRA_MEMBERS if members.get(name) is not None}
    return Accepted(user_of(members), contact, extra)


def _v2_argument(request: LogOn, client_version: str) -> dict[str, Any]:
    if request.credentials is None:
        return {}
    return {"auth": _v2_authentication(request.credentials)}


def _v2_authentication(credentials: Credentials) -> dict[str, Any]:
    match credentials:
        case Basic(user=user, password=password):
            pair = f"{user}:{password}".encode()
            return {"authBasic": {"credential": base64.b64encode(pair).decode()}}
        case Token(token=token):
            if _is_foreign(token):
                return {"authOpenIDC": {"u8sIDToken": token}}
            return {"authBearer": {"u8sJWT": token}}
        case Blob(scheme=scheme, data=data):
            name = "authNTLM" if scheme == "NTLM" else "authKerberos"
            return {name: {"authdata": base64.b64encode(data).decode()}}
    return {"authOpenIDC": {"u8sScope": credentials.scope}}


def _v2_read(members: dict[str, Any], entra: bool) -> Reading:
    chosen = [(name, an_object(members[name], name)) for name in _V2_CHOICE if name in members]
    if len(chosen) != 1:
        raise misbehaved("the answer is none of the published alternatives")
    name, value = chosen[0]
    return _V2_CHOICE[name](value)


def _v2_redirect(value: dict[str, Any]) -> Reading:
    url = value.get("u8sRedirectTo")
    if not is_address(url):
        raise misbehaved("u8sRedirectTo is not an https address")
    return Elsewhere(str(url))


_V2_CHOICE: dict[str, Callable[[dict[str, Any]], Reading]] = {
    "supportedAuthMethods": lambda v: Offered(schemes_of_numbers(v.get("authMethodsOrdered"))),
    # With three c on the wire.
    "succceeded": lambda v: Accepted(user_of(v), None, {}),
    "serverRedirect": _v2_redirect,
    "serverBusy": lambda v: Overloaded(retry_after(v.get("iRetryInSeconds"))),
    "ntlmRenegotiate": lambda v: Continued(blob_of(v.get("authdata"))),
}


def _computer(request: LogOn) -> str:
    return (request.negotiation.device_name or request.user_agent or COMPUTER)[:LONGEST_COMPUTER]


def _is_foreign(token: str) -> bool:
    """Whether an identity provider made the token: the server's own have the issuer `ucserver`.

    The signature is the server's business; this only chooses the member that carries the token.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return False
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return isinstance(issuer, str) and issuer.startswith("https://")


LOGON_STYLES = {
    "v1": LogonStyle("asnLogon", _v1_argument, _v1_read, False, ""),
    "v2": LogonStyle("asnLoginV2", _v2_argument, _v2_read, True, "asnGetLoggedInContactV2"),
}
