"""What a UCServer's answers to a log-on say, whichever operation was asked (Wire 2.4, 5.5)."""

import base64
import binascii
import re
from typing import Any

from attrs import field, frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.messages import JsonValue, Payload
from procall_mobility.protocols.ucclient.challenges import (
    integer,
    optional_params,
    schemes_of_parameters,
)
from procall_mobility.protocols.ucclient.json_text import parse_json
from procall_mobility.protocols.ucclient.socket_rules import LONGEST_MESSAGE, is_session_id

LONGEST_BLOB = 16_384
"""Characters of base64 that we put into a header; NTLM needs about 2,000, Kerberos fewer."""

LONGEST_ERROR = 65_536
"""Characters of an error object; published ones have a few hundred."""

LONGEST_URL = 8_192
"""Characters; Entra's addresses have about 500, and browsers take some 8,000."""

LONGEST_USER = 256
"""Characters kept of a user's name."""

DEFAULT_RETRY = 10
"""Seconds, when a busy server names none."""

LONGEST_RETRY = 3_600
"""Seconds; a server that asks for more gets its clients back after an hour."""

_URL = re.compile(rf"https://[!-~]{{1,{LONGEST_URL}}}")
_BLOB = re.compile(r"[A-Za-z0-9+/]*={0,2}")


@frozen
class Accepted:
    """The user is known; `own_contact` is None where another call brings it."""

    user: str = field(repr=False)
    own_contact: dict[str, Any] | None = field(repr=False)
    extra: dict[str, Any] = field(repr=False)


@frozen
class Continued:
    """The scheme needs another step; `blob` is base64 and may be empty."""

    blob: str = field(repr=False)


@frozen
class Offered:
    """These schemes are possible."""

    schemes: tuple[str, ...]


@frozen
class Elsewhere:
    """Somebody at `url` logs the user on."""

    url: str = field(repr=False)


@frozen
class Overloaded:
    """The server has no time for `seconds`."""

    seconds: int


Reading = Accepted | Continued | Offered | Elsewhere | Overloaded


@frozen
class Created:
    """A session, and what the negotiation said; `busy_for` is 0 normally."""

    session_id: str = field(repr=False)
    schemes: tuple[str, ...]
    busy_for: int


def misbehaved(text: str) -> PeerError:
    """Make the error for an answer nobody can use."""
    return PeerError("server-misbehaved", text)


def members_of(payload: Payload | None, longest: int = LONGEST_MESSAGE) -> dict[str, Any]:
    """Give the object a server answered with; nothing counts as an empty one."""
    if payload is None:
        return {}
    if not isinstance(payload, JsonValue):
        raise misbehaved("the answer is not in JSON")
    if len(payload.text) > longest:
        raise misbehaved("the answer is too long")
    return an_object(parse_json(payload.text), "the answer")


def an_object(value: Any, what: str) -> dict[str, Any]:
    """Give `value` as an object; an absent one is empty."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise misbehaved(f"{what} is not an object")
    return value


def created(members: dict[str, Any]) -> Created:
    """Read the result of asnCreateUserSession; only the session id is indispensable (Wire 5.6)."""
    session_id = members.get("u8sSessionID")
    if not isinstance(session_id, str) or not is_session_id(session_id):
        raise misbehaved("the answer has no proper u8sSessionID")
    negotiated = members.get("negotiateresult")
    params = negotiated.get("optionalParams") if isinstance(negotiated, dict) else None
    return Created(session_id, schemes_of_parameters(params), busy_for(params))


def busy_for(params: Any) -> int:
    """Give the seconds of ServerBusyTimeout in optional parameters; 0 if there is none."""
    seconds = integer(optional_params(params).get("ServerBusyTimeout"))
    return retry_after(seconds) if seconds else 0


def retry_after(value: Any) -> int:
    """Give seconds to wait as a server named them, within reason."""
    seconds = integer(value)
    return DEFAULT_RETRY if seconds is None else min(max(seconds, 1), LONGEST_RETRY)


def user_of(members: dict[str, Any]) -> str:
    """Give the name of the user who was logged on; empty if there is none."""
    user = members.get("u8sLoggedInUser")
    return user[:LONGEST_USER] if isinstance(user, str) else ""


def blob_of(value: Any) -> str:
    """Give octets in base64 that are fit for a header; absent ones are empty."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_BLOB or not _BLOB.fullmatch(value):
        raise misbehaved("the authentication data is not base64")
    return value


def address_in(members: dict[str, Any]) -> str | None:
    """Find the address of an Entra log-on in a V1 answer, whose place is not published."""
    candidates = [members.get("redirect"), members.get("u8sRedirectTo")]
    candidates += optional_params(members.get("optionalParams")).values()
    credentials = members.get("sAuthCredetials")
    candidates += [credentials, _decoded(credentials)]
    return next((one for one in candidates if is_address(one)), None)


def is_address(value: Any) -> bool:
    """Whether `value` is an https address fit for a header."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def _decoded(value: Any) -> str | None:
    try:
        return base64.b64decode(blob_of(value)).decode("ascii")
    except (PeerError, binascii.Error, UnicodeDecodeError):
        return None
