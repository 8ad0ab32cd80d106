"""Answers `/push/v1/...`: a customer's server shows its password and has pushes sent."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from attrs import field, frozen

from procall_mobility.gateway.customer_door import CustomerDoor, Reply
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.json_answers import json_answer, misunderstood, of_octets, refusal
from procall_mobility.gateway.push.desks.feedback_feed import said
from procall_mobility.gateway.push.desks.orders import OrderRefused, PushOrders, Result
from procall_mobility.gateway.push.ports import READ_AGAIN, NotReadable
from procall_mobility.gateway.push.rounds import OrderRounds, Posted
from procall_mobility.gateway.push.trace_facts import DeviceName, facts
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest

PREFIX: Final = "/push/v1/"

MOST_FEEDBACK: Final = 1000
"""Dead tokens told in one answer."""

_STATUS: Final[Mapping[str, int]] = {
    "too-large": 413,
    "unknown-app": 404,
    "provider-forbidden": 403,
    "token-dead": 410,
    "id-in-use": 409,
    "too-fast": 429,
    "too-many-queued": 429,
    "too-much-queued": 429,
    "too-many-lanes": 429,
    "not-stored": 503,
    Reason.NOT_READABLE: 503,
    "undecided": 503,
    "no-credential": 503,
    "stopping": 503,
}
"""What HTTP calls a reason, where all messages were refused for it; 400 for others."""

_WAIT = re.compile(r"(?:^|[,\s])wait\s*=\s*\"?(\d{1,4})\"?(?:$|[,;\s])", re.ASCII)
_PUSH = re.compile(r"messages/([0-9A-Fa-f-]{36})", re.ASCII)
_TRACE = re.compile(r"messages/([0-9A-Fa-f-]{36})/trace", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)


@frozen(kw_only=True)
class PushDesk:
    """Takes requests."""

    door: CustomerDoor
    orders: PushOrders
    name_of: DeviceName
    """Returns the stand-in for a device, as in the access book."""
    clock: Callable[[], float] = field(repr=False)
    rounds: OrderRounds

    def wants(self, path: str) -> bool:
        """Want everything of this version."""
        return path.startswith(PREFIX)

    def serve(self, request: HttpRequest, reply: Reply) -> None:
        """Answer `request` through `reply`, at once or later, exactly once."""
        path = request.path.rstrip("/").removeprefix(PREFIX)
        if path == "messages":
            method, act = "POST", self._take
        elif _PUSH.fullmatch(path):
            method, act = "GET", self._became
        elif _TRACE.fullmatch(path):
            method, act = "GET", self._trace
        elif path == "check":
            method, act = "GET", self._check
        elif path == "feedback":
            method, act = "GET", self._feedback
        else:
            reply(misunderstood(BadRequest("not-found", "there is no such place", status=404)))
            return
        if request.method != method:
            text = f"{method} is needed"
            reply(misunderstood(BadRequest("method", text, status=405, allow=(method,))))
            return

        def welcome(customer: Customer) -> None:
            try:
                act(customer, request, reply)
            except NotReadable:  # It is read before anything is stored, and before any answer.
                reply(_not_readable())

        self.door.open(request, welcome, reply)

    def _take(self, customer: Customer, request: HttpRequest, reply: Reply) -> None:
        key, prefer = request.header("idempotency-key"), request.header("prefer")
        wait = None if prefer is None else _WAIT.search(prefer)  # RFC 7240 section 4.3.
        posted = Posted(
            customer=customer,
            body=request.body,
            answer=lambda results, accepts: reply(_told(results, accepts=accepts)),
            refused=lambda error: reply(_refused(error)),
            now=self.clock(),
            wait=float(wait[1]) if wait is not None else 0.0,
        )
        if key is None:
            self.rounds.post(posted)
            return
        try:
            self.orders.take(
                customer, posted.body, posted.answer, posted.now, key=key, wait=posted.wait
            )
        except OrderRefused as error:
            posted.refused(error)

    def _became(self, customer: Customer, request: HttpRequest, reply: Reply) -> None:
        found = self.orders.became(customer, request.path.rstrip("/").rpartition("/")[2])
        if found is None:
            reply(refusal(404, "unknown-push", "no push of this id is known any more"))
        else:
            reply(json_answer(200, found))

    def _trace(self, customer: Customer, request: HttpRequest, reply: Reply) -> None:
        """Tell what has happened to the push of a call, step by step."""
        push = request.path.rstrip("/").rsplit("/", 2)[1].lower()
        trace = self.orders.pipeline.traces.find(push, customer.ucsid)
        if trace is None:
            text = "there is no trace of this push: only calls have one, for an hour"
            reply(refusal(404, "no-trace", text))
        else:
            reply(json_answer(200, facts(trace, self.name_of, for_operator=False)))

    def _check(self, customer: Customer, request: HttpRequest, reply: Reply) -> None:
        """Tell whether pushes to a channel's application go through (Wire 7.2, 2573)."""
        channel = request.parameter("channel") or ""
        reply(json_answer(200, self.orders.check(customer, channel)))

    def _feedback(self, customer: Customer, request: HttpRequest, reply: Reply) -> None:
        """Tell which tokens are dead; whoever asks names the last it has seen."""
        after = request.parameter("after") or "0"
        if not _NUMBER.fullmatch(after):
            reply(refusal(400, "bad-request", "after: expected the number of the last one seen"))
            return
        dead = self.orders.store.feedback(customer.ucsid, int(after), MOST_FEEDBACK)
        reply(json_answer(200, said(dead, int(after))))


def _refused(error: Exception) -> HttpAnswer:
    """Return the answer to an order of which nothing is taken; what is no refusal is a bug."""
    if isinstance(error, NotReadable):
        return _not_readable()
    if isinstance(error, OrderRefused):
        return refusal(error.status, error.reason, error.text)
    return refusal(500, Reason.INTERNAL.value, Reason.INTERNAL.text)


def _not_readable() -> HttpAnswer:
    later = ("Retry-After", str(int(READ_AGAIN)))
    return refusal(503, Reason.NOT_READABLE.value, Reason.NOT_READABLE.text, later)


def _told(results: list[Result], *, accepts: bool) -> HttpAnswer:
    """Return 202 if anything was accepted; else what HTTP calls the reason all have in common."""
    words, wait = [], 0.0
    for each in results:
        if len(each) == 2:  # Nearly all are a UUID and a word, in which nothing is to be escaped.
            words.append(f'{{"id": "{each["id"]}", "status": "{each["status"]}"}}')
        else:
            words.append(json.dumps(each))
            wait = max(wait, each.get("retry_after", 0.0))
    octets = f'{{"results": [{", ".join(words)}]}}'.encode()
    later = (("Retry-After", str(int(wait) + 1)),) if wait else ()
    return of_octets(202 if accepts else _status(results), octets, *later)


def _status(results: list[Result]) -> int:
    reasons = {each.get("reason") for each in results}
    return _STATUS.get(str(reasons.pop()), 400) if len(reasons) == 1 else 400
