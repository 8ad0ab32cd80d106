"""One function per answer that clients get over HTTP (Wire 1, 2.3, 2.5, 2.7, 2.9)."""

from typing import Any

from attrs import evolve

from procall_mobility.protocols.rose.messages import Error, JsonValue, Payload, ProblemKind, Reject
from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.challenges import FALLBACK, challenges
from procall_mobility.protocols.ucclient.client_errors import (
    BAD_SESSION,
    BUSY,
    NOT_CONNECTED,
    TIMED_OUT,
    LogonCode,
    logon_error,
    web_service_error,
)
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.json_text import render_json
from procall_mobility.protocols.ucclient.outcomes import LoggedIn, NextStep, Refused

_Headers = tuple[tuple[str, str], ...]

_GUARDED: _Headers = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))

_PROBLEMS = {
    ProblemKind.GENERAL: "generalProblem",
    ProblemKind.INVOKE: "invokeProblem",
    ProblemKind.RETURN_RESULT: "returnResultProblem",
    ProblemKind.RETURN_ERROR: "returnErrorProblem",
}


def lookup_found(origin: str) -> HttpAnswer:
    """Name the node that serves the customer: clients append their paths to `origin`."""
    return _json(200, {"redirect": origin.rstrip("/")})


def nodes_found(addresses: tuple[str, ...]) -> HttpAnswer:
    """Tell a customer's server which nodes to dial (A-25), as `enetctis://host:port`."""
    return _json(200, {"redirect": list(addresses)})


def nothing() -> HttpAnswer:
    """Say that the customer is unknown or not connected, not which of them (Wire 1.1, A-04)."""
    return HttpAnswer(204, _GUARDED, b"")


def version(number: int) -> HttpAnswer:
    """Tell the protocol version of the customer's server (Wire 1.2)."""
    return _json(200, {"ucserverprotocolversion": number})


def session_created(logged_in: LoggedIn, extra_members: bool) -> HttpAnswer:
    """Hand out the session (Wire 2.3); `extra_members` adds the logon result's others (A-11)."""
    extra = logged_in.extra if extra_members else {}
    members = {"sessionid": logged_in.session_id, "ownContact": logged_in.own_contact}
    return _json(200, {**extra, **members})


def destroyed() -> HttpAnswer:
    """Confirm destroysession."""
    return _json(200, {})


def refused(refusal: Refused) -> HttpAnswer:
    """Tell why nobody was logged on: the contents of a ROSE error at top level (Wire 2.7)."""
    members: dict[str, Any] = {
        "error": refusal.error,
        "error_value": refusal.error_value,
        "invokedID": refusal.invoke_id,
    }
    if refusal.session_id is not None:
        members["sessionID"] = refusal.session_id
    return _json(refusal.status, members, _authenticate(refusal.challenges))


def next_step(step: NextStep, handshake_id: str) -> HttpAnswer:
    """Ask for the next message of a multi-step scheme (Wire 2.4); `handshake_id` names the log-on.

    It is `step.handshake_id`, or one that the caller makes if the client sent none.
    """
    headers = (*_authenticate((step.challenge,)), ("X-EPID", handshake_id))
    return _json(401, {"error": step.error, "error_value": 0}, headers)


def redirected(url: str, as_json: bool) -> HttpAnswer:
    """Send the user to Entra ID (Wire 2.5)."""
    if as_json:
        return _json(200, {"redirect": url})
    return HttpAnswer(302, (("Location", url), ("Content-Length", "0"), *_GUARDED), b"")


def not_connected(ucsid: str) -> HttpAnswer:
    """Send the client back to the controller: the server has no link to this node."""
    details = f"server not connected here: [{ucsid}]"
    error = web_service_error(NOT_CONNECTED, "UCServer is not connected here", details)
    return _json(502, {"error": error})


def bad_session(assumptions: ClientAssumptions) -> HttpAnswer:
    """Say that the session is unknown or over (A-16)."""
    error = web_service_error(BAD_SESSION, "the session is unknown or has ended")
    return _json(assumptions.bad_session_status, {"error": error})


def busy(retry_after: int) -> HttpAnswer:
    """Ask to come back after `retry_after` seconds (A-17)."""
    error = web_service_error(BUSY, "the server is busy")
    return _json(503, {"error": error}, (("Retry-After", str(retry_after)),))


def timed_out() -> HttpAnswer:
    """Say that the server did not answer in time (A-17)."""
    return _json(504, {"error": web_service_error(TIMED_OUT, "the server did not answer in time")})


def too_many_attempts(retry_after: int, suppress_401: bool) -> HttpAnswer:
    """Refuse to try another password for `retry_after` seconds.

    It is logon error 131, which published clients can show, not 429, which none of them knows.
    """
    error = logon_error(LogonCode.TOO_MANY_ATTEMPTS, "too many attempts, wait and try again")
    if suppress_401:
        answer = refused(Refused(400, error, (), "too-many-attempts"))
    else:
        offer = challenges(FALLBACK, multi_step=False)
        answer = refused(Refused(401, error, offer, "too-many-attempts"))
    return evolve(answer, headers=(*answer.headers, ("Retry-After", str(retry_after))))


def call_succeeded(result: Payload | None) -> HttpAnswer:
    """Give the bare result object of a one-shot call; a result without one is `{}`."""
    return _with_body(200, _as_it_came(result))


def rose_error(error: Error, assumptions: ClientAssumptions) -> HttpAnswer:
    """Give the contents of a ROSE error at top level (A-15)."""
    members: dict[str, Any] = {"error_value": error.error_value, "invokedID": error.invoke_id}
    if error.session_id is not None:
        members["sessionID"] = error.session_id
    # The error itself goes through as it came.
    body = b'{"error":' + _as_it_came(error.error) + b"," + render_json(members)[1:]
    return _with_body(assumptions.one_shot_error_status, body)


def rose_reject(reject: Reject, assumptions: ClientAssumptions) -> HttpAnswer:
    """Give the contents of a ROSE reject at top level (A-15)."""
    members: dict[str, Any] = {}
    if reject.invoke_id is None:
        members["invokedID"] = {"invokednull": None}
    else:
        members["invokedID"] = {"invokedID": reject.invoke_id}
    if reject.problem is not None:
        members["reject"] = {_PROBLEMS[reject.problem.kind]: reject.problem.code}
    if reject.details is not None:
        members["details"] = reject.details
    return _json(assumptions.one_shot_error_status, members)


def bad_request(why: BadRequest) -> HttpAnswer:
    """Tell what is wrong with a request (A-01 on the controller's routes)."""
    allow = (("Allow", ", ".join(why.allow)),) if why.allow else ()
    return _json(why.status, {"error": web_service_error(why.status, why.text)}, allow)


def public_contacts(contacts: dict[str, Any]) -> HttpAnswer:
    """Give the publicly visible contacts, keyed by contact id (Wire 2.9)."""
    return _json(200, {"contacts": contacts})


def _json(status: int, members: dict[str, Any], headers: _Headers = ()) -> HttpAnswer:
    return _with_body(status, render_json(members), headers)


def _with_body(status: int, body: bytes, headers: _Headers = ()) -> HttpAnswer:
    described = (
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(body))),
    )
    return HttpAnswer(status, described + _GUARDED + headers, body)


def _as_it_came(payload: Payload | None) -> bytes:
    # A payload in BER has been transcoded long before; one that was not is as good as none.
    return payload.text.encode("utf-8", "replace") if isinstance(payload, JsonValue) else b"{}"


def _authenticate(lines: tuple[str, ...]) -> _Headers:
    return tuple(("WWW-Authenticate", line) for line in lines)
