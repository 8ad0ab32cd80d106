"""The gateway: everything transports may ask of it, in one place."""

from collections.abc import Callable

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.back_off import BackOff
from procall_mobility.gateway.back_pressure import BackPressure
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.expected import Expected
from procall_mobility.gateway.front_desk import FrontDesk, Origin
from procall_mobility.gateway.generations import Generations
from procall_mobility.gateway.ice import IceIssuer
from procall_mobility.gateway.link_calls import LinkCalls
from procall_mobility.gateway.link_notes import LinkNotes
from procall_mobility.gateway.links import Link, LinkTable
from procall_mobility.gateway.log_ons import LogOns, Reply
from procall_mobility.gateway.moving import Moving
from procall_mobility.gateway.own_calls import OwnCalls
from procall_mobility.gateway.ports import AccessBook, ClientWire, Customers, LinkWire
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.registrations import Applicant, RegistrationDesk
from procall_mobility.gateway.relay import Relay
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.gateway.server_calls import ServerCalls
from procall_mobility.gateway.session_desk import SessionDesk
from procall_mobility.gateway.sessions import Session
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Invoke,
    InvokeProblem,
    JsonValue,
    Message,
)
from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.protocols.ucserver.registration import Capability, Registration


class Gateway:
    """Pairs sessions with links.

    All methods take `now` in monotonic seconds.  `sooner` is called when `wake_at` moves closer.
    """

    def __init__(
        self,
        customers: Customers,
        book: AccessBook,
        rules: GatewayRules,
        assumptions: ClientAssumptions,
        ice: IceIssuer,
        *,
        own: OwnCalls,
        origin: Origin,
        version: str,
        sooner: Callable[[], None],
    ) -> None:
        self._customers = customers
        self._book = book
        self._rules = rules
        self._own = own
        self._notes = LinkNotes(book)
        self.alarms = Alarms(sooner)
        self._by_wire: dict[LinkWire, Link] = {}
        self._generations = Generations()
        self.calls = ServerCalls(self.alarms, rules.answer_timeout)
        self._log_ons = LogOns(self.calls, self.alarms, rules, book)
        self._link_calls = LinkCalls(ice, version)
        self.links = LinkTable(rules.stickiness)
        self.sessions = SessionDesk(self.alarms, book, rules, assumptions, self._log_ons.destroy)
        self.relay = Relay(rules, own, self.client_refused)
        self._pressure = BackPressure(self.alarms, self.sessions)
        self.expected = Expected(self.alarms)
        self.moving = Moving(
            links=self.links,
            sessions=self.sessions,
            relay=self.relay,
            alarms=self.alarms,
            end_link=self._end_link,
        )
        self._registrations = RegistrationDesk(
            customers=customers,
            links=self.links,
            alarms=self.alarms,
            book=book,
            rules=rules,
            back_off=BackOff(rules.server_back_off),
            capabilities=self._link_calls.capabilities,
            arrived=self._arrived,
            displace=lambda link, now: self._end_link(link, Reason.REPLACED, now),
        )
        self._front_desk = FrontDesk(
            customers=customers,
            links=self.links,
            log_ons=self._log_ons,
            sessions=self.sessions,
            calls=self.calls,
            book=book,
            rules=rules,
            assumptions=assumptions,
            origin=origin,
            expected=self.expected,
            moving=self.moving,
        )

    # Server links -------------------------------------------------------------------------

    def guesses_first_generation(self, peer: str) -> bool:
        """Whether unnamed registrations of this address are of the first generation (A-38)."""
        return self._generations.is_first(peer)

    def link_registering(
        self,
        wire: LinkWire,
        registration: Registration,
        peer: str,
        clock: Callable[[], float],
    ) -> None:
        """Answer a registration, now or when its password has been compared."""
        self._registrations.ask(Applicant(wire, registration, peer), clock)

    def link_invoked(self, wire: LinkWire, invoke: Invoke, now: float) -> None:
        """Answer a call a server makes for itself."""
        link = self._by_wire.get(wire)
        if link is None or invoke.is_event:
            return
        link.received += 1
        if self._own.takes(invoke.operation_name):
            self._own.serve(
                link, invoke, lambda told: wire.answer(told, invoke.operation_name), now
            )
            return
        answer = self._link_calls.answer(link, invoke)
        if answer is None:
            problem = InvokeProblem.UNRECOGNISED_OPERATION
            self.relay.refuse_server(link, invoke, problem, "unrecognisedOperation")
        else:
            wire.answer(answer, invoke.operation_name)

    def session_invoked(self, wire: LinkWire, session_id: str, invoke: Invoke, now: float) -> None:
        """Relay what a server says to a client."""
        link = self._by_wire.get(wire)
        if link is None:
            return
        session = self.sessions.find(session_id)
        if session is None or session.link is not link:
            problem = InvokeProblem.INVALID_SESSION_ID
            self.relay.refuse_server(link, invoke, problem, "invalidSessionID")
        else:
            self.relay.server_says(session, invoke, now)

    def session_ended(self, wire: LinkWire, session_id: str, now: float) -> None:
        """Close the WebSocket of a session its server has ended."""
        session = self.sessions.find(session_id)
        if session is not None and session.link is self._by_wire.get(wire):
            reason = Reason.LOGGED_OFF if session.logged_off else Reason.SERVER_ENDED
            self.sessions.end(session, reason, now, at_server=False)

    def capabilities_changed(self, wire: LinkWire, capabilities: tuple[Capability, ...]) -> None:
        """Note what a server says it can do."""
        link = self._by_wire.get(wire)
        if link is not None:
            link.capabilities = capabilities

    def link_paused(self, wire: LinkWire, now: float) -> None:
        """Hold back the clients of a server that takes nothing more; cut it off if it stays so."""
        link = self._by_wire.get(wire)
        if link is not None:
            self._pressure.paused(link, self._rules.write_stall, now)

    def link_resumed(self, wire: LinkWire, now: float) -> None:
        """Let the clients of a server speak again."""
        link = self._by_wire.get(wire)
        if link is not None:
            self._pressure.resumed(link)

    def link_lost(self, wire: LinkWire, reason: Reason, now: float) -> None:
        """End what hung on a link: its clients look their company up again (Wire 5.5 E)."""
        link = self._by_wire.pop(wire, None)
        if link is None:
            return
        link.stall.cancel()
        reason = Reason.SLOW_SERVER if link.paused else reason
        self._generations.link_lost(link, now)
        self.links.remove(link)
        self.calls.link_lost(link, now)
        for session in self.sessions.of(link):
            if not session.is_going:
                self.sessions.end(session, Reason.LINK_LOST, now, at_server=False)
        self._notes.lost(link, reason, now, others=self.links.of(link.customer.ucsid))

    # Clients ------------------------------------------------------------------------------

    def connection_refused(self, client: str, reason: Reason) -> None:
        """Note a connection that came to nothing before anybody knew what it wanted."""
        entry = AccessEntry(event=Event.CONNECTION_REFUSED, client=client, reason=reason)
        self._book.write(entry)

    def serve(self, request: HttpRequest, reply: Reply, now: float) -> None:
        """Answer an HTTP request through `reply`, at once or later, exactly once."""
        self._front_desk.serve(request, reply, now)

    def attach(self, session_id: str, wire: ClientWire, client: str, now: float) -> Session | None:
        """Give a session its WebSocket; None when there is no such session (any more)."""
        session = self.sessions.find(session_id)
        if session is not None:
            self.sessions.attach(session, wire, client, now)
        return session

    def client_says(self, session: Session, message: Message, now: float) -> None:
        """Relay what a client says to its server."""
        self.relay.client_says(session, message, now)

    def client_refused(self, session: Session, reason: Reason, now: float) -> None:
        """End the session of a client that broke the protocol."""
        self.sessions.end(session, reason, now)

    def client_paused(self, session: Session, wire: ClientWire) -> None:
        """Queue for a client that takes nothing more."""
        if session.wire is wire:
            session.paused = True

    def client_resumed(self, session: Session, wire: ClientWire) -> None:
        """Send a client what has waited."""
        if session.wire is wire:
            session.paused = False
            session.flush()

    def client_gone(self, session: Session, wire: ClientWire, now: float) -> None:
        """Note the loss of a WebSocket."""
        self.sessions.detached(session, wire, now)

    # The operator -------------------------------------------------------------------------

    def customer_changed(self, ucsid: str, *, credentials: bool, relay: bool = False) -> None:
        """Take a change of a customer over at once.

        A customer that is gone or switched off loses its links, and so does one whose password is
        another now (`credentials`).  One whose credentials for the `relay` are gone asks anew.
        """
        customer = self._customers.find(ucsid)
        for link in self.links.of(ucsid):
            if customer is None or not customer.enabled:
                link.wire.close(Reason.CUSTOMER_DISABLED)
            elif credentials:
                link.wire.close(Reason.WRONG_PASSWORD)
            else:
                self._take_over(link, customer, tell=relay)

    def change(self, rules: GatewayRules, assumptions: ClientAssumptions, ice: IceIssuer) -> None:
        """Go by other rules from now on; servers hear when there is something else on offer."""
        self._rules = self.relay.rules = rules
        self._front_desk.rules = self._registrations.rules = rules
        self._front_desk.assumptions = assumptions
        self._registrations.back_off.rules = rules.server_back_off
        self.calls.timeout = rules.answer_timeout
        self._log_ons.change(rules)
        self.sessions.change(rules, assumptions)
        before, self._link_calls.ice = self._link_calls.ice, ice
        if ice != before:
            for link in self.links.all():
                self._take_over(link, link.customer, tell=True)

    def shut_down(self, now: float) -> None:
        """Close every session and link."""
        for session in self.sessions:
            self.sessions.end(session, Reason.SHUTTING_DOWN, now, at_server=not session.is_going)
        for link in self.links.all():
            link.wire.close(Reason.SHUTTING_DOWN)

    def wake_at(self) -> float | None:
        """When `wake` wants to be called next."""
        return self.alarms.wake_at()

    def wake(self, now: float) -> None:
        """Do what is due."""
        self.alarms.wake(now)

    # Inside -------------------------------------------------------------------------------

    def _take_over(self, link: Link, customer: Customer, *, tell: bool) -> None:
        """Take over a customer's switches; its server hears what it is offered now (Wire 5.3)."""
        before = self._link_calls.capabilities(link.customer)
        link.customer = customer
        after = self._link_calls.capabilities(customer)
        if tell or after != before:
            value = JsonValue.of({"capabilities": [each.as_json() for each in after]})
            link.wire.tell(Invoke(EVENT_ID, 0, "asnWebServiceCapabilitiesChanged", value))

    def _arrived(self, link: Link) -> None:
        self._by_wire[link.wire] = link
        self._notes.opened(link)
        self.expected.arrived(link.customer.ucsid, link.since)
        self.moving.link_arrived(link, link.since)

    def _end_link(self, link: Link, reason: Reason, now: float) -> None:
        wire = link.wire
        self.link_lost(wire, reason, now)
        wire.close(reason)
