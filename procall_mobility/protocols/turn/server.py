"""The mouth of the relay: messages come in, answers go out, and no peer's mistake gets through."""

from collections.abc import Callable, Mapping
from typing import Final

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.addresses import (
    TransportAddress,
    encode_xor_address,
    vicinity,
)
from procall_mobility.protocols.stun.codes import Attribute, Class, Code, Method
from procall_mobility.protocols.stun.message import Message, Signature, build, error_code, parse
from procall_mobility.protocols.stun.nat_behaviour import NatBehaviour
from procall_mobility.protocols.turn.allocate import allocate, unknown_attributes
from procall_mobility.protocols.turn.allocation import Allocation, Relay
from procall_mobility.protocols.turn.allocations import Allocations
from procall_mobility.protocols.turn.authentication import Authenticator
from procall_mobility.protocols.turn.buckets import BucketTable
from procall_mobility.protocols.turn.permissions import channel_bind, create_permission, review
from procall_mobility.protocols.turn.ports import Authority, ClientPath, Transport
from procall_mobility.protocols.turn.refresh import arrived, refresh
from procall_mobility.protocols.turn.refusal import Refusal, SilenceError
from procall_mobility.protocols.turn.relaying import Relaying
from procall_mobility.protocols.turn.request import Answer, Request
from procall_mobility.protocols.turn.rules import TurnRules
from procall_mobility.protocols.turn.tcp_relaying import TcpRelaying
from procall_mobility.protocols.turn.tenants import Tenant

Handler = Callable[[Request, Allocations], Answer]

HANDLERS: Final[Mapping[int, Handler]] = {
    Method.ALLOCATE: allocate,
    Method.REFRESH: refresh,
    Method.CREATE_PERMISSION: create_permission,
    Method.CHANNEL_BIND: channel_bind,
}

KNOWN: Final = frozenset((*HANDLERS, Method.CONNECT, Method.CONNECTION_BIND))

REFLECTED_PORTS: Final = frozenset((0, 7, 13, 17, 19, 53, 69, 111, 123, 161, 389, 1900, 11211))
"""Source ports of services that answer whatever reaches them: no client calls from there."""

DISCOVERY: Final = (Attribute.CHANGE_REQUEST, Attribute.PADDING, Attribute.RESPONSE_PORT)
"""What is understood only where NAT behaviour discovery is offered (RFC 5780 section 7)."""


class TurnServer:
    """The STUN and TURN server.  It holds nothing of anybody who has no allocation."""

    def __init__(
        self, realm: str, nonce_key: bytes, authority: Authority, allocations: Allocations
    ) -> None:
        """Serve one realm.

        Args:
            realm: what clients mix into their keys; short, as every refusal carries it.
            nonce_key: at least 16 octets of chance.
            authority: knows the users.
            allocations: the table, which nobody else changes.
        """
        rules = allocations.rules
        self.allocations = allocations
        self.relaying = Relaying(allocations)
        self.tcp_relaying = TcpRelaying(allocations, self._grant, self._deny)
        self.nat_behaviour: dict[TransportAddress, NatBehaviour] = {}
        """Whom to ask about a Binding request, by the UDP address it came to; mostly nobody."""
        self._counters = allocations.counters
        self._authenticator = Authenticator(
            realm.encode(), nonce_key, authority, rules, allocations.book.wrong_password
        )
        self._strangers = BucketTable(*rules.strangers)

    # Inputs -------------------------------------------------------------------------------

    def hears(self, data: bytes, path: ClientPath, now: float) -> bool:
        """Take a STUN message; False when it is none, which is never answered."""
        try:
            message = parse(data)
        except PeerError:
            self._counters["malformed"] += 1
            return False
        if message.kind is Class.REQUEST:
            self._request(message, path, now)
        elif message.kind is Class.INDICATION:
            self._indication(message, path, now)
        # Responses are answers to nothing of ours (RFC 8489 section 6.3.3).
        return True

    def hears_channel_data(self, data: bytes, path: ClientPath, now: float) -> None:
        """Take ChannelData with its header."""
        allocation = self._allocation_of(path, now)
        if allocation is None:
            self._counters["channel-dropped"] += 1
        else:
            self.relaying.channel_data(data, allocation, now)

    def hears_peer(
        self, relay: Relay, data: bytes | memoryview, peer: TransportAddress, now: float
    ) -> None:
        """Take what a peer sent to a relayed address."""
        self.relaying.from_peer(relay, data, peer, now)

    def lost(self, path: ClientPath, now: float) -> None:
        """The connection of a client is gone; a mobile client may come back by another one."""
        allocation = path.find()
        if allocation is None:
            return
        path.unbind()
        if allocation.next_path is not None and path == allocation.next_path:
            allocation.next_path = None
        elif allocation.ticket is None:
            self.allocations.end(allocation, "connection-lost", now)
        elif allocation.next_path is not None:
            allocation.path = None
            arrived(allocation, self.allocations, now)
        else:
            allocation.path = None

    # The operator -------------------------------------------------------------------------

    def revoke(self, is_meant: Callable[[Allocation], bool], why: str, now: float) -> int:
        """End allocations at once; returns how many."""
        meant = [each for each in self.allocations if is_meant(each)]
        for allocation in meant:
            self.allocations.end(allocation, why, now)
        return len(meant)

    def change(self, rules: TurnRules) -> None:
        """Go by other rules from now on; allocations that exist stay."""
        self.allocations.change(rules)
        self._authenticator.change(rules)
        self._strangers.change(*rules.strangers)

    def policy_changed(self, tenant: Tenant | None, now: float) -> None:
        """Take away what a customer's policy allows no longer; None is for all of them."""
        for allocation in self.allocations:
            if tenant is None or allocation.tenant is tenant:
                review(allocation, self.allocations)
                self.allocations.watch(allocation)
                self.allocations.strictly(allocation, now)
                if allocation.connections is not None:
                    self.tcp_relaying.review(allocation)

    def wake_at(self) -> float | None:
        """When `wake` wants to be called next."""
        return self.allocations.wake_at()

    def wake(self, now: float) -> None:
        """Do what is due."""
        self.allocations.wake(now)

    # Inside -------------------------------------------------------------------------------

    def _request(self, message: Message, path: ClientPath, now: float) -> None:
        if path.client[1] in REFLECTED_PORTS and not path.kind.is_stream:
            self._counters["reflected-port"] += 1
            return
        if message.method == Method.BINDING:
            if self._is_patient(path, now):
                self._binding(message, path)
            return
        if message.method not in KNOWN:
            self._counters["unknown-method"] += 1
            return
        allocation = path.find()
        signature: Signature | None = None
        try:
            identity = self._authenticator.identify(message, path, allocation, now)
            signature = identity.signature
            if allocation is not None:
                if not identity.is_of_same_user(allocation.identity):
                    # For a new allocation somebody else's is in the way, and no more (7.2).
                    is_new = message.method == Method.ALLOCATE
                    raise Refusal(Code.ALLOCATION_MISMATCH if is_new else Code.WRONG_CREDENTIALS)
                if identity is not allocation.identity:
                    self.allocations.known_by(allocation, identity, now)
                self._perhaps_moved(message, path, allocation, now)
            request = Request(message, path, identity, allocation, now)
            if unknown := message.unknown():
                raise unknown_attributes(unknown)
            self._serve(request)
        except Refusal as refusal:
            if signature is not None or self._is_patient(path, now):
                self._refuse(message, path, refusal, signature)
        except SilenceError as silence:
            self._counters[silence.why] += 1

    def _serve(self, request: Request) -> None:
        method = request.message.method
        if method == Method.CONNECT:
            self.tcp_relaying.connect(request)
        elif method == Method.CONNECTION_BIND:
            connection = self.tcp_relaying.bind(request)
            self._grant(request, ((Attribute.CONNECTION_ID, connection.id.to_bytes(4)),))
            self.tcp_relaying.join(connection, request.path)
        else:
            self._grant(request, HANDLERS[method](request, self.allocations))

    def _grant(self, request: Request, answer: Answer) -> None:
        signature = request.identity.signature
        self._answer(request.message, request.path, Class.SUCCESS, answer, signature)

    def _deny(self, request: Request, refusal: Refusal) -> None:
        self._refuse(request.message, request.path, refusal, request.identity.signature)

    def _indication(self, message: Message, path: ClientPath, now: float) -> None:
        if message.method != Method.SEND:
            return
        allocation = self._allocation_of(path, now)
        if allocation is None:
            self._counters["send-dropped"] += 1
        else:
            self.relaying.send_indication(message, allocation, now)

    def _binding(self, message: Message, path: ClientPath) -> None:
        """RFC 8489 section 2: tell a client how it looks from here, and nothing else."""
        has_discovery = path.kind is Transport.UDP and path.server in self.nat_behaviour
        unknown = message.unknown()
        if not has_discovery:
            # A success would promise what was not done: that the answer came from elsewhere.
            unknown += [each for each in DISCOVERY if message.get(each) is not None]
        if unknown:
            self._refuse(message, path, unknown_attributes(unknown), None)
            return
        if has_discovery:
            self._discovery(message, path)
            return
        mapped = encode_xor_address(path.client, message.transaction_id)
        self._answer(message, path, Class.SUCCESS, ((Attribute.XOR_MAPPED_ADDRESS, mapped),), None)

    def _discovery(self, message: Message, path: ClientPath) -> None:
        """RFC 5780 section 6.1: answer from the socket, and to the port, a client wishes."""
        behaviour = self.nat_behaviour[path.server]
        try:
            reply = behaviour.reply(message, path.client, path.server)
        except PeerError:
            self._refuse(message, path, Refusal(Code.BAD_REQUEST), None)
            return
        if reply.to[1] in REFLECTED_PORTS:
            self._counters["reflected-port"] += 1
            return
        behaviour.send(reply.message, reply.origin, reply.to)

    def _refuse(
        self, message: Message, path: ClientPath, refusal: Refusal, signature: Signature | None
    ) -> None:
        self._counters[f"error-{int(refusal.code)}"] += 1
        # Strangers get few octets: what they are sent may be aimed at somebody else.
        phrase = signature is not None or refusal.code is Code.BAD_REQUEST
        answer = (error_code(refusal.code, phrase=phrase), *refusal.attributes)
        self._answer(message, path, Class.ERROR, answer, signature)

    def _answer(
        self,
        message: Message,
        path: ClientPath,
        kind: Class,
        attributes: Answer,
        signature: Signature | None,
    ) -> None:
        path.send(
            build(
                message.method,
                kind,
                message.transaction_id,
                attributes,
                signature,
                fingerprint=message.has_fingerprint,
            )
        )

    def _allocation_of(self, path: ClientPath, now: float) -> Allocation | None:
        """Return the allocation; its client is where this came from."""
        allocation = path.find()
        if allocation is not None and allocation.next_path is not None:
            self._perhaps_moved(None, path, allocation, now)
        return allocation

    def _perhaps_moved(
        self, message: Message | None, path: ClientPath, allocation: Allocation, now: float
    ) -> None:
        if allocation.next_path is None or allocation.next_path != path:
            return
        # A repeated resumption is no sign that its answer has arrived.
        if message is None or message.get(Attribute.MOBILITY_TICKET) is None:
            arrived(allocation, self.allocations, now)

    def _is_patient(self, path: ClientPath, now: float) -> bool:
        """Tell whether an answer to a stranger is within what its address may ask for.

        Over a stream its address is proven, and its connections are counted already.
        """
        if path.kind.is_stream or self._strangers.take(vicinity(path.client[0]), now):
            return True
        self._counters["too-many-requests"] += 1
        return False
