"""Answers `POST /turn/v1/credentials`: a customer shows its password, and gets credentials."""

import json
from collections.abc import Callable
from typing import Any, Final

from attrs import define, field

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.back_off import BackOff
from procall_mobility.gateway.ports import AccessBook, Customers
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.turn_issuing import IssuingRefused, TurnIssuing
from procall_mobility.protocols.stun.addresses import vicinity
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.credentials import Basic, credentials_of
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest

PATH: Final = "/turn/v1/credentials"

BUSY_FOR: Final = "5"
"""Seconds until the comparisons under way are done, with some to spare."""

Reply = Callable[[HttpAnswer], None]

_GUARDED: Final = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Type", "application/json"),
)


@define(eq=False, kw_only=True)
class TurnDesk:
    """Takes requests; wrong passwords slow down the address they come from."""

    customers: Customers
    issuing: TurnIssuing
    book: AccessBook
    back_off: BackOff
    clock: Callable[[], float] = field(repr=False)
    """Monotonic seconds, for answers that come later."""

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        """Answer `request` through `reply`, at once or later, exactly once."""
        try:
            shown, asked = self._read(request)
        except BadRequest as error:
            reply(_refusal(error.status, error.reason, error.text, allow=error.allow))
            return
        source = vicinity(request.client_address)
        wait = self.back_off.wait(source, self.clock())
        if wait > 0:
            reason = Reason.TOO_MANY_ATTEMPTS
            self._note(request, None, reason)
            reply(_refusal(429, reason, reason.text, ("Retry-After", str(int(wait) + 1))))
            return

        def judged(is_proven: bool | None) -> None:
            if is_proven is None:
                busy = Reason.NODE_BUSY
                self._note(request, None, busy)
                reply(_refusal(503, busy, busy.text, ("Retry-After", BUSY_FOR)))
                return
            if is_proven:
                self.back_off.succeeded(source)
            else:
                self.back_off.failed(source, self.clock())
            try:
                answer = self.issuing.answer(shown.user, is_proven=is_proven, **asked)
            except IssuingRefused as refused:
                self._note(request, shown.user if is_proven else None, refused.reason)
                challenge = ("WWW-Authenticate", 'Basic realm="customer", charset="UTF-8"')
                extra = (challenge,) if refused.status == 401 else ()
                reply(_refusal(refused.status, refused.reason, refused.text, *extra))
                return
            reply(_json(200, answer))

        self.customers.check_password(shown.user, shown.password, judged)

    @staticmethod
    def _read(request: HttpRequest) -> tuple[Basic, dict[str, object]]:
        if request.method != "POST":
            raise BadRequest("method", "POST is needed", status=405, allow=("POST",))
        shown = credentials_of(request.header("authorization"), None, ())
        if not isinstance(shown, Basic):
            # Judged like a wrong password, so that there is one way to be refused.
            shown = Basic("", "")
        return shown, _members(request)

    def _note(self, request: HttpRequest, ucsid: str | None, reason: Reason) -> None:
        self.book.write(
            AccessEntry(
                event=Event.REQUEST_REFUSED,
                customer=ucsid,
                client=request.client_address,
                reason=reason,
            )
        )


def _members(request: HttpRequest) -> dict[str, object]:
    """Return what is asked for: from a JSON body, else from the query."""
    told: Any = {"username": request.parameter("username"), "ttl": request.parameter("ttl")}
    if request.body.strip():
        try:
            told = json.loads(request.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise BadRequest("bad-body", "the body is no JSON object")
    return {"user": told.get("username"), "ttl": told.get("ttl")}


def _refusal(
    status: int,
    reason: str,
    text: str,
    *headers: tuple[str, str],
    allow: tuple[str, ...] = (),
) -> HttpAnswer:
    if allow:
        headers = (*headers, ("Allow", ", ".join(allow)))
    return _json(status, {"error": reason, "text": text}, *headers)


def _json(status: int, members: dict[str, Any], *headers: tuple[str, str]) -> HttpAnswer:
    body = json.dumps(members).encode()
    length = ("Content-Length", str(len(body)))
    return HttpAnswer(status, (*_GUARDED, *headers, length), body)
