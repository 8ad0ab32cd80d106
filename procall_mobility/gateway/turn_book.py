"""What the access book says of relays: the port `Book` of the relay."""

from attrs import define, field

from procall_mobility.gateway.access import AccessEntry, Event, User
from procall_mobility.gateway.allowance import Allowance
from procall_mobility.gateway.ports import AccessBook
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.tenants import Tenant

ALERTS_PER_SECOND, ALERT_BURST = 0.1, 5.0
"""Lines about one kind of abuse at one customer; the counters have all of it.  Each customer has
its own share, so that an attack on one hides none on another."""


@define(eq=False)
class TurnBook:
    """Writes one line when a relay begins and ends, and one every while in between."""

    book: AccessBook
    _alerts: dict[tuple[str, Reason], Allowance] = field(factory=dict, init=False)
    """By customer, of which there is a bounded number, and kind of abuse."""

    def opened(self, allocation: Allocation, now: float) -> None:
        """An allocation was made."""
        self._write(Event.RELAY_OPENED, allocation, None, None)

    def goes_on(self, allocation: Allocation, now: float) -> None:
        """An allocation has lived on for a while."""
        self._write(Event.RELAY_GOES_ON, allocation, None, now - allocation.opened)

    def ended(self, allocation: Allocation, why: str, now: float) -> None:
        """An allocation has ended."""
        self._write(Event.RELAY_ENDED, allocation, Reason.of(why), now - allocation.opened)

    def wrong_password(self, tenant: Tenant, host: str, now: float) -> None:
        """Somebody at `host` does not know the password of the user it claims to be."""
        if self._may_tell(tenant, Reason.WRONG_CREDENTIAL, now):
            self.book.write(
                AccessEntry(
                    event=Event.RELAY_REFUSED,
                    customer=tenant.name,
                    client=host,
                    reason=Reason.WRONG_CREDENTIAL,
                )
            )

    def scanning(self, allocation: Allocation, now: float) -> None:
        """A client turns to new peers faster than calls do."""
        if self._may_tell(allocation.tenant, Reason.TOO_MANY_PEERS, now):
            self._write(Event.RELAY_REFUSED, allocation, Reason.TOO_MANY_PEERS, None)

    def _may_tell(self, tenant: Tenant, what: Reason, now: float) -> bool:
        alerts = self._alerts.get((tenant.name, what))
        if alerts is None:
            alerts = Allowance(ALERTS_PER_SECOND, ALERT_BURST, now)
            self._alerts[tenant.name, what] = alerts
        return alerts.take(now)

    def _write(
        self,
        event: Event,
        allocation: Allocation,
        reason: Reason | None,
        duration: float | None,
    ) -> None:
        path = allocation.path
        counts = event in (Event.RELAY_GOES_ON, Event.RELAY_ENDED)
        self.book.write(
            AccessEntry(
                event=event,
                customer=allocation.tenant.name,
                client=path.client[0] if path is not None else allocation.source,
                user=User(allocation.subject),
                via=path.kind.value if path is not None else None,
                allocation=allocation.id,
                duration=duration,
                sent=allocation.sent_packets if counts else None,
                received=allocation.received_packets if counts else None,
                sent_octets=allocation.sent_octets if counts else None,
                received_octets=allocation.received_octets if counts else None,
                reason=reason,
            )
        )
