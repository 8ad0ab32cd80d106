"""The bodies of requests: an operation's argument, or a negotiation (Wire 2.2)."""

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.messages import JsonValue
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.challenges import integer, optional_params
from procall_mobility.protocols.ucclient.intentions import UNNEGOTIATED_VERSION, Negotiation
from procall_mobility.protocols.ucclient.json_text import parse_json, without_nulls

CONTROL_PARAMETERS = frozenset(
    {
        "ucsid",
        "x-ucsid",
        "clientappid",
        "token",
        "user",
        "pass",
        "no401",
        "x-ucsessionid",
        "ucsessionid",
        "format",
        "callback",
        "jsonp",
        "_",
    }
)
"""Query members that steer the request and are no part of an argument; `_` is what JSONP libraries
add against caches."""

MOST_QUERY_MEMBERS = 100
"""The widest published argument has fewer members than this."""

HIGHEST_VERSION = 2**31 - 1
"""What an ASN.1 INTEGER of the published interface holds on the server's side."""


def argument_of(method: str, body: bytes, query: tuple[tuple[str, str], ...]) -> JsonValue:
    """Give the argument object: the body, or for a GET without one the query members as text."""
    if body.strip():
        return _null_free(_json_object(body), body)
    if method == "POST":
        return JsonValue("{}")
    if len(query) > MOST_QUERY_MEMBERS:
        raise BadRequest("bad-argument", "the query has too many members")
    members: dict[str, str] = {}
    for name, value in query:
        if name.lower() not in CONTROL_PARAMETERS:
            members.setdefault(name, value)
    return JsonValue.of(members)


def negotiation_of(body: bytes) -> Negotiation:
    """Read the body of createsession, wrapped in `negotiate` or not; empty means version 61."""
    if not body.strip():
        return Negotiation()
    members = _json_object(body)
    wrapped = members.get("negotiate")
    if isinstance(wrapped, dict):
        members = wrapped
    elif wrapped is not None:
        raise BadRequest("bad-negotiation", "negotiate is not an object")
    given = members.get("iClientProtocolVersion")
    version = UNNEGOTIATED_VERSION if given is None else integer(given)
    if version is None or not 0 <= version <= HIGHEST_VERSION:
        raise BadRequest("bad-negotiation", "iClientProtocolVersion is not a proper number")
    params = members.get("optionalParams")
    if params is None:
        return Negotiation(version)
    if not isinstance(params, dict | list):
        raise BadRequest("bad-negotiation", "optionalParams is neither an object nor a list")
    device_name = optional_params(params).get("ClientDeviceName")
    return Negotiation(
        version,
        JsonValue.of(without_nulls(params)),
        device_name if isinstance(device_name, str) else "",
    )


def _json_object(body: bytes) -> dict[str, object]:
    try:
        value = parse_json(body)
    except PeerError as error:
        raise BadRequest(error.reason, error.text) from None
    if not isinstance(value, dict):
        raise BadRequest("bad-json", "the body is not a JSON object")
    return value


def _null_free(value: dict[str, object], body: bytes) -> JsonValue:
    """Keep the client's own text, unless a null in it would make the server drop the message."""
    if b"null" in body:
        return JsonValue.of(without_nulls(value))
    return JsonValue(body.decode("utf-8").strip())
