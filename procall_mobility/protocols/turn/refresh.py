"""Refresh (RFC 8656 section 8.2), and moving to another address (RFC 8016 section 3.2)."""

from procall_mobility.protocols.stun.codes import Attribute, Code
from procall_mobility.protocols.turn.allocate import lifetime
from procall_mobility.protocols.turn.allocation import Allocation, Relay
from procall_mobility.protocols.turn.allocations import Allocations
from procall_mobility.protocols.turn.refusal import Refusal
from procall_mobility.protocols.turn.request import Answer, Request

RESUMED_FOR = 30.0
"""Seconds in which a client has to send from where it said it is; else it stays where it was."""


def refresh(request: Request, allocations: Allocations) -> Answer:
    """Prolong, shorten, end or move an allocation.

    Raises:
        Refusal: 400, 405, 437, 441, 443.
    """
    ticket = request.message.get(Attribute.MOBILITY_TICKET)
    if ticket is not None and request.allocation is None:
        return _resume(ticket, request, allocations)
    allocation = request.needed_allocation()
    if ticket is not None and allocations.with_ticket(ticket) not in (None, allocation):
        # A client may not have two allocations on one five-tuple.
        raise Refusal(Code.ALLOCATION_MISMATCH)
    relays = allocation.relays
    family = request.number(Attribute.REQUESTED_ADDRESS_FAMILY, 4)
    if family is not None:
        relays = tuple(each for each in relays if each.family == family >> 24)
        if not relays:
            raise Refusal(Code.PEER_ADDRESS_FAMILY_MISMATCH)
    if request.number(Attribute.LIFETIME, 4) == 0:
        for relay in relays:
            allocations.end_relay(allocation, relay, "released", request.now)
        return [(Attribute.LIFETIME, bytes(4))]
    granted = (Attribute.LIFETIME, _prolong(allocation, relays, request, allocations).to_bytes(4))
    if ticket is not None and allocation.ticket is not None:
        # The answer to the first of these was lost, and with it the new ticket.
        return [granted, (Attribute.MOBILITY_TICKET, allocation.ticket)]
    return [granted]


def arrived(allocation: Allocation, allocations: Allocations, now: float) -> None:
    """The client has sent from its new address: from now on it is there."""
    if allocation.path is not None:
        allocation.path.unbind()
        allocation.path.close()
    allocation.path, allocation.next_path = allocation.next_path, None
    allocations.counters["moved"] += 1
    allocations.carry(allocation.channels.values(), now)


def _prolong(
    allocation: Allocation, relays: tuple[Relay, ...], request: Request, allocations: Allocations
) -> int:
    granted = lifetime(request, allocations.rules)
    for relay in relays:
        relay.until = request.now + granted
        allocations.carry(relay.by_peer.values(), request.now)
    allocations.watch(allocation)
    return granted


def _resume(ticket: bytes, request: Request, allocations: Allocations) -> Answer:
    if not allocations.rules.mobility:
        raise Refusal(Code.MOBILITY_FORBIDDEN)
    allocation = allocations.with_ticket(ticket)
    if allocation is None:
        raise Refusal(Code.ALLOCATION_MISMATCH)
    identity = request.identity
    if not identity.is_of_same_user(allocation.identity):
        raise Refusal(Code.WRONG_CREDENTIALS)
    if allocation.connections is not None and not request.path.kind.is_stream:
        raise Refusal(Code.BAD_REQUEST)  # RFC 6062 section 5.1 wants a stream for these.
    allocations.known_by(allocation, identity, request.now)
    if request.number(Attribute.LIFETIME, 4) == 0:
        allocations.end(allocation, "released", request.now)
        return [(Attribute.LIFETIME, bytes(4))]
    if allocation.next_path is not None:
        allocation.next_path.unbind()
    request.path.bind(allocation)
    allocation.next_path = request.path
    allocation.resumed_until = request.now + RESUMED_FOR
    if allocation.path is None:
        arrived(allocation, allocations, request.now)
    granted = _prolong(allocation, allocation.relays, request, allocations)
    return [
        (Attribute.LIFETIME, granted.to_bytes(4)),
        (Attribute.MOBILITY_TICKET, allocations.give_ticket(allocation)),
    ]
