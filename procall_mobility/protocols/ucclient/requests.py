"""Which path means what: from an HTTP request to an intention (Wire 1, 2.1)."""

import re
from collections.abc import Callable

from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.bodies import argument_of, negotiation_of
from procall_mobility.protocols.ucclient.credentials import credentials_of
from procall_mobility.protocols.ucclient.intentions import (
    CreateSession,
    DestroySession,
    Direct,
    HttpRequest,
    Lookup,
    NodeLookup,
    OneShot,
    Preflight,
    PublicContacts,
    Understood,
    VersionQuery,
)
from procall_mobility.protocols.ucclient.jsonp import callback_of
from procall_mobility.protocols.ucclient.socket_rules import is_session_id, is_websocket_path

LONGEST_NAME = 253
"""Characters of a UCSID or alias: an alias is mostly a mail domain (RFC 1035 section 2.3.4)."""

LONGEST_HANDSHAKE_ID = 128
"""Characters of an X-EPID; published clients send a GUID or the UCSID."""

LONGEST_USER_AGENT = 200
"""Characters kept of a User-Agent; it ends up in a server's list of computers."""

HIGHEST_APP_ID = 999
"""Published ids end at 28 (Wire 2.8); room for many more, none for nonsense."""

_OPERATION = re.compile(r"asn[A-Za-z0-9]{1,80}")
_READING = ("GET", "HEAD", "POST", "OPTIONS")
_CALLING = ("GET", "POST", "OPTIONS")


def understand(request: HttpRequest) -> Understood:
    """Say what `request` wants; raise BadRequest if it is nothing we offer.

    GET and POST mean the same on every route; HEAD only where nothing happens at the server.
    """
    _check_text(request)
    path = request.path.removesuffix("/")
    methods, read = _route(path)
    callback_of(request)
    if request.method not in methods:
        raise BadRequest("method", "this route has other methods", status=405, allow=methods)
    if request.method == "OPTIONS":
        return Preflight(request.header("origin"), _customer(request, required=False))
    return read(request)


def _route(path: str) -> tuple[tuple[str, ...], Callable[[HttpRequest], Understood]]:
    if path in _ROUTES:
        return _ROUTES[path]
    if is_websocket_path(path):
        raise BadRequest("upgrade-required", "this address is for WebSockets only")
    folder, _, operation = path.rpartition("/")
    if folder in _CALLS and _OPERATION.fullmatch(operation):
        return _CALLING, _CALLS[folder]
    raise BadRequest("no-such-route", "there is nothing at this address", status=404)


def _lookup(request: HttpRequest) -> Lookup:
    return Lookup(_customer(request))


def _nodes(request: HttpRequest) -> NodeLookup:
    _customer(request)
    return NodeLookup()


def _version(request: HttpRequest) -> VersionQuery:
    return VersionQuery(_customer(request, required=False))


def _public_contacts(request: HttpRequest) -> PublicContacts:
    return PublicContacts(_customer(request))


def _create(request: HttpRequest) -> CreateSession:
    return CreateSession(
        ucsid_or_alias=_customer(request),
        credentials=credentials_of(
            request.header("authorization"), request.header("x-uctoken"), request.query
        ),
        app_id=_app_id(request),
        suppress_401=_suppress_401(request),
        simple=_is_on(request.header("x-simple")),
        handshake_id=_handshake_id(request),
        json_redirect=(request.parameter("format") or "").lower() == "json",
        negotiation=negotiation_of(request.body),
        user_agent=_user_agent(request),
        client_address=request.client_address,
    )


def _direct(request: HttpRequest) -> Direct:
    return Direct(
        ucsid_or_alias=_customer(request),
        credentials=credentials_of(
            request.header("authorization"), request.header("x-uctoken"), request.query
        ),
        app_id=_app_id(request),
        suppress_401=_suppress_401(request),
        simple=True,
        json_redirect=(request.parameter("format") or "").lower() == "json",
        user_agent=_user_agent(request),
        client_address=request.client_address,
        operation=_operation(request),
        argument=argument_of(request.method, request.body, request.query),
    )


def _one_shot(request: HttpRequest) -> OneShot:
    argument = argument_of(request.method, request.body, request.query)
    return OneShot(_session_id(request), _operation(request), argument)


def _destroy(request: HttpRequest) -> DestroySession:
    return DestroySession(_session_id(request))


_ROUTES: dict[str, tuple[tuple[str, ...], Callable[[HttpRequest], Understood]]] = {
    "/controller/server/ucws": (_READING, _nodes),
    "/controller/client/ucws": (_READING, _lookup),
    "/ws/client/ucserverversion": (_READING, _version),
    "/ws/client/createsession": (_CALLING, _create),
    "/ws/client/destroysession": (_CALLING, _destroy),
    "/ws/public/contacts": (_CALLING, _public_contacts),
}

_CALLS: dict[str, Callable[[HttpRequest], Understood]] = {
    "/ws/client": _one_shot,
    "/ws/direct": _direct,
}


def _check_text(request: HttpRequest) -> None:
    """Refuse half characters, which a transport's percent-decoding may leave."""
    try:
        for name, value in (*request.query, *request.headers, (request.path, "")):
            name.encode()
            value.encode()
    except UnicodeEncodeError:
        raise BadRequest("bad-encoding", "the request is not UTF-8") from None


def _customer(request: HttpRequest, *, required: bool = True) -> str:
    name = request.header("x-ucsid") or request.parameter("ucsid") or ""
    # blanks and case do not matter.
    name = name.strip().lower()
    if len(name) > LONGEST_NAME or not name.isprintable() or (required and not name):
        raise BadRequest("bad-ucsid", "the request names no proper UCSID")
    return name


def _operation(request: HttpRequest) -> str:
    return request.path.removesuffix("/").rpartition("/")[2]


def _app_id(request: HttpRequest) -> int:
    text = (request.parameter("clientappid") or "0").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise BadRequest("bad-clientappid", "clientappid is not a number")
    number = int(text)
    if number > HIGHEST_APP_ID:
        raise BadRequest("bad-clientappid", "clientappid is out of range")
    return number


def _suppress_401(request: HttpRequest) -> bool:
    parameter = request.parameter("no401")
    # `?no401` without a value is the published spelling.
    return _is_on(request.header("x-no401")) or (parameter is not None and parameter != "0")


def _is_on(value: str | None) -> bool:
    return value is not None and value.strip() not in ("", "0")


def _session_id(request: HttpRequest) -> str:
    found = (
        request.header("x-ucsessionid")
        or request.parameter("x-ucsessionid")
        or request.parameter("ucsessionid")
        or ""
    )
    return found if is_session_id(found) else ""


def _handshake_id(request: HttpRequest) -> str | None:
    found = (request.header("x-epid") or "").strip()
    if not found:
        return None
    if len(found) > LONGEST_HANDSHAKE_ID or not (found.isascii() and found.isprintable()):
        raise BadRequest("bad-handshake-id", "the X-EPID is not a proper id")
    return found


def _user_agent(request: HttpRequest) -> str:
    text = request.header("user-agent") or ""
    return "".join(filter(str.isprintable, text[:LONGEST_USER_AGENT]))
