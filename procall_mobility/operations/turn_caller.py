"""A TURN client that waits for its answers: what `turn check` looks through (RFC 8656)."""

import os
import socket
import ssl
import time
from collections.abc import Callable

from attrs import define, field, frozen

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.addresses import (
    TransportAddress,
    decode_xor_address,
    encode_xor_address,
)
from procall_mobility.protocols.stun.codes import Algorithm, Attribute, Class, Code, Method
from procall_mobility.protocols.stun.message import (
    Message,
    Signature,
    build,
    md5_key,
    parse,
    sha256_key,
)
from procall_mobility.protocols.stun.stream import Unframer

FIRST_WAIT = 0.5
"""Seconds until a request over UDP is repeated; each wait is twice the last (RFC 8489 6.2.1)."""

UDP_RELAY = b"\x11\0\0\0"
"""REQUESTED-TRANSPORT (RFC 8656 section 18.7)."""

MOST_TRIES = 3
"""A challenge, and a nonce that grew old meanwhile."""

LARGEST = 65_536


class RefusedError(Exception):
    """The server has answered with an error."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class LostError(Exception):
    """The connection was closed, or what answers speaks no STUN."""


@frozen
class Login:
    """Who asks for a relay."""

    username: str
    password: str = field(repr=False)


@define(eq=False)
class Wire:
    """A connected socket that gives whole messages until a deadline, on the clock of `now`."""

    socket: socket.socket
    is_stream: bool
    now: Callable[[], float] = time.monotonic
    _unframer: Unframer = field(factory=Unframer, init=False)

    def send(self, message: bytes) -> None:
        """Send a message.

        Raises:
            OSError: the network says it cannot arrive.
        """
        self.socket.sendall(message)

    def receive(self, deadline: float) -> bytes:
        """Return the next message.

        Raises:
            TimeoutError, OSError, LostError: there is none.
        """
        while True:
            if self.is_stream and (whole := self._cut()) is not None:
                return whole
            self.socket.settimeout(max(deadline - self.now(), 0.001))
            data = self.socket.recv(LARGEST)
            if not self.is_stream:
                return data
            if not data:
                raise LostError("the connection was closed")
            self._unframer.hears(data)

    def _cut(self) -> bytes | None:
        try:
            return self._unframer.take()
        except PeerError as error:
            raise LostError("what answers is not STUN") from error


@define(eq=False)
class TurnCaller:
    """One client of a relay; every call has until `deadline`, on the clock of the wire.

    Every call raises TimeoutError, OSError or LostError when nothing (useful) comes, and
    RefusedError for an error response.
    """

    wire: Wire
    login: Login | None = None
    entropy: Callable[[int], bytes] = os.urandom
    relayed: TransportAddress | None = field(default=None, init=False)
    _realm: bytes = field(default=b"", init=False)
    _nonce: bytes = field(default=b"", init=False)
    _algorithms: bytes = field(default=b"", init=False)
    """What to send back, when the server takes no keys by MD5."""
    _key: bytes = field(default=b"", init=False, repr=False)

    def binding(self, deadline: float) -> TransportAddress:
        """Ask how the server sees us."""
        answer = self._ask(Method.BINDING, (), deadline)
        return self._address(answer, Attribute.XOR_MAPPED_ADDRESS)

    def allocate(self, deadline: float) -> TransportAddress:
        """Ask for a relay, and return its address."""
        wanted = ((Attribute.REQUESTED_TRANSPORT, UDP_RELAY),)
        answer = self._ask(Method.ALLOCATE, wanted, deadline)
        self.relayed = self._address(answer, Attribute.XOR_RELAYED_ADDRESS)
        return self.relayed

    def permit(self, peer: TransportAddress, deadline: float) -> None:
        """Let a peer send to our relay."""
        self._ask(Method.CREATE_PERMISSION, (), deadline, peer)

    def send_to(self, peer: TransportAddress, data: bytes) -> None:
        """Send data to a peer, out of our relay."""
        transaction_id = self.entropy(12)
        attributes = (
            (Attribute.XOR_PEER_ADDRESS, encode_xor_address(peer, transaction_id)),
            (Attribute.DATA, data),
        )
        self.wire.send(build(Method.SEND, Class.INDICATION, transaction_id, attributes))

    def hear(self, deadline: float) -> bytes:
        """Return the next data a peer has sent."""
        while True:
            message = self._receive(deadline)
            if message is not None and message.method == Method.DATA:
                data = message.get(Attribute.DATA)
                if data is not None:
                    return data

    def release(self, deadline: float) -> None:
        """Give the relay back."""
        self._ask(Method.REFRESH, ((Attribute.LIFETIME, bytes(4)),), deadline)
        self.relayed = None

    # Inside -------------------------------------------------------------------------------

    def _ask(
        self,
        method: Method,
        attributes: tuple[tuple[int, bytes], ...],
        deadline: float,
        peer: TransportAddress | None = None,
    ) -> Message:
        tries_left = MOST_TRIES
        while True:
            tries_left -= 1
            transaction_id = self.entropy(12)
            named = attributes
            if peer is not None:
                value = encode_xor_address(peer, transaction_id)
                named = (*attributes, (Attribute.XOR_PEER_ADDRESS, value))
            answer = self._answer_to(self._request(method, transaction_id, named), deadline)
            if answer.kind is Class.SUCCESS:
                if self._key and not (answer.has_integrity and answer.is_made_with(self._key)):
                    raise LostError("the answer is not signed by the relay")
                return answer
            code = _code_of(answer)
            if not tries_left or not self._is_challenged(code, answer):
                raise RefusedError(code)

    def _request(
        self, method: Method, transaction_id: bytes, attributes: tuple[tuple[int, bytes], ...]
    ) -> bytes:
        if self.login is None or not self._key:
            return build(method, Class.REQUEST, transaction_id, attributes, fingerprint=True)
        credentials = [
            (Attribute.USERNAME, self.login.username.encode()),
            (Attribute.REALM, self._realm),
            (Attribute.NONCE, self._nonce),
        ]
        if self._algorithms:
            chosen = Algorithm.SHA_256.to_bytes(2) + bytes(2)
            credentials += [
                (Attribute.PASSWORD_ALGORITHMS, self._algorithms),
                (Attribute.PASSWORD_ALGORITHM, chosen),
            ]
        signature = Signature(self._key, sha256=bool(self._algorithms))
        signed = (*attributes, *credentials)
        return build(method, Class.REQUEST, transaction_id, signed, signature, fingerprint=True)

    def _is_challenged(self, code: int, answer: Message) -> bool:
        """Take realm and nonce; whether it is worth another try (RFC 8489 section 9.2.5)."""
        nonce, who = answer.get(Attribute.NONCE), self.login
        expected = (Code.STALE_NONCE,) if self._key else (Code.UNAUTHENTICATED,)
        if nonce is None or who is None or code not in expected:
            return False
        self._nonce = nonce
        self._realm = answer.get(Attribute.REALM) or self._realm
        offered = answer.get(Attribute.PASSWORD_ALGORITHMS) or b""
        numbers = {int.from_bytes(offered[at : at + 2]) for at in range(0, len(offered), 4)}
        # Where MD5 is taken we do as browsers do, which have nothing else.
        self._algorithms = offered if offered and Algorithm.MD5 not in numbers else b""
        make = sha256_key if self._algorithms else md5_key
        self._key = make(who.username.encode(), self._realm, who.password.encode())
        return True

    def _answer_to(self, request: bytes, deadline: float) -> Message:
        wait = FIRST_WAIT
        while True:
            self.wire.send(request)
            repeat_at = deadline
            if not self.wire.is_stream:
                repeat_at = min(deadline, self.wire.now() + wait)
                wait *= 2
            try:
                while True:
                    message = self._receive(repeat_at)
                    if message is not None and message.transaction_id == request[8:20]:
                        return message
            except TimeoutError:
                if repeat_at >= deadline:
                    raise

    def _receive(self, deadline: float) -> Message | None:
        if self.wire.now() >= deadline:
            raise TimeoutError
        try:
            return parse(self.wire.receive(deadline))
        except PeerError as error:
            if self.wire.is_stream:
                raise LostError("what answers is not STUN") from error
            return None  # Anybody may send us datagrams.
        except ssl.SSLError as error:
            raise LostError("the secure connection broke") from error

    def _address(self, answer: Message, name: Attribute) -> TransportAddress:
        value = answer.get(name)
        try:
            return decode_xor_address(value or b"", answer.transaction_id)
        except PeerError as error:
            raise LostError("what answers is not STUN") from error


def _code_of(answer: Message) -> int:
    value = answer.get(Attribute.ERROR_CODE) or b""
    return value[2] * 100 + value[3] if len(value) >= 4 else 0
