"""Which authentication schemes a client is offered (Wire 2.4)."""

from collections.abc import Mapping
from typing import Any

REALM = "UCServer"

FALLBACK = ("Basic", "JWT")
"""Offered when a server names no scheme that we carry: HTTP demands a challenge in every 401."""

MULTI_STEP = ("Negotiate", "NTLM")

_SPELLINGS = {
    "basic": "Basic",
    "jwt": "JWT",
    "bearer": "Bearer",
    "ntlm": "NTLM",
    "negotiate": "Negotiate",
    "kerberos": "Negotiate",
}

_NUMBERS = {1: "Basic", 3: "NTLM", 4: "Negotiate", 5: "JWT"}
"""AsnLoginV2SupportedAuthMethod; digest (2) is not carried, openidc (6) is no HTTP scheme."""

_PREFIX = "auth_"


def schemes_of_parameters(params: Any) -> tuple[str, ...]:
    """Read the `Auth_<scheme>` members of a negotiation result, as a map or a list (Wire 4.3)."""
    offered = [
        _SPELLINGS[name[len(_PREFIX) :].lower()]
        for name, value in optional_params(params).items()
        if name.lower().startswith(_PREFIX)
        and name[len(_PREFIX) :].lower() in _SPELLINGS
        and value not in (None, 0, "0")
    ]
    return tuple(dict.fromkeys(offered))


def schemes_of_numbers(numbers: Any) -> tuple[str, ...]:
    """Read the ordered list of methods that asnLoginV2 gives."""
    if not isinstance(numbers, list):
        return ()
    known = [_NUMBERS[n] for n in map(integer, numbers) if n in _NUMBERS]
    return tuple(dict.fromkeys(known))


def challenges(schemes: tuple[str, ...], *, multi_step: bool) -> tuple[str, ...]:
    """Give one WWW-Authenticate line per scheme; `multi_step` admits NTLM and Negotiate."""
    admitted = tuple(s for s in schemes if multi_step or s not in MULTI_STEP) or FALLBACK
    return tuple(s if s in MULTI_STEP else f'{s} realm="{REALM}"' for s in admitted)


def optional_params(params: Any) -> Mapping[str, Any]:
    """Give AsnOptionalParameters as a map, whichever of its two JSON forms came (Wire 4.3)."""
    if isinstance(params, dict):
        return params
    if not isinstance(params, list):
        return {}
    found: dict[str, Any] = {}
    for pair in params:
        if isinstance(pair, dict) and isinstance(pair.get("key"), str):
            value = pair.get("value")
            if isinstance(value, dict):
                value = next((v for k, v in value.items() if k != "_type"), None)
            found[pair["key"]] = value
    return found


def integer(value: Any) -> int | None:
    """Give an INTEGER or ENUMERATED, which may come as digits (Wire 4.3); None for others."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return value if type(value) is int else None
