"""Who may hold a server link: the answers to a registration (Wire 5.2)."""

from collections.abc import Callable

from attrs import define, evolve, frozen

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.back_off import BackOff
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.links import Link, LinkTable
from procall_mobility.gateway.ports import AccessBook, Customers, LinkWire
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.protocols.stun.addresses import vicinity
from procall_mobility.protocols.ucserver.registration import Capability, Refusal, Registration

LONGEST_UCSID = 253
"""Longer than any UCSID or alias; what is longer is not even looked up."""


@frozen(eq=False)
class Applicant:
    """A server that has registered and is not let in yet."""

    wire: LinkWire
    registration: Registration
    peer: str

    @property
    def source(self) -> str:
        """Return what counts as one address."""
        return vicinity(self.peer)


@define(kw_only=True, eq=False)
class RegistrationDesk:
    """Decides on registrations.

    `capabilities` tells what a customer is offered, `arrived` takes a link in that was accepted,
    `displace` ends an old link in favour of a new one.  `rules` may be replaced at any time.
    """

    customers: Customers
    links: LinkTable
    alarms: Alarms
    book: AccessBook
    rules: GatewayRules
    back_off: BackOff
    capabilities: Callable[[Customer], tuple[Capability, ...]]
    arrived: Callable[[Link], None]
    displace: Callable[[Link, float], None]

    def ask(self, applicant: Applicant, clock: Callable[[], float]) -> None:
        """Answer an applicant, at once or when its password has been compared.

        `clock` gives the time when that is known: comparing takes its while on purpose.
        """
        asked = applicant.registration
        if self.back_off.wait(applicant.source, clock()) > 0:
            self._refuse(applicant, Refusal.GENERAL, Reason.TOO_MANY_ATTEMPTS)
        elif asked.version < self.rules.oldest_protocol:
            self._refuse(applicant, Refusal.INVALID_PROTOCOL_VERSION, Reason.VERSION)
        else:
            # Known or not, the password is compared: strangers must not tell UCSIDs by the time.
            self.customers.check_password(
                asked.ucsid[:LONGEST_UCSID],
                asked.password,
                lambda matches: self._password_compared(applicant, matches, clock()),
            )

    def _password_compared(self, applicant: Applicant, matches: bool | None, now: float) -> None:
        if matches is None:
            # Neither wrong nor right: a flood of strangers must not make a server look bad.
            self._refuse(applicant, Refusal.GENERAL, Reason.NODE_BUSY)
            return
        ucsid = applicant.registration.ucsid
        customer = self.customers.find(ucsid) if len(ucsid) <= LONGEST_UCSID else None
        if customer is None or customer.ucsid != ucsid.strip().lower():
            self.back_off.failed(applicant.source, now)
            hidden = self.rules.hide_unknown_servers
            refusal = Refusal.INVALID_LOGIN if hidden else Refusal.INVALID_SERVER_ID
            self._refuse(applicant, refusal, Reason.UNKNOWN_SERVER_ID)
        elif not matches:
            self.back_off.failed(applicant.source, now)
            self._refuse(applicant, Refusal.INVALID_LOGIN, Reason.WRONG_PASSWORD, customer)
        elif not customer.enabled:
            self._refuse(applicant, Refusal.GENERAL, Reason.CUSTOMER_DISABLED, customer)
        else:
            self.back_off.succeeded(applicant.source)
            self._find_room(applicant, customer, now)

    def _find_room(self, applicant: Applicant, customer: Customer, now: float) -> None:
        if self.rules.redirect:
            applicant.wire.redirect(self.rules.redirect)
            self._note(applicant, Event.LINK_REDIRECTED, Reason.REDIRECTED, customer)
            return
        held = self.links.of(customer.ucsid)
        if len(held) < self.rules.links_per_customer:
            self._accept(applicant, customer, now)
            return
        for old in held:
            if applicant.registration.is_same_server_as(old.registration):
                self.displace(old, now)
                self._accept(applicant, customer, now)
                return
        for old in held:
            old.wire.probe()
        self.alarms.set(
            now + self.rules.probe_timeout,
            lambda later: self._probed(applicant, customer, now, later),
        )

    def _probed(
        self, applicant: Applicant, customer: Customer, asked_at: float, now: float
    ) -> None:
        held = self.links.of(customer.ucsid)
        silent = [old for old in held if old.wire.heard < asked_at]
        if len(held) < self.rules.links_per_customer:
            self._accept(applicant, customer, now)
        elif silent:
            self.displace(silent[0], now)
            self._accept(applicant, customer, now)
        else:
            self._refuse(applicant, Refusal.DUPLICATE_LOGON, Reason.DUPLICATE, customer)

    def _accept(self, applicant: Applicant, customer: Customer, now: float) -> None:
        if not applicant.wire.accept(self.capabilities(customer)):
            return
        link = Link(
            customer=customer,
            wire=applicant.wire,
            registration=evolve(applicant.registration, password=""),  # It has done its work.
            peer=applicant.peer,
            number=self.links.free_number(customer.ucsid),
            since=now,
        )
        self.links.add(link)
        self.arrived(link)

    def _refuse(
        self,
        applicant: Applicant,
        refusal: Refusal,
        reason: Reason,
        customer: Customer | None = None,
    ) -> None:
        text = reason.text
        if reason is Reason.UNKNOWN_SERVER_ID and refusal is Refusal.INVALID_LOGIN:
            text = Reason.WRONG_PASSWORD.text
        applicant.wire.refuse(refusal, text, reason)
        self._note(applicant, Event.LINK_REFUSED, reason, customer)

    def _note(
        self, applicant: Applicant, event: Event, reason: Reason, customer: Customer | None
    ) -> None:
        self.book.write(
            AccessEntry(
                event=event,
                customer=customer.ucsid if customer is not None else None,
                client=applicant.peer,
                reason=reason,
            )
        )
