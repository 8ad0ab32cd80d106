"""Answers Matrix homeservers: the Push Gateway API, version 1.

Synapse takes every status but 200 for "try again later": it holds back what else is for that
device, for a second at first and for an hour at last, and gives up after a day.  So what is ours
is answered 200, whatever becomes of it; and what is not, in the hope that it will be, is refused.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final

from attrs import field, frozen

from procall_mobility.gateway.customer_door import Reply
from procall_mobility.gateway.json_answers import json_answer, of_octets
from procall_mobility.gateway.push.applications.registrations import Provider
from procall_mobility.gateway.push.desks.errands import Errand, Fate, PushErrands, Verdict
from procall_mobility.gateway.push.desks.sender_door import Destination, SenderDoor
from procall_mobility.gateway.push.desks.senders import Api
from procall_mobility.gateway.push.pipeline import LONGEST_WAIT
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.push import matrix, matrix_pushes
from procall_mobility.protocols.push.derived_ids import derived_id
from procall_mobility.protocols.push.matrix import Device, MatrixError, Notify
from procall_mobility.protocols.push.unified_push import MATRIX_GATEWAY
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest

_ANSWERS: Final[Mapping[str, tuple[int, str, str]]] = {
    Reason.UNKNOWN_SENDER: (403, "M_FORBIDDEN", "no pushes are taken for this app_id"),
    Reason.UNKNOWN_APP: (403, "M_FORBIDDEN", "no pushes are taken for this app_id"),
    Reason.CUSTOMER_DISABLED: (403, "M_FORBIDDEN", "no pushes are taken for this app_id now"),
    "token-malformed": (400, "M_INVALID_PARAM", "the application has no such pushkeys"),
    "endpoint-forbidden": (400, "M_INVALID_PARAM", "a pushkey names nothing that may be called"),
    "too-fast": (429, "M_LIMIT_EXCEEDED", "more pushes than the quota allows"),
    "too-many-queued": (429, "M_LIMIT_EXCEEDED", "more pushes wait than the quota allows"),
    "too-much-queued": (429, "M_LIMIT_EXCEEDED", "more pushes wait than the quota allows"),
    "too-many-lanes": (429, "M_LIMIT_EXCEEDED", "pushkeys name more places than the quota allows"),
}
"""Status, code and text by reason, for requests of which nothing was taken."""

_OTHERWISE: Final = (503, "M_UNKNOWN", "the push cannot be taken now")


@frozen(kw_only=True)
class MatrixDesk:
    """Takes requests."""

    door: SenderDoor
    errands: PushErrands
    clock: Callable[[], float] = field(repr=False)
    wall_clock: Callable[[], float] = field(repr=False)
    new_id: Callable[[], str] = field(repr=False)

    def wants(self, path: str) -> bool:
        """Want the one place there is."""
        return path.rstrip("/") == matrix.PATH

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        """Answer `request` through `reply`, at once or later, exactly once."""
        if request.method == "GET":
            reply(of_octets(200, MATRIX_GATEWAY))  # UnifiedPush asks whether this is a gateway.
            return
        if request.method != "POST":
            text = "POST is needed"
            reply(_error(405, "M_UNRECOGNIZED", text, ("Allow", "GET, POST")))
            return
        wait = self.door.wait(request)
        if wait > 0:
            reply(_refused(Verdict(fate=Fate.REFUSED, reason="too-fast", retry_after=wait)))
            return
        try:
            notify = matrix.read(request.body)
        except MatrixError as error:
            reply(_error(400, error.reason, error.text))
            return
        self._take(notify, request, reply)

    def _take(self, notify: Notify, request: HttpRequest, reply: Reply) -> None:
        names = [device.app_id for device in notify.devices]
        found = self.door.find_all(request, Api.MATRIX, names)
        judged = [self._errand(notify, device, found[device.app_id]) for device in notify.devices]
        errands = [each for each in judged if isinstance(each, Errand)]

        def heard(verdicts: list[Verdict]) -> None:
            later = iter(verdicts)
            full = [each if isinstance(each, Verdict) else next(later) for each in judged]
            reply(_answer(notify, full))

        self.errands.run(errands, heard, self.clock(), wait=LONGEST_WAIT)

    def _errand(
        self, notify: Notify, device: Device, there: Destination | Reason
    ) -> Errand | Verdict:
        if isinstance(there, Reason):
            return Verdict(fate=Fate.REFUSED, reason=there.value)
        customer, app = there.customer, there.app
        token = device.pushkey
        if app.provider == Provider.APNS:
            token = matrix_pushes.apple_token(token)
        name = (
            self.new_id()
            if notify.event_id is None
            else derived_id("matrix", customer, app.name, notify.event_id, token)
        )
        unix = self.wall_clock()
        forms = matrix_pushes.pushes(notify, device, name=name, token=token, unix=unix)
        return Errand(customer=customer, app=app, forms=forms, registered=device.registered)


def _answer(notify: Notify, verdicts: list[Verdict]) -> HttpAnswer:
    """Return 200 with the dead, unless nothing was taken and something might be later."""
    if all(verdict.fate is Fate.REFUSED for verdict in verdicts):
        return _refused(verdicts[0])
    pairs = zip(notify.devices, verdicts, strict=True)
    dead = [device.pushkey for device, verdict in pairs if verdict.fate is Fate.DEAD]
    return json_answer(200, {"rejected": dead})


def _refused(verdict: Verdict) -> HttpAnswer:
    status, code, text = _ANSWERS.get(verdict.reason or "", _OTHERWISE)
    if verdict.retry_after is None:
        return _error(status, code, text)
    seconds = math.ceil(verdict.retry_after)
    later = ("Retry-After", str(seconds))
    members = {"errcode": code, "error": text, "retry_after_ms": seconds * 1000}
    return json_answer(status, members, later)


def _error(status: int, code: str, text: str, *headers: tuple[str, str]) -> HttpAnswer:
    return json_answer(status, {"errcode": code, "error": text}, *headers)
