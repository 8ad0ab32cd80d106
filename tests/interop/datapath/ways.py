"""Packets that fly, or are late: who relayed each of them is told by when it arrives."""

import contextlib
import os
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.interop.datapath.site import CHANNEL, Crossing
from tests.interop.turn.site import ALICE
from tests.interop.turn.stun_codec import Part
from tests.interop.turn.turn_client import Identity
from tests.interop.turn.wires import PATIENCE

MARKER = b"a packet that surely flies"
AT_ONCE = 0.2
"""Seconds, as a busy machine counts."""
TRIES = 3


def crosses(send: Callable[[bytes], None], hear: Callable[[float], bytes], size: int) -> None:
    """Send octets nobody can guess; they have to arrive although the daemon sleeps.

    One packet in 65,536 happens to look as if its checksum were still to be made, and the kernel
    leaves it to Python: then another one has to arrive.
    """
    for _ in range(TRIES):
        data = os.urandom(size)
        send(data)
        with contextlib.suppress(TimeoutError):
            assert hear(1.0) == data
            return
    raise AssertionError("nothing arrives")


class Way:
    """From a client to its peer and back, by a channel of their own."""

    def __init__(self, site: Crossing, *parts: Part, v6: bool, identity: Identity = ALICE) -> None:
        self.site = site
        self.peer = site.peer_of(v6=v6)
        self.caller = site.bound(self.peer, *parts, v6=v6, identity=identity)

    @property
    def sockets(self) -> tuple[socket.socket, socket.socket]:
        """The client's and the peer's."""
        wire = self.caller.wire
        return wire.socket, self.peer.socket

    def says(self, data: bytes) -> None:
        self.caller.says(CHANNEL, data)

    def is_answered(self, data: bytes) -> None:
        self.peer.say(data, self.caller.relayed)

    def heard_by_peer(self, seconds: float = PATIENCE) -> bytes:
        data, sender = self.peer.hear(seconds)
        assert sender == self.caller.relayed
        return data

    def heard_by_client(self, seconds: float = PATIENCE) -> bytes:
        number, data = self.caller.hear(seconds)
        assert number == CHANNEL
        return data

    def flies_up(self, data: bytes, send: Callable[[bytes], None] | None = None) -> bool:
        """Tell whether a packet to the peer needs no daemon; it has to arrive in any case."""
        return self._flies(data, send or self.says, self.says, self.heard_by_peer)

    def flies_down(self, data: bytes, send: Callable[[bytes], None] | None = None) -> bool:
        """Tell the same of a packet to the client."""
        return self._flies(data, send or self.is_answered, self.is_answered, self.heard_by_client)

    def _flies(
        self,
        data: bytes,
        send: Callable[[bytes], None],
        mark: Callable[[bytes], None],
        hear: Callable[[], bytes],
    ) -> bool:
        with self.site.asleep():
            send(data)
            mark(MARKER)
            heard = [hear()]
        heard.append(hear())
        assert sorted(heard) == sorted([data, MARKER])
        return heard == [data, MARKER]

    def is_carried(self) -> bool:
        """Tell whether its packets fly, where perhaps none of them does."""
        with self.site.asleep():
            self.says(MARKER)
            ready, _, _ = select.select([self.peer.socket], [], [], AT_ONCE)
        assert self.heard_by_peer() == MARKER
        return bool(ready)

    def nobody_hears(self, send: Callable[[], None]) -> None:
        """See that what is sent to the peer is dropped, by the kernel and by Python."""
        send()
        self.says(MARKER)
        assert self.heard_by_peer() == MARKER
        self.caller.settle()
        assert self.peer.heard() == []

    def is_silent(self) -> bool:
        """Tell whether neither side has heard anything more."""
        return not self.peer.heard() and not list(self.caller.arrived())


@contextmanager
def switched(
    sock: socket.socket, level: int, name: int, value: int | bytes, usual: int | bytes = 0
) -> Iterator[None]:
    """Set an option of a socket for a while."""
    sock.setsockopt(level, name, value)
    try:
        yield
    finally:
        sock.setsockopt(level, name, usual)
