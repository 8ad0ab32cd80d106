"""Connect, ConnectionBind and ConnectionAttempt (RFC 6062 sections 5.2 to 5.4)."""

from collections.abc import Callable
from typing import Final

from procall_mobility.protocols.stun.addresses import TransportAddress, encode_xor_address
from procall_mobility.protocols.stun.codes import Attribute, Class, Code, Method
from procall_mobility.protocols.stun.message import build
from procall_mobility.protocols.turn.allocation import Allocation, Relay
from procall_mobility.protocols.turn.allocations import Allocations
from procall_mobility.protocols.turn.peer_connections import PeerConnection
from procall_mobility.protocols.turn.permissions import judge, relay_towards, turn_to
from procall_mobility.protocols.turn.ports import ClientPath, PeerStream
from procall_mobility.protocols.turn.refusal import Refusal
from procall_mobility.protocols.turn.request import Answer, Request

PATIENCE: Final = 30.0
"""Seconds for a connection to be opened, and again for the client to bind it."""

Refuse = Callable[[Request, Refusal], None]
Grant = Callable[[Request, Answer], None]


class TcpRelaying:
    """Connections of all allocations; `grant` and `refuse` answer requests that had to wait."""

    def __init__(self, allocations: Allocations, grant: Grant, refuse: Refuse) -> None:
        self._allocations = allocations
        self._grant = grant
        self._refuse = refuse
        self._by_id: dict[int, PeerConnection] = {}
        allocations.connections_end = self.end_those

    def __len__(self) -> int:
        return len(self._by_id)

    def connect(self, request: Request) -> None:
        """Open a connection to a peer; the answer comes when that is settled (section 5.2).

        Raises:
            Refusal: 400, 403, 437, 443, 446, 508.
        """
        allocation = request.needed_allocation()
        connections = allocation.connections
        if connections is None:
            raise Refusal(Code.ALLOCATION_MISMATCH)
        peer = request.peers()[0]
        relay = relay_towards(allocation, peer)
        if not peer[1]:
            raise Refusal(Code.BAD_REQUEST)
        if connections.to(peer) is not None:
            raise Refusal(Code.CONNECTION_ALREADY_EXISTS)
        judge(allocation, self._allocations, peer[0], peer[1])
        if len(connections) >= self._allocations.rules.tcp_connections or not turn_to(
            allocation, self._allocations, 1, request.now
        ):
            raise Refusal(Code.INSUFFICIENT_CAPACITY)
        # To be opened; how long it may wait then is counted anew.
        connection = self._new(allocation, peer, request.now + 2 * PATIENCE)

        def settled(stream: PeerStream | None, now: float) -> None:
            if self._by_id.get(connection.id) is not connection:
                if stream is not None:
                    stream.close()
            elif stream is None:
                self.end(connection)
                self._refuse(request, Refusal(Code.CONNECTION_TIMEOUT_OR_FAILURE))
            else:
                connection.stream = stream
                connection.until = now + PATIENCE
                self._allocations.watch(allocation)
                self._grant(request, (_id_of(connection),))

        relay.wire.connect(peer, PATIENCE, settled, lambda: self.end(connection))

    def accept(
        self, relay: Relay, stream: PeerStream, peer: TransportAddress, now: float
    ) -> Callable[[], None] | None:
        """Take a peer's connection (section 5.3).

        Returns:
            What to call when the connection is lost; None when it is not wanted.
        """
        allocation = relay.allocation
        connections = allocation.connections
        path = allocation.path
        if (
            path is None
            or not allocation.allows(peer[0], now)
            or not allocation.tenant.policy.judge(peer[0], tcp=True).is_good
            or connections.to(peer) is not None
            or len(connections) >= self._allocations.rules.tcp_connections
        ):
            self._allocations.counters["tcp-peer-refused"] += 1
            return None
        connection = self._new(allocation, peer, now + PATIENCE)
        connection.stream = stream
        transaction_id = self._allocations.dice(12)
        attributes = (
            _id_of(connection),
            (Attribute.XOR_PEER_ADDRESS, encode_xor_address(peer, transaction_id)),
        )
        path.send(build(Method.CONNECTION_ATTEMPT, Class.INDICATION, transaction_id, attributes))
        return lambda: self.end(connection)

    def bind(self, request: Request) -> PeerConnection:
        """Find the connection a client wants joined to this new one of its own (section 5.4).

        Raises:
            Refusal: 400, 441.
        """
        number = request.number(Attribute.CONNECTION_ID, 4)
        connection = self._by_id.get(number) if number is not None else None
        if (
            connection is None
            or connection.is_joined
            or connection.stream is None
            or not request.path.kind.is_stream
            or request.allocation is not None
        ):
            raise Refusal(Code.BAD_REQUEST)
        if not request.identity.is_of_same_user(connection.allocation.identity):
            raise Refusal(Code.WRONG_CREDENTIALS)
        connection.is_joined = True
        return connection

    def join(self, connection: PeerConnection, path: ClientPath) -> None:
        """Let octets flow between a client's connection and its peer's."""
        connection.stream.join(path, connection.allocation)

    def end(self, connection: PeerConnection) -> None:
        """Close a connection and forget it; a second call does nothing."""
        if self._by_id.pop(connection.id, None) is None:
            return
        connection.allocation.connections.remove(connection)
        if connection.stream is not None:
            connection.stream.close()

    def end_those(self, allocation: Allocation, late_at: float | None) -> None:
        """Close all connections of an allocation, or those nobody had bound in time."""
        connections = allocation.connections
        for connection in connections.all() if late_at is None else connections.late(late_at):
            self.end(connection)

    def review(self, allocation: Allocation) -> None:
        """Close connections to peers that the customer's policy allows no longer."""
        policy = allocation.tenant.policy
        for connection in allocation.connections.all():
            host, port = connection.peer[0], connection.peer[1]
            if not policy.judge(host, port, tcp=True).is_good:
                self.end(connection)

    def _new(self, allocation: Allocation, peer: TransportAddress, until: float) -> PeerConnection:
        while not (number := int.from_bytes(self._allocations.dice(4))) or number in self._by_id:
            pass
        connection = PeerConnection(allocation, number, peer, until)
        self._by_id[number] = connection
        allocation.connections.add(connection)
        self._allocations.watch(allocation)
        return connection


def _id_of(connection: PeerConnection) -> tuple[int, bytes]:
    return Attribute.CONNECTION_ID, connection.id.to_bytes(4)
