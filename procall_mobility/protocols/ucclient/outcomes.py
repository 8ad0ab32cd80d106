"""What comes of a log-on: the outputs of the machine in `login` (Wire 2.3-2.5, 5.5)."""

from typing import Any

from attrs import field, frozen

from procall_mobility.protocols.rose.messages import JsonValue
from procall_mobility.protocols.ucclient.intentions import DestroySession


@frozen
class Call:
    """Invoke this at the UCServer; `in_session` says whether under the session just made."""

    operation: str
    argument: JsonValue = field(repr=False)
    in_session: bool


@frozen
class SessionMade:
    """The server made a session, in which nobody is logged on yet."""

    session_id: str = field(repr=False)


@frozen
class LoggedIn:
    """The user is in.  `user` and `own_contact` may be empty; `extra` are A-11's members."""

    session_id: str = field(repr=False)
    user: str = field(repr=False)
    own_contact: dict[str, Any] = field(repr=False)
    extra: dict[str, Any] = field(repr=False)


@frozen
class Refused:
    """The log-on came to nothing.

    `error` is the ROSE error itself (with iErrorDetail), the other members of Wire 2.7's body are
    beside it.  `challenges` are the WWW-Authenticate lines of a 401, else empty.  `reason` is a
    code for the log: logon-refused, authentication-required, query-password, session-refused,
    server-misbehaved or server-timeout.
    """

    status: int
    error: dict[str, Any] = field(repr=False)
    challenges: tuple[str, ...]
    reason: str
    error_value: int = 0
    invoke_id: int = 0
    session_id: str | None = field(default=None, repr=False)


@frozen
class NextStep:
    """The server wants another message in the same session: answer 401 and keep the log-on.

    `challenge` is the WWW-Authenticate line, `handshake_id` what the client sent as X-EPID.
    """

    session_id: str = field(repr=False)
    challenge: str = field(repr=False)
    handshake_id: str | None
    error: dict[str, Any] = field(repr=False)


@frozen
class Redirect:
    """Entra ID logs this user on, at `url` (Wire 2.5)."""

    url: str = field(repr=False)


@frozen
class Busy:
    """The server is busy; come back after `retry_after` seconds (Wire 2.7)."""

    retry_after: int


Outcome = Call | SessionMade | DestroySession | LoggedIn | Refused | NextStep | Redirect | Busy
