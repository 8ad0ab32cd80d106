"""Why customers' servers are not linked: the last refusal or loss of each, and of strangers.

A server that is refused before it has said whose it is belongs to nobody we know; so those are
remembered too, by address, as many as a person looks through.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from attrs import define, field, frozen

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.stun.addresses import vicinity

MOST_CUSTOMERS: Final = 10_000
"""An installation has fewer; the one whose trouble is oldest is forgotten first."""

MOST_STRANGERS: Final = 50
"""Addresses and reasons; whoever floods us with connections pushes out other strangers only."""

ENDED: Final = frozenset(
    {Event.LINK_REFUSED, Event.LINK_LOST, Event.LINK_REDIRECTED, Event.CONNECTION_REFUSED}
)


@frozen
class _Trouble:
    """One refusal or loss."""

    client: str | None
    reason: Reason
    at: float


@define(eq=False)
class LastRefusals:
    """Remembers them; tell it all that the access book is told."""

    _now: Callable[[], float] = field(repr=False)
    _customers: OrderedDict[str, _Trouble] = field(factory=OrderedDict, init=False)
    _strangers: OrderedDict[tuple[str | None, Reason], _Trouble] = field(
        factory=OrderedDict, init=False
    )

    def entered(self, entry: AccessEntry) -> None:
        """Take in what the access book says."""
        if entry.event is Event.LINK_OPENED:
            if entry.customer is not None:
                self._customers.pop(entry.customer, None)
        elif entry.event in ENDED and entry.reason is not None:
            self._keep(entry, _Trouble(entry.client, entry.reason, self._now()))

    def told(self) -> list[dict[str, Any]]:
        """Return all of them, the oldest of customers and of strangers first."""
        return [
            *(self._told(customer, each) for customer, each in self._customers.items()),
            *(self._told(None, each) for each in self._strangers.values()),
        ]

    def _keep(self, entry: AccessEntry, trouble: _Trouble) -> None:
        if entry.customer is not None:
            self._customers.pop(entry.customer, None)
            self._customers[entry.customer] = trouble
            if len(self._customers) > MOST_CUSTOMERS:
                self._customers.popitem(last=False)
            return
        source = None if entry.client is None else vicinity(entry.client)
        self._strangers.pop((source, trouble.reason), None)
        self._strangers[source, trouble.reason] = trouble
        if len(self._strangers) > MOST_STRANGERS:
            self._strangers.popitem(last=False)

    def _told(self, customer: str | None, trouble: _Trouble) -> dict[str, Any]:
        return {
            "customer": customer,
            "client": trouble.client,
            "reason": trouble.reason.value,
            "seconds": round(self._now() - trouble.at, 1),
        }
