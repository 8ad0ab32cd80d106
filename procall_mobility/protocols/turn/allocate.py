"""Allocate (RFC 8656 section 7.2; the steps are numbered as there)."""

from procall_mobility.protocols.stun.addresses import encode_xor_address, vicinity
from procall_mobility.protocols.stun.codes import Attribute, Code, Family
from procall_mobility.protocols.stun.message import error_code
from procall_mobility.protocols.turn.allocation import Allocation, Relay
from procall_mobility.protocols.turn.allocations import Allocations, Newcomers
from procall_mobility.protocols.turn.peer_connections import PeerConnections
from procall_mobility.protocols.turn.ports import Transport
from procall_mobility.protocols.turn.refusal import Refusal, SilenceError
from procall_mobility.protocols.turn.relay_addresses import Opened
from procall_mobility.protocols.turn.request import Answer, Request
from procall_mobility.protocols.turn.rules import TurnRules
from procall_mobility.protocols.turn.tenants import Shares

UDP, TCP = 17, 6
"""Protocol numbers in REQUESTED-TRANSPORT (RFC 8656 section 18.7)."""

RESERVE = 0x80
"""The R bit of EVEN-PORT (RFC 8656 section 18.5)."""


def allocate(request: Request, allocations: Allocations) -> Answer:
    """Make an allocation.

    Raises:
        Refusal: it cannot be.
    """
    existing = request.allocation
    if existing is not None:  # 2.
        if existing.transaction_id == request.message.transaction_id:
            # The answer to the first of these was lost (RFC 8489 section 6.3.1).
            return _answer(existing, request)
        raise Refusal(Code.ALLOCATION_MISMATCH)
    _welcome(request, allocations)
    protocol = _protocol(request, allocations.rules)  # 3. Of 4, we know DONT-FRAGMENT.
    ticket = request.message.get(Attribute.MOBILITY_TICKET)
    if ticket is not None:  # RFC 8016 section 3.1.2.
        if ticket:
            raise Refusal(Code.BAD_REQUEST)
        if not allocations.rules.mobility:
            raise Refusal(Code.MOBILITY_FORBIDDEN)
    until = request.now + lifetime(request, allocations.rules)
    families = _families(request, allocations)  # 5 to 9, as far as the request alone decides.
    shares = _claim(request, allocations)  # 10.
    try:
        opened, answered = _open(request, allocations, families, protocol)  # 5 to 9, the rest.
    except Refusal:
        tenant, subject = request.identity.tenant, request.identity.subject
        allocations.quotas.release(tenant, subject, vicinity(request.path.client[0]))
        raise
    allocation = _make(request, allocations, shares, opened, protocol)
    allocation.answered = tuple(answered)
    for relay in allocation.relays:
        relay.until = until
    allocations.begin(allocation, request.now)
    if ticket is not None:
        allocations.give_ticket(allocation)
    return _answer(allocation, request)


def lifetime(request: Request, rules: TurnRules) -> int:
    """Return the seconds to grant (RFC 8656 section 7.2)."""
    wanted = request.number(Attribute.LIFETIME, 4)
    return min(max(wanted or 0, rules.lifetime), rules.longest_lifetime)


def unknown_attributes(unknown: list[int]) -> Refusal:
    """Return the refusal of a request with attributes that have to be understood."""
    value = b"".join(each.to_bytes(2) for each in unknown)
    return Refusal(Code.UNKNOWN_ATTRIBUTE, ((Attribute.UNKNOWN_ATTRIBUTES, value),))


def _welcome(request: Request, allocations: Allocations) -> None:
    """Turn new clients away while we are leaving."""
    if allocations.newcomers is Newcomers.ELSEWHERE and request.path.kind is Transport.UDP:
        # Asked again, as datagrams are, it reaches whoever goes on with our socket.
        raise SilenceError("left-to-successor")
    if allocations.newcomers is not Newcomers.WELCOME:
        raise Refusal(Code.INSUFFICIENT_CAPACITY)


def _protocol(request: Request, rules: TurnRules) -> int:
    value = request.number(Attribute.REQUESTED_TRANSPORT, 4)
    if value is None:
        raise Refusal(Code.BAD_REQUEST)
    protocol = value >> 24
    if protocol == TCP and rules.tcp_relay:
        # RFC 6062 section 5.1: not over UDP, and nothing that is about datagrams.
        about_datagrams = (
            Attribute.EVEN_PORT,
            Attribute.DONT_FRAGMENT,
            Attribute.RESERVATION_TOKEN,
        )
        if not request.path.kind.is_stream or any(map(request.has, about_datagrams)):
            raise Refusal(Code.BAD_REQUEST)
    elif protocol != UDP:
        raise Refusal(Code.UNSUPPORTED_TRANSPORT)
    return protocol


def _families(request: Request, allocations: Allocations) -> list[Family]:
    """Return the families that are wanted; a second one may be refused without harm."""
    wanted = request.number(Attribute.REQUESTED_ADDRESS_FAMILY, 4)
    additional = request.number(Attribute.ADDITIONAL_ADDRESS_FAMILY, 4)
    if additional is None:
        additional = request.number(Attribute.OLD_ADDITIONAL_ADDRESS_FAMILY, 4)
    even = request.number(Attribute.EVEN_PORT, 1)
    if request.has(Attribute.RESERVATION_TOKEN) and (  # 5.
        even is not None or wanted is not None or additional is not None
    ):
        raise Refusal(Code.BAD_REQUEST)
    if wanted is not None and additional is not None:  # 6.
        raise Refusal(Code.BAD_REQUEST)
    if additional is not None:  # 8 and 9.
        if additional >> 24 != Family.IPV6 or (even is not None and even & RESERVE):
            raise Refusal(Code.BAD_REQUEST)
        return [Family.IPV4, Family.IPV6]
    if wanted is not None and wanted >> 24 not in (Family.IPV4, Family.IPV6):  # 7.
        raise Refusal(Code.ADDRESS_FAMILY_NOT_SUPPORTED)
    family = Family.IPV4 if wanted is None else Family(wanted >> 24)
    if not allocations.addresses.has(family):
        raise Refusal(Code.ADDRESS_FAMILY_NOT_SUPPORTED)
    return [family]


def _claim(request: Request, allocations: Allocations) -> Shares:
    """Count an allocation before anything is opened for it: whoever has enough costs little."""
    identity, source = request.identity, vicinity(request.path.client[0])
    shares = allocations.quotas.claim(identity.tenant, identity.subject, source, request.now)
    if shares is None:
        raise Refusal(Code.ALLOCATION_QUOTA_REACHED)
    return shares


def _open(
    request: Request, allocations: Allocations, families: list[Family], protocol: int
) -> tuple[list[Opened], Answer]:
    """Open the relay sockets; returns them, and what there is to say about others."""
    addresses, identity, now = allocations.addresses, request.identity, request.now
    tenant = identity.tenant.name
    token = request.message.get(Attribute.RESERVATION_TOKEN)
    if token is not None:
        redeemed = addresses.redeem(token, tenant, now)
        if redeemed is None:
            raise Refusal(Code.INSUFFICIENT_CAPACITY)
        allocations.watch_reservations(now)
        return [redeemed], ()
    even = request.number(Attribute.EVEN_PORT, 1)
    if even is not None and even & RESERVE:
        pair = addresses.open_pair(families[0], tenant, identity.subject, now)
        if pair is None:
            raise Refusal(Code.INSUFFICIENT_CAPACITY)
        allocations.watch_reservations(now)
        return [pair[0]], ((Attribute.RESERVATION_TOKEN, pair[1]),)
    opened, errors = [], []
    for family in families:
        if protocol == TCP:
            one = addresses.open_tcp(family)
        else:
            one = addresses.open(family, even=even is not None)
        if one is not None:
            opened.append(one)
            continue
        has = addresses.has(family)
        code = Code.INSUFFICIENT_CAPACITY if has else Code.ADDRESS_FAMILY_NOT_SUPPORTED
        errors.append((Attribute.ADDRESS_ERROR_CODE, bytes((family,)) + error_code(code)[1][1:]))
    if not opened:
        has = any(map(addresses.has, families))
        raise Refusal(Code.INSUFFICIENT_CAPACITY if has else Code.ADDRESS_FAMILY_NOT_SUPPORTED)
    return opened, errors


def _make(
    request: Request,
    allocations: Allocations,
    shares: Shares,
    opened: list[Opened],
    protocol: int,
) -> Allocation:
    path, now = request.path, request.now
    allocation = Allocation(
        name=allocations.new_id(),
        identity=request.identity,
        shares=shares,
        source=vicinity(path.client[0]),
        path=path,
        transaction_id=request.message.transaction_id,
        now=now,
    )
    if protocol == TCP:
        allocation.connections = PeerConnections()
    allocation.relays = tuple(allocations.addresses.use(each, allocation) for each in opened)
    return allocation


def _answer(allocation: Allocation, request: Request) -> Answer:
    message = request.message
    answer = [_relayed(relay, message.transaction_id) for relay in allocation.relays]
    answer += allocation.answered
    left = max(0, round(allocation.relays[0].until - request.now))
    answer.append((Attribute.LIFETIME, left.to_bytes(4)))
    mapped = encode_xor_address(request.path.client, message.transaction_id)
    answer.append((Attribute.XOR_MAPPED_ADDRESS, mapped))
    if allocation.ticket is not None:
        answer.append((Attribute.MOBILITY_TICKET, allocation.ticket))
    return answer


def _relayed(relay: Relay, transaction_id: bytes) -> tuple[int, bytes]:
    return Attribute.XOR_RELAYED_ADDRESS, encode_xor_address(relay.address, transaction_id)
