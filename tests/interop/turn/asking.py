"""What the tests' clients ask a relay for; how their octets travel is their own matter."""

import os
from typing import Any

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
from tests.interop.turn.turn_client import TurnClient, channel, lifetime, towards

Heard = tuple[Address | int, bytes]
"""Data, and from whom: a peer in an indication, or a channel."""


class Asking:
    """A client with its credentials and relayed addresses, for whoever can carry its octets."""

    __slots__ = ()

    talk: TurnClient
    relays: list[Address]

    @property
    def relayed(self) -> Address:
        """Its relayed address."""
        return self.relays[0]

    @property
    def is_on_a_stream(self) -> bool:
        raise NotImplementedError

    def carries(self, octets: bytes) -> None:
        """Let these octets go to the relay."""
        raise NotImplementedError

    def gets(self, method: Method, *parts: Part, transaction: bytes | None = None) -> Message:
        """Ask, and return the answer, which has to come."""
        raise NotImplementedError

    # Requests -----------------------------------------------------------------------------

    def allocates(self, *parts: Part, transport: bytes = UDP) -> Message:
        """Make an allocation; it has to succeed."""
        answer = self.tries_to_allocate(*parts, transport=transport)
        assert answer.ok, answer.summary
        return answer

    def tries_to_allocate(self, *parts: Part, transport: bytes = UDP) -> Message:
        answer = self.gets(Method.ALLOCATE, (A.REQUESTED_TRANSPORT, transport), *parts)
        if answer.ok:
            self.relays = answer.addresses(A.XOR_RELAYED_ADDRESS)
            self.talk.ticket = answer.get(A.MOBILITY_TICKET) or b""
        return answer

    def refreshes(self, seconds: int | None = None, *parts: Part) -> Message:
        wanted = [] if seconds is None else [lifetime(seconds)]
        return self.gets(Method.REFRESH, *wanted, *parts)

    def permits(self, *peers: Any) -> Message:
        t = os.urandom(12)
        named = [towards(each, t) for each in peers]
        return self.gets(Method.CREATE_PERMISSION, *named, transaction=t)

    def binds(self, number: int, peer: Any) -> Message:
        t = os.urandom(12)
        named = (channel(number), towards(peer, t))
        return self.gets(Method.CHANNEL_BIND, *named, transaction=t)

    # Data ---------------------------------------------------------------------------------

    def sends(self, peer: Any, data: bytes, *parts: Part) -> None:
        """Send an indication to a peer."""
        t = os.urandom(12)
        named = (towards(peer, t), *parts, (A.DATA, data))
        self.carries(message(Method.SEND, *named, kind=Kind.INDICATION, transaction=t))

    def says(self, number: int, data: bytes) -> None:
        """Say something on a channel."""
        self.carries(channel_data(number, data, padded=self.is_on_a_stream))


def read(data: bytes) -> Heard | Message:
    """Read what a client was told: data on a channel or in an indication, or something else."""
    if data[0] & 0xC0 == 0x40:
        number, size = int.from_bytes(data[:2]), int.from_bytes(data[2:4])
        assert size <= len(data) - 4, "the server sent a cut channel message"
        return number, data[4 : 4 + size]
    heard = parse(data)
    if heard.kind is Kind.INDICATION and heard.has(A.DATA):
        return heard.address(A.XOR_PEER_ADDRESS), heard.must(A.DATA)
    return heard
