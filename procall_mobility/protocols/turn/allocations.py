"""All allocations: how they begin and end, and what is due when."""

import base64
import enum
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from attrs import define, field

from procall_mobility.protocols.turn.allocation import Allocation, Channel, Relay
from procall_mobility.protocols.turn.deadlines import Deadlines
from procall_mobility.protocols.turn.identity import Identity
from procall_mobility.protocols.turn.no_flows import NoFlows
from procall_mobility.protocols.turn.ports import Book, Flows
from procall_mobility.protocols.turn.relay_addresses import RelayAddresses
from procall_mobility.protocols.turn.rules import TurnRules
from procall_mobility.protocols.turn.tenants import Quotas

TICKET_CHANCE = 18
"""Octets of chance in a MOBILITY-TICKET: a handle that says nothing to anybody.

It is text, as there are clients that handle it as such and would stop at a zero.
"""

ID_SIZE = 6
"""Octets of an allocation's id, which is for people to name it by."""

NOTHING_RELAYED = dict.fromkeys(
    ("kernel-packets", "kernel-octets", "python-packets", "python-octets"), 0
)


class Newcomers(enum.Enum):
    """What becomes of clients that ask for an allocation."""

    WELCOME = "welcome"
    REFUSED = "refused"
    """We are leaving, and there is nobody else here."""
    ELSEWHERE = "elsewhere"
    """We are leaving, and another process goes on."""


ConnectionsEnd = Callable[[Allocation, float | None], None]


@define(eq=False, kw_only=True)
class Allocations:
    """The table."""

    rules: TurnRules
    addresses: RelayAddresses
    book: Book
    dice: Callable[[int], bytes] = field(repr=False)
    flows: Flows = field(factory=NoFlows)
    connections_end: ConnectionsEnd = field(default=lambda allocation, now: None, init=False)
    """Closes the TCP connections of an allocation: all, or those that are late at a time."""
    newcomers: Newcomers = field(default=Newcomers.WELCOME, init=False)
    sooner: Callable[[], None] = field(default=lambda: None, init=False)
    """Called when `wake_at` may have moved closer."""
    counters: Counter[str] = field(factory=Counter, init=False)
    """What happened how often; the names are ours, so there is a bounded number of them."""
    quotas: Quotas = field(init=False)
    _all: dict[str, Allocation] = field(factory=dict, init=False)
    _by_ticket: dict[bytes, Allocation] = field(factory=dict, init=False)
    _deadlines: Deadlines = field(factory=Deadlines, init=False)
    _reservations_due: float | None = field(default=None, init=False)
    _relayed: Counter[str] = field(factory=lambda: Counter(NOTHING_RELAYED), init=False)
    """Of allocations that have ended."""

    def __attrs_post_init__(self) -> None:
        self.quotas = Quotas(self.rules)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Allocation]:
        return iter(list(self._all.values()))

    def change(self, rules: TurnRules) -> None:
        """Go by other rules from now on."""
        self.rules = rules
        self.quotas.change(rules)

    def new_id(self) -> str:
        """Return an id nobody has."""
        while (made := self.dice(ID_SIZE).hex()) in self._all:
            pass
        return made

    def begin(self, allocation: Allocation, now: float) -> None:
        """Take an allocation in; its relays are open."""
        self._all[allocation.id] = allocation
        allocation.interim_at = now + self.rules.interim_every
        allocation.peers_left = float(self.rules.permissions)
        allocation.path.bind(allocation)
        self.watch(allocation)
        self.book.opened(allocation, now)

    def end(self, allocation: Allocation, why: str, now: float) -> None:
        """End an allocation with all it has; a second call does nothing."""
        if self._all.pop(allocation.id, None) is None:
            return
        # First of all: nothing is carried for a socket that is closed, and its record is whole.
        self.flows.release(allocation)
        self._deadlines.forget(allocation)
        self.drop_ticket(allocation)
        for relay in allocation.relays:
            self.addresses.end(relay)
        if allocation.connections is not None:
            self.connections_end(allocation, None)
        for path in (allocation.path, allocation.next_path):
            if path is not None:
                path.unbind()
        self._relayed.update(_relayed_by(allocation))
        self.quotas.release(allocation.tenant, allocation.subject, allocation.source)
        self.book.ended(allocation, why, now)
        allocation.path = allocation.next_path = None
        allocation.relays = ()
        allocation.channels.clear()
        allocation.permissions.clear()

    def end_relay(self, allocation: Allocation, relay: Relay, why: str, now: float) -> None:
        """End one of an allocation's addresses, and the allocation with its last one."""
        if len(allocation.relays) == 1:
            self.end(allocation, why, now)
            return
        allocation.relays = tuple(each for each in allocation.relays if each is not relay)
        for number, channel in list(allocation.channels.items()):
            if channel.relay is relay:
                self.flows.drop(channel)
                del allocation.channels[number]
        self.addresses.end(relay)

    def settle(self) -> None:
        """Count what was carried until this moment; it takes a microsecond or two for each."""
        settle = self.flows.settle
        for each in self._all.values():
            settle(each)

    def relayed(self) -> Counter[str]:
        """Return how many packets and octets were relayed since the start, and by whom.

        What others carry is in it up to when it was settled: each has its turn every second.
        """
        packets = octets = carried_packets = carried_octets = 0
        # One loop over plain numbers: there may be tens of thousands.
        for each in self._all.values():
            packets += each.sent_packets + each.received_packets
            octets += each.sent_octets + each.received_octets
            carried_packets += each.carried_packets
            carried_octets += each.carried_octets
        total = Counter(self._relayed)
        total.update(_shared(packets, octets, carried_packets, carried_octets))
        return total

    def known_by(self, allocation: Allocation, identity: Identity, now: float) -> None:
        """Know an allocation's user by the credential shown last."""
        before, allocation.identity = allocation.identity, identity
        if before.until != identity.until:
            self.watch(allocation)
            self.strictly(allocation, now)

    def strictly(self, allocation: Allocation, now: float) -> None:
        """Have no data carried longer than the credential is good, where that matters.

        Where it matters no more, what is carried is prolonged with its channel.
        """
        if allocation.tenant.strict:
            self.carry(allocation.channels.values(), now)

    def carry(self, channels: Iterable[Channel], now: float) -> None:
        """Have data of an allocation's channels carried, as long as everything they need lasts."""
        for channel in channels:
            allocation = channel.relay.allocation
            until = min(channel.until, channel.relay.until, self._credential_end(allocation))
            if until > now and allocation.path is not None:
                self.flows.put(channel, until, now)
            else:
                self.flows.drop(channel)

    # Mobility (RFC 8016) ------------------------------------------------------------------

    def give_ticket(self, allocation: Allocation) -> bytes:
        """Return a new ticket; the one before is worth nothing any more."""
        self.drop_ticket(allocation)
        allocation.ticket = base64.b64encode(self.dice(TICKET_CHANCE))
        self._by_ticket[allocation.ticket] = allocation
        return allocation.ticket

    def drop_ticket(self, allocation: Allocation) -> None:
        """Forget an allocation's ticket."""
        if allocation.ticket is not None:
            del self._by_ticket[allocation.ticket]
            allocation.ticket = None

    def with_ticket(self, ticket: bytes) -> Allocation | None:
        """Return the allocation a ticket is for."""
        return self._by_ticket.get(ticket)

    # Time ---------------------------------------------------------------------------------

    def watch(self, allocation: Allocation) -> None:
        """See that an allocation is looked at early enough."""
        self._deadlines.set(allocation, self._due(allocation))
        self.sooner()

    def watch_reservations(self, now: float) -> None:
        """See that reservations are given back."""
        self._reservations_due = self.addresses.forget_reservations(now)
        self.sooner()

    def wake_at(self) -> float | None:
        """When something is due next."""
        first, second = self._deadlines.next(), self._reservations_due
        if first is None or second is None:
            return first if second is None else second
        return min(first, second)

    def wake(self, now: float) -> None:
        """Do what is due."""
        if self._reservations_due is not None and self._reservations_due <= now:
            self.watch_reservations(now)
        for allocation in self._deadlines.due(now):
            self._look_at(allocation, now)

    def _look_at(self, allocation: Allocation, now: float) -> None:
        if self._credential_end(allocation) <= now:
            self.end(allocation, "credential-expired", now)
            return
        for relay in allocation.relays:
            if relay.until <= now:
                self.end_relay(allocation, relay, "expired", now)
        if not allocation.relays:
            return
        if allocation.connections is not None:
            self.connections_end(allocation, now)
        if allocation.next_path is not None and allocation.resumed_until <= now:
            allocation.next_path.unbind()
            allocation.next_path = None
        if allocation.interim_at <= now:
            allocation.interim_at = now + self.rules.interim_every
            self.flows.settle(allocation)
            self.book.goes_on(allocation, now)
        self.watch(allocation)

    def _due(self, allocation: Allocation) -> float:
        due = min(allocation.interim_at, self._credential_end(allocation))
        if allocation.connections is not None:
            due = min(due, allocation.connections.due())
        for relay in allocation.relays:
            due = min(due, relay.until)
        return due if allocation.next_path is None else min(due, allocation.resumed_until)

    @staticmethod
    def _credential_end(allocation: Allocation) -> float:
        until = allocation.identity.until
        return float("inf") if until is None or not allocation.tenant.strict else until


def _relayed_by(allocation: Allocation) -> dict[str, int]:
    packets = allocation.sent_packets + allocation.received_packets
    octets = allocation.sent_octets + allocation.received_octets
    return _shared(packets, octets, allocation.carried_packets, allocation.carried_octets)


def _shared(packets: int, octets: int, carried: int, carried_octets: int) -> dict[str, int]:
    return {
        "kernel-packets": carried,
        "kernel-octets": carried_octets,
        "python-packets": packets - carried,
        "python-octets": octets - carried_octets,
    }
