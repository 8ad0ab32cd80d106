"""The ways a log-on comes to nothing, and the status of each (Wire 2.2, 2.4, 2.7)."""

from typing import Any

from procall_mobility.protocols.rose.messages import Error
from procall_mobility.protocols.ucclient.client_errors import (
    BAD_ANSWER,
    TIMED_OUT,
    LogonCode,
    logon_error,
    web_service_error,
)
from procall_mobility.protocols.ucclient.credentials import Basic, Blob, EntraStart
from procall_mobility.protocols.ucclient.intentions import LogOn
from procall_mobility.protocols.ucclient.login_rules import LoginRules, may_step
from procall_mobility.protocols.ucclient.outcomes import Refused


def objection(request: LogOn, rules: LoginRules) -> Refused | None:
    """Refuse what the customer's switches forbid, before the server is asked."""
    shown = request.credentials
    if isinstance(shown, Blob) and not may_step(request, rules):
        return method_not_supported(request, "this scheme is not admitted here")
    if isinstance(shown, Basic) and shown.via_query and not rules.allow_query_password:
        text = "no password is accepted in the address"
        return Refused(
            400, logon_error(LogonCode.METHOD_NOT_SUPPORTED, text), (), "query-password"
        )
    return None


def credentials_demanded(request: LogOn) -> Refused:
    """Ask for credentials."""
    error = logon_error(LogonCode.NEXT_STEP, "authentication is required")
    return Refused(_status(request), error, (), "authentication-required")


def method_not_supported(request: LogOn, text: str) -> Refused:
    """Refuse a kind of credentials."""
    error = logon_error(LogonCode.METHOD_NOT_SUPPORTED, text)
    return Refused(_status(request), error, (), "logon-refused")


def not_offered(request: LogOn) -> Refused:
    """Answer when the server has listed the schemes it takes instead of deciding."""
    if request.lacks_credentials:
        return credentials_demanded(request)
    return method_not_supported(request, "the server does not take this kind of credentials")


def logon_rejected(request: LogOn, code: LogonCode) -> Refused:
    """Refuse because the server rejected the log-on with a meaning that clients know."""
    error = logon_error(code, "the server refused the log-on")
    return Refused(_status(request), error, (), "logon-refused")


def logon_refused(request: LogOn, heard: Error, members: dict[str, Any]) -> Refused:
    """Pass the server's own error on."""
    return Refused(
        status=_status(request),
        error=typed(members, "AsnLogonError"),
        challenges=(),
        reason="logon-refused",
        error_value=heard.error_value,
        invoke_id=heard.invoke_id,
    )


def session_refused(heard: Error, members: dict[str, Any]) -> Refused:
    """Pass on why there is no session.

    The status is 400 in any case: nobody has looked at the credentials, and a 401 would only make
    a browser ask for them again.
    """
    return Refused(
        status=400,
        error=typed(members, "AsnRequestError"),
        challenges=(),
        reason="session-refused",
        error_value=heard.error_value,
        invoke_id=heard.invoke_id,
    )


def server_misbehaved(text: str) -> Refused:
    """Blame the server for an answer that nobody can use."""
    return Refused(BAD_ANSWER, web_service_error(BAD_ANSWER, text), (), "server-misbehaved")


def server_timed_out() -> Refused:
    """Pass on that something behind the server did not answer."""
    error = web_service_error(TIMED_OUT, "the server did not answer in time")
    return Refused(TIMED_OUT, error, (), "server-timeout")


def typed(members: dict[str, Any], name: str) -> dict[str, Any]:
    """Name the type of an error for the web pages that dispatch on it (Wire 4.2)."""
    return {"_type": name, **members}


def _status(request: LogOn) -> int:
    # an Entra request is answered 400 whatever is wrong with it.
    if request.never_401 or isinstance(request.credentials, EntraStart):
        return 400
    return 401
