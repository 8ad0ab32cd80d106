"""What the access book says of relays: the port `Book` of the relay."""

from attrs import define, field

from procall_mobility.gateway.access import AccessEntry, Event, User
from procall_mobility.gateway.allowance import Allowance
from procall_mobility.gateway.ports import AccessBook
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.tenants import Tenant

ALERTS_PER_SECOND, ALERT_BURST = 0.2, 5.0
"""Lines about one kind of abuse; the counters have all of it."""


@define(eq=False)
class TurnBook:
    """Writes one line when a relay begins and ends, and one every while in between."""

    book: AccessBook
    _scans: Allowance = field(factory=lambda: Allowance(ALERTS_PER_SECOND, ALERT_BURST, 0.0))
    _passwords: Allowance = field(factory=lambda: Allowance(ALERTS_PER_SECOND, ALERT_BURST, 0.0))

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
        if self._passwords.take(now):
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
        if self._scans.take(now):
            self._write(Event.RELAY_REFUSED, allocation, Reason.TOO_MANY_PEERS, None)

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
