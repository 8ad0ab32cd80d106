"""Answers clients' HTTP requests (Wire 1, 2): looks the customer up, asks its server, replies."""

from collections.abc import Callable
from typing import assert_never
from urllib.parse import urlsplit

from attrs import define

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.customers import Customer, normalized
from procall_mobility.gateway.dressing import OPEN, cors_rules, dressed
from procall_mobility.gateway.expected import Expected
from procall_mobility.gateway.links import Link, LinkTable
from procall_mobility.gateway.log_ons import LogOns, Reply, failure_answer
from procall_mobility.gateway.moving import Moving
from procall_mobility.gateway.ports import AccessBook, Customers
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.reserved import RESERVED
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.gateway.server_calls import Answer, ServerCalls
from procall_mobility.gateway.session_desk import SessionDesk
from procall_mobility.protocols.rose import translate
from procall_mobility.protocols.rose.messages import Error as RoseError
from procall_mobility.protocols.rose.messages import (
    Invoke,
    InvokeProblem,
    JsonValue,
    Reject,
    Result,
    reject_invoke,
)
from procall_mobility.protocols.ucclient import answers, cors, requests
from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import (
    CreateSession,
    DestroySession,
    Direct,
    HttpRequest,
    LogOn,
    Lookup,
    NodeLookup,
    OneShot,
    Preflight,
    PublicContacts,
    VersionQuery,
)
from procall_mobility.protocols.ucclient.outcomes import LoggedIn

Origin = Callable[[HttpRequest], str]
"""The origin a look-up answers with: the configured one, or the request's own in a demo."""


@define(kw_only=True, eq=False)
class FrontDesk:
    """Serves HTTP requests; `rules` and `assumptions` may be replaced at any time."""

    customers: Customers
    links: LinkTable
    log_ons: LogOns
    sessions: SessionDesk
    calls: ServerCalls
    book: AccessBook
    rules: GatewayRules
    assumptions: ClientAssumptions
    origin: Origin
    expected: Expected
    moving: Moving

    def serve(
        self, request: HttpRequest, reply: Reply, now: float, *, has_waited: bool = False
    ) -> None:
        """Answer `request` through `reply`, at once or later, exactly once."""
        try:
            asked = requests.understand(request)
        except BadRequest as error:
            self._note(request.client_address, None, Reason.BAD_REQUEST)
            reply(cors.with_cors(answers.bad_request(error), request.header("origin"), OPEN))
            return
        customer = self._customer_of(asked)
        if customer is not None and not has_waited and self._waits(customer, request, reply, now):
            return
        # A customer that is away must look like none at all, also by what it would allow.
        present = customer if customer is not None and self.links.of(customer.ucsid) else None
        reply = dressed(reply, request, present)
        match asked:
            case Preflight(origin, _):
                reply(cors.preflight(origin, cors_rules(present)))
            case NodeLookup():
                reply(answers.nodes_found(self.rules.redirect or self._own_address(request)))
            case Lookup():
                self._look_up(request, customer, reply, now)
            case VersionQuery():
                self._version(request, customer, reply, now)
            case CreateSession():
                self._create(asked, customer, reply, now)
            case Direct():
                self._direct(asked, customer, reply, now)
            case OneShot(session_id, operation, argument):
                self._one_shot(request, session_id, operation, argument, reply, now)
            case DestroySession(session_id):
                self._destroy(request, session_id, reply, now)
            case PublicContacts():
                # which operation feeds it is not published, so that nobody can be shown.
                shown = present is not None and present.switches.public_contacts
                reply(answers.public_contacts({}) if shown else answers.nothing())
            case _ as never:
                assert_never(never)

    def _waits(self, customer: Customer, request: HttpRequest, reply: Reply, now: float) -> bool:
        """Whether a request is served later: the customer's server is on its way here."""

        def again(later: float) -> None:
            self.serve(request, reply, later, has_waited=True)

        return not self.links.of(customer.ucsid) and self.expected.hold(customer.ucsid, again, now)

    def _look_up(
        self, request: HttpRequest, customer: Customer | None, reply: Reply, now: float
    ) -> None:
        link = self._link(customer, request.client_address, now)
        reply(answers.nothing() if link is None else answers.lookup_found(self.origin(request)))

    def _own_address(self, request: HttpRequest) -> tuple[str, ...]:
        origin = urlsplit(self.origin(request))
        default = 443 if origin.scheme == "https" else 80
        return (f"enetctis://{origin.hostname}:{origin.port or default}",)

    def _version(
        self, request: HttpRequest, customer: Customer | None, reply: Reply, now: float
    ) -> None:
        link = self._link(customer, request.client_address, now)
        reply(answers.nothing() if link is None else answers.version(link.registration.version))

    def _create(
        self, asked: CreateSession, customer: Customer | None, reply: Reply, now: float
    ) -> None:
        link = self._link(customer, asked.client_address, now)
        if customer is None or link is None:
            self._not_connected(asked, customer, reply)
            return

        def logged_in(user: LoggedIn, later: float) -> HttpAnswer:
            if self.moving.has_begun:
                self.log_ons.destroy(link, user.session_id, later)
                return answers.not_connected(asked.ucsid_or_alias)
            refusal = self.sessions.open(asked, link, user, later)
            if refusal is None:
                return answers.session_created(user, customer.switches.extra_members)
            if refusal is not Reason.SERVER_MISBEHAVED:
                self.log_ons.destroy(link, user.session_id, later)
            return failure_answer(refusal, asked.ucsid_or_alias, self.rules.retry_after)

        self.log_ons.begin(asked, link, logged_in, reply, now)

    def _direct(self, asked: Direct, customer: Customer | None, reply: Reply, now: float) -> None:
        link = self._link(customer, asked.client_address, now)
        if link is None:
            self._not_connected(asked, customer, reply)
            return

        def logged_in(user: LoggedIn, later: float) -> None:
            self._call(
                link,
                asked.operation,
                asked.argument,
                user.session_id,
                self._then_destroy(link, user.session_id, reply),
                later,
            )

        self.log_ons.begin(asked, link, logged_in, reply, now)

    def _then_destroy(
        self, link: Link, session_id: str, reply: Reply
    ) -> Callable[[HttpAnswer, float], None]:
        def finish(answer: HttpAnswer, now: float) -> None:
            self.log_ons.destroy(link, session_id, now)
            reply(answer)

        return finish

    def _one_shot(
        self,
        request: HttpRequest,
        session_id: str,
        operation: str,
        argument: JsonValue,
        reply: Reply,
        now: float,
    ) -> None:
        session = self.sessions.find(session_id)
        if session is None:
            self._note(request.client_address, None, Reason.BAD_SESSION)
            reply(answers.bad_session(self.assumptions))
            return
        self.sessions.touched(session, now)

        self._call(
            session.link, operation, argument, session_id, lambda answer, _: reply(answer), now
        )

    def _destroy(self, request: HttpRequest, session_id: str, reply: Reply, now: float) -> None:
        session = self.sessions.find(session_id)
        if session is None:
            self._note(request.client_address, None, Reason.BAD_SESSION)
            reply(answers.bad_session(self.assumptions))
            return
        self.sessions.end(session, Reason.DESTROYED, now)
        reply(answers.destroyed())

    def _call(
        self,
        link: Link,
        operation: str,
        argument: JsonValue,
        session_id: str,
        finish: Callable[[HttpAnswer, float], None],
        now: float,
    ) -> None:
        if operation in RESERVED:
            finish(answers.rose_reject(_UNRECOGNISED, self.assumptions), now)
            return

        link.one_shots += 1

        def answered(answer: Answer, later: float) -> None:
            link.one_shots -= 1
            finish(self._one_shot_answer(operation, answer), later)

        def failed(reason: Reason, later: float) -> None:
            link.one_shots -= 1
            ucsid = link.customer.ucsid
            finish(failure_answer(reason, ucsid, self.rules.retry_after), later)

        self.calls.make(link, operation, argument, session_id, answered, failed, now)

    def _one_shot_answer(self, operation: str, answer: Answer) -> HttpAnswer:
        told = translate.towards_client(answer, operation)
        match told:
            case Result():
                return answers.call_succeeded(told.result)
            case RoseError():
                return answers.rose_error(told, self.assumptions)
            case Reject():
                return answers.rose_reject(told, self.assumptions)
        assert_never(told)

    def _customer_of(self, asked: object) -> Customer | None:
        key = getattr(asked, "ucsid_or_alias", "")
        if not key:
            session = self.sessions.find(getattr(asked, "session_id", ""))
            return session.link.customer if session is not None else None
        customer = self.customers.find(normalized(key))
        return customer if customer is not None and customer.enabled else None

    def _link(self, customer: Customer | None, client: str, now: float) -> Link | None:
        if customer is None or self.moving.has_begun:
            return None
        return self.links.choose(customer.ucsid, client, now)

    def _not_connected(self, asked: LogOn, customer: Customer | None, reply: Reply) -> None:
        known = customer is not None
        reason = Reason.SERVER_NOT_CONNECTED if known else Reason.UNKNOWN_CUSTOMER
        self._note(asked.client_address, customer, reason, Event.LOGIN_REFUSED)
        reply(answers.not_connected(asked.ucsid_or_alias))

    def _note(
        self,
        client: str,
        customer: Customer | None,
        reason: Reason,
        event: Event = Event.REQUEST_REFUSED,
    ) -> None:
        ucsid = customer.ucsid if customer is not None else None
        self.book.write(AccessEntry(event=event, customer=ucsid, client=client, reason=reason))


_UNRECOGNISED = reject_invoke(
    Invoke(0), InvokeProblem.UNRECOGNISED_OPERATION, "unrecognisedOperation"
)
