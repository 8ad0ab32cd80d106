"""The tests' TURN client on a wire: asks and waits, and keeps apart what comes in between."""

import contextlib
import os
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from attrs import define, field

from tests.interop.turn.asking import Asking, Heard, read
from tests.interop.turn.stun_codec import Address, Kind, Message, Method, Part, message
from tests.interop.turn.turn_client import TurnClient, towards
from tests.interop.turn.wires import PATIENCE, Wire

AGAIN = 2.0
"""Seconds after which a request is sent again: a server that has been sent more than it could read
has lost some of it, and on this network nobody else loses anything."""


@define
class Caller(Asking):
    wire: Wire
    talk: TurnClient
    relays: list[Address] = field(factory=list)
    heard: deque[Heard] = field(factory=deque)
    told: deque[Message] = field(factory=deque)
    """Indications that are no data."""

    @property
    def is_on_a_stream(self) -> bool:
        return self.wire.reliable

    def carries(self, octets: bytes) -> None:
        self.wire.send(octets)

    def gets(self, method: Method, *parts: Part, transaction: bytes | None = None) -> Message:
        """Ask, answer a challenge, and return the answer; it must be ours to trust."""
        request = self.talk.request(method, *parts, transaction=transaction)
        answer = self.ask(request)
        tries = 0
        while self.talk.challenged(answer) and tries < 3:
            tries += 1
            answer = self.ask(self.talk.request(method, *parts, transaction=transaction))
        if answer.ok and method is not Method.BINDING:
            assert self.talk.trusts(answer), f"{answer.summary} carries no integrity"
        return answer

    def ask(self, request: bytes, seconds: float = PATIENCE) -> Message:
        """Send these bytes and wait for the answer to their transaction."""
        self.wire.send(request)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            found = self._take(self._receive(left, again=request))
            if found is not None and found.transaction == request[8:20]:
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
        later = message(Method.BINDING, transaction=transaction)
        try:
            self.wire.send(request)
            self.wire.send(later)
            while True:
                found = self._take(self._receive(PATIENCE, again=later))
                if found is not None and found.transaction in (transaction, request[8:20]):
                    return found.transaction == transaction
        except ConnectionError:
            return True

    def connects(self, peer: Any) -> Message:
        t = os.urandom(12)
        return self.gets(Method.CONNECT, towards(peer, t), transaction=t)

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

    def _receive(self, seconds: float, *, again: bytes) -> bytes:
        """Return what comes next; over UDP ask again for it (RFC 8489 section 6.2.1)."""
        until = time.monotonic() + seconds
        while not self.wire.reliable and until - time.monotonic() > AGAIN:
            try:
                return self.wire.receive(AGAIN)
            except TimeoutError:
                self.wire.send(again)
        return self.wire.receive(until - time.monotonic())

    def _take(self, data: bytes) -> Message | None:
        """Put away what is no answer."""
        received = read(data)
        if not isinstance(received, Message):
            self.heard.append(received)
        elif received.kind is Kind.INDICATION:
            self.told.append(received)
        else:
            return received
        return None
