"""The tests' TURN client on a wire: asks and waits, and keeps apart what comes in between."""

import contextlib
import os
import time
from collections import deque
from collections.abc import Iterator

from attrs import define, field

from tests.interop.turn.stun_codec import (
    UDP,
    A,
    Address,
    Kind,
    Message,
    Method,
    Part,
    channel_data,
    message,
    parse,
)
from tests.interop.turn.turn_client import TurnClient, channel, lifetime, peer
from tests.interop.turn.wires import PATIENCE, Wire

Heard = tuple[Address | int, bytes]
"""Data from a peer (in an indication), or on a channel."""


@define
class Caller:
    wire: Wire
    client: TurnClient
    relayed: list[Address] = field(factory=list)
    heard: deque[Heard] = field(factory=deque)
    told: deque[Message] = field(factory=deque)
    """Indications that are no data."""

    def call(self, method: Method, *parts: Part, transaction: bytes | None = None) -> Message:
        """Ask, answer a challenge, and return the answer; it must be ours to trust."""
        request = self.client.request(method, *parts, transaction=transaction)
        answer = self.ask(request)
        tries = 0
        while self.client.challenged(answer) and tries < 3:
            tries += 1
            answer = self.ask(self.client.request(method, *parts, transaction=transaction))
        if answer.ok and method is not Method.BINDING:
            assert self.client.trusts(answer), f"{answer.summary} carries no integrity"
        return answer

    def ask(self, request: bytes, seconds: float = PATIENCE) -> Message:
        """Send these bytes and wait for the answer to their transaction."""
        self.wire.send(request)
        return self.answer_to(request[8:20], seconds)

    def answer_to(self, transaction: bytes, seconds: float = PATIENCE) -> Message:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            found = self._take(self.wire.receive(left))
            if found is not None and found.transaction == transaction:
                return found
        raise TimeoutError("no answer")

    def settle(self) -> None:
        """Wait until the server has dealt with everything we sent before."""
        assert self.ask(message(Method.BINDING)).ok

    def ignored(self, request: bytes) -> bool:
        """Tell whether nothing answers this request, while something answers the next one.

        The end of a connection is no answer.
        """
        transaction = os.urandom(12)
        try:
            self.wire.send(request)
            self.wire.send(message(Method.BINDING, transaction=transaction))
            while True:
                found = self._take(self.wire.receive())
                if found is not None and found.transaction in (transaction, request[8:20]):
                    return found.transaction == transaction
        except ConnectionError:
            return True

    def allocate(self, *parts: Part, transport: bytes = UDP) -> Message:
        answer = self.try_allocate(*parts, transport=transport)
        assert answer.ok, answer.summary
        return answer

    def try_allocate(self, *parts: Part, transport: bytes = UDP) -> Message:
        answer = self.call(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, transport), *parts)
        if answer.ok:
            self.relayed = answer.addresses(A.XOR_RELAYED_ADDRESS)
            self.client.ticket = answer.get(A.MOBILITY_TICKET) or b""
        return answer

    def refresh(self, seconds: int | None = None, *parts: Part) -> Message:
        wanted = [] if seconds is None else [lifetime(seconds)]
        return self.call(Method.REFRESH, *wanted, *parts)

    def permit(self, *peers: Address) -> Message:
        t = os.urandom(12)
        parts = [peer(each, t) for each in peers]
        return self.call(Method.CREATE_PERMISSION, *parts, transaction=t)

    def bind(self, number: int, address: Address) -> Message:
        t = os.urandom(12)
        return self.call(Method.CHANNEL_BIND, channel(number), peer(address, t), transaction=t)

    def connect(self, address: Address) -> Message:
        t = os.urandom(12)
        return self.call(Method.CONNECT, peer(address, t), transaction=t)

    def send_to(self, address: Address, data: bytes, *parts: Part) -> None:
        t = os.urandom(12)
        said = (peer(address, t), *parts, (A.DATA, data))
        self.wire.send(message(Method.SEND, *said, kind=Kind.INDICATION, transaction=t))

    def send_on(self, number: int, data: bytes) -> None:
        self.wire.send(channel_data(number, data, padded=self.wire.reliable))

    def hear(self, seconds: float = PATIENCE) -> Heard:
        until = time.monotonic() + seconds
        while not self.heard:
            self._take(self.wire.receive(until - time.monotonic()))
        return self.heard.popleft()

    def arrived(self) -> Iterator[Heard]:
        """Give the data that is there already."""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while True:
                self._take(self.wire.receive(0))
        while self.heard:
            yield self.heard.popleft()

    def heard_nothing(self) -> bool:
        """Tell whether no data has come until now; see to it that it would have."""
        self.settle()
        return not self.heard

    def indication(self, seconds: float = PATIENCE) -> Message:
        until = time.monotonic() + seconds
        while not self.told:
            self._take(self.wire.receive(until - time.monotonic()))
        return self.told.popleft()

    def close(self) -> None:
        self.wire.close()

    def _take(self, data: bytes) -> Message | None:
        if data[0] & 0xC0 == 0x40:
            number, length = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
            assert length <= len(data) - 4, "the server sent a cut channel message"
            self.heard.append((number, data[4 : 4 + length]))
            return None
        received = parse(data)
        if received.kind is not Kind.INDICATION:
            return received
        if received.method == Method.DATA and received.has(A.DATA):
            self.heard.append((received.address(A.XOR_PEER_ADDRESS), received.must(A.DATA)))
        else:
            self.told.append(received)
        return None
