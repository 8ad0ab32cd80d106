"""The dialogue with a UCServer that logs one user on (Wire 2.3-2.5, 2.7, 5.5 B-D)."""

import enum
from collections.abc import Callable
from typing import Any

from attrs import evolve

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.messages import Error, JsonValue, Payload, Reject, Result
from procall_mobility.protocols.ucclient import readings, refusals
from procall_mobility.protocols.ucclient.challenges import challenges, integer
from procall_mobility.protocols.ucclient.client_errors import LogonCode, logon_error
from procall_mobility.protocols.ucclient.credentials import Blob, EntraStart
from procall_mobility.protocols.ucclient.intentions import DestroySession, LogOn
from procall_mobility.protocols.ucclient.login_rules import (
    MOST_STEPS,
    LoginRules,
    may_step,
)
from procall_mobility.protocols.ucclient.logon_styles import LOGON_STYLES, negotiation_argument
from procall_mobility.protocols.ucclient.outcomes import (
    Busy,
    Call,
    LoggedIn,
    NextStep,
    Outcome,
    Redirect,
    Refused,
    SessionMade,
)
from procall_mobility.protocols.ucclient.rejections import Meaning, meaning_of

__all__ = ["Login", "LoginRules"]


class Stage(enum.Enum):
    """Where the dialogue is; a call is open in the first four."""

    CREATING = enum.auto()
    LOGGING_ON = enum.auto()
    READING_CONTACT = enum.auto()
    ABANDONED = enum.auto()
    FRESH = enum.auto()
    PAUSED = enum.auto()
    OVER = enum.auto()


class Login:
    """Logs one user on; every dialogue ends with LoggedIn, Refused, Redirect or Busy.

    The owner performs each `Call` and brings its answer to one of the `hears_` methods; there is
    never more than one call open.  Only one thing may follow the end: if the owner gave up while
    a session was being made, the late session is destroyed.
    """

    def __init__(
        self, request: LogOn, rules: LoginRules, known_schemes: tuple[str, ...] | None = None
    ) -> None:
        """Prepare for `request`; `known_schemes` are this customer's `schemes` of late (A-30)."""
        self._request = request
        self._rules = rules
        self._style = LOGON_STYLES[rules.style]
        self._known_schemes = known_schemes
        self._stage = Stage.FRESH
        self._session_id = ""
        self._steps = 0
        self._user = ""
        self._outcomes: list[Outcome] = []
        self.schemes: tuple[str, ...] | None = None
        """The schemes that the server offers, as far as it has said so."""

    @property
    def awaits_next_step(self) -> bool:
        """Whether the client's next request goes to `continue_with`."""
        return self._stage is Stage.PAUSED

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self._stage is Stage.OVER

    def take(self) -> list[Outcome]:
        """Drain what is to be done, in order."""
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def start(self) -> None:
        """Begin."""
        if self._stage is not Stage.FRESH:
            raise ValueError("the log-on has begun already")
        objection = refusals.objection(self._request, self._rules)
        if objection is not None:
            self._refuse(objection)
        elif self._known_schemes is not None and self._request.lacks_credentials:
            self.schemes = self._known_schemes
            self._refuse(refusals.credentials_demanded(self._request))
        else:
            argument = negotiation_argument(self._request)
            self._call("asnCreateUserSession", argument, Stage.CREATING)

    def continue_with(self, request: LogOn) -> None:
        """Go on with the client's next message, in the same session (Wire 2.4, point 3)."""
        if self._stage is not Stage.PAUSED:
            raise ValueError("the log-on does not wait for a step")
        # What was negotiated stays so, whatever the later request says.
        self._request = evolve(request, negotiation=self._request.negotiation)
        objection = refusals.objection(self._request, self._rules)
        if objection is not None:
            self._refuse(objection)
        elif request.credentials is None or self._steps >= MOST_STEPS:
            self._refuse(refusals.credentials_demanded(self._request))
        else:
            self._log_on()

    def abandon(self) -> None:
        """Give up: the client went, or an answer took too long.  Nothing is said to the client."""
        if self._stage is Stage.CREATING:
            self._stage = Stage.ABANDONED
        elif self._stage is not Stage.ABANDONED:
            self._end()

    def hears_result(self, result: Result) -> None:
        """Take the result of the open call; without an open call nothing happens."""
        self._hear(_RESULTS, result.result)

    def hears_error(self, error: Error) -> None:
        """Take the error of the open call; without an open call nothing happens."""
        self._hear(_ERRORS, error)

    def hears_reject(self, reject: Reject) -> None:
        """Take the reject of the open call; without an open call nothing happens."""
        self._hear(_REJECTS, reject)

    def _hear(self, table: "dict[Stage, Callable[[Login, Any], None]]", heard: object) -> None:
        """The machine's mouth: whatever a server says becomes an outcome."""
        if self._stage not in table:
            return
        try:
            table[self._stage](self, heard)
        except PeerError as error:
            self._refuse(refusals.server_misbehaved(error.text))

    def _created(self, payload: Payload | None) -> None:
        created = readings.created(readings.members_of(payload))
        self._session_id = created.session_id
        self._outcomes.append(SessionMade(created.session_id))
        self.schemes = created.schemes
        if created.busy_for:
            self._end(Busy(created.busy_for))
        elif self._request.lacks_credentials and not self._style.asks_for_schemes:
            self._refuse(refusals.credentials_demanded(self._request))
        elif self._request.credentials is None and not self._request.needs_login:
            self._logged_in({}, {})
        else:
            self._log_on()

    def _not_created(self, error: Error) -> None:
        members = readings.members_of(error.error, readings.LONGEST_ERROR)
        seconds = readings.busy_for(members.get("optionalParams"))
        if seconds:
            self._end(Busy(seconds))
        else:
            self._refuse(refusals.session_refused(error, members))

    def _created_too_late(self, payload: Payload | None) -> None:
        self._stage = Stage.OVER
        try:
            created = readings.created(readings.members_of(payload))
        except PeerError:
            return  # No session that anybody could name.
        self._outcomes.append(DestroySession(created.session_id))

    def _nothing_created(self, _heard: object) -> None:
        self._stage = Stage.OVER

    def _log_on(self) -> None:
        self._steps += 1
        argument = self._style.argument(self._request, self._rules.client_version)
        self._call(self._style.operation, argument, Stage.LOGGING_ON)

    def _answered(self, payload: Payload | None) -> None:
        is_entra = isinstance(self._request.credentials, EntraStart)
        match self._style.read(readings.members_of(payload), is_entra):
            case readings.Accepted(user=user, own_contact=contact, extra=extra):
                self._user = user
                if contact is None:
                    self._call(self._style.contact_operation, {}, Stage.READING_CONTACT)
                else:
                    self._logged_in(contact, extra)
            case readings.Continued(blob=blob):
                self._pause(blob, logon_error(LogonCode.NEXT_STEP, "another step is needed"))
            case readings.Offered(schemes=schemes):
                self.schemes = schemes
                self._refuse(refusals.not_offered(self._request))
            case readings.Elsewhere(url=url):
                if not is_entra:
                    raise readings.misbehaved("the server sends the user elsewhere")
                self._end(Redirect(url))
            case overloaded:
                self._end(Busy(overloaded.seconds))

    def _not_logged_on(self, error: Error) -> None:
        members = readings.members_of(error.error, readings.LONGEST_ERROR)
        shown = self._request.credentials
        url = readings.address_in(members) if isinstance(shown, EntraStart) else None
        next_step = integer(members.get("iErrorDetail")) == LogonCode.NEXT_STEP
        if url is not None:
            self._end(Redirect(url))
        elif next_step and isinstance(shown, Blob):
            blob = readings.blob_of(members.get("sAuthCredetials"))
            self._pause(blob, refusals.typed(members, "AsnLogonError"))
        else:
            self._refuse(refusals.logon_refused(self._request, error, members))

    def _pause(self, blob: str, error: dict[str, Any]) -> None:
        shown = self._request.credentials
        if not isinstance(shown, Blob):
            raise readings.misbehaved("the server wants another step of a one-step scheme")
        self._stage = Stage.PAUSED
        challenge = f"{shown.scheme} {blob}".rstrip()
        step = NextStep(self._session_id, challenge, self._request.handshake_id, error)
        self._outcomes.append(step)

    def _contact_read(self, payload: Payload | None) -> None:
        members = readings.members_of(payload)
        self._user = readings.user_of(members) or self._user
        self._logged_in(readings.an_object(members.get("ownContact"), "ownContact"), {})

    def _contact_unread(self, _error: Error) -> None:
        raise readings.misbehaved("the server logged the user on but gave no contact")

    def _rejected(self, reject: Reject) -> None:
        match meaning_of(reject):
            case Meaning.BUSY:
                self._end(Busy(readings.DEFAULT_RETRY))
            case Meaning.TIMED_OUT:
                self._refuse(refusals.server_timed_out())
            case LogonCode() as code if self._stage is Stage.LOGGING_ON:
                self._refuse(refusals.logon_rejected(self._request, code))
            case _:
                raise readings.misbehaved("the server rejected the log-on")

    def _logged_in(self, contact: dict[str, Any], extra: dict[str, Any]) -> None:
        self._stage = Stage.OVER
        extra = extra if self._rules.extra_members else {}
        self._outcomes.append(LoggedIn(self._session_id, self._user, contact, extra))

    def _refuse(self, refusal: Refused) -> None:
        offer = challenges(self.schemes or (), multi_step=may_step(self._request, self._rules))
        refusal = evolve(
            refusal,
            challenges=offer if refusal.status == 401 else (),
            session_id=self._session_id or None,
        )
        self._end(refusal)

    def _end(self, last: Outcome | None = None) -> None:
        if self._session_id and self._stage is not Stage.OVER:
            self._outcomes.append(DestroySession(self._session_id))
        if last is not None:
            self._outcomes.append(last)
        self._stage = Stage.OVER

    def _call(self, operation: str, argument: dict[str, Any], stage: Stage) -> None:
        self._stage = stage
        call = Call(operation, JsonValue.of(argument), in_session=stage is not Stage.CREATING)
        self._outcomes.append(call)


_RESULTS: dict[Stage, Callable[[Login, Any], None]] = {
    Stage.CREATING: Login._created,
    Stage.LOGGING_ON: Login._answered,
    Stage.READING_CONTACT: Login._contact_read,
    Stage.ABANDONED: Login._created_too_late,
}

_ERRORS: dict[Stage, Callable[[Login, Any], None]] = {
    Stage.CREATING: Login._not_created,
    Stage.LOGGING_ON: Login._not_logged_on,
    Stage.READING_CONTACT: Login._contact_unread,
    Stage.ABANDONED: Login._nothing_created,
}

_REJECTS: dict[Stage, Callable[[Login, Any], None]] = {
    **dict.fromkeys((Stage.CREATING, Stage.LOGGING_ON, Stage.READING_CONTACT), Login._rejected),
    Stage.ABANDONED: Login._nothing_created,
}
