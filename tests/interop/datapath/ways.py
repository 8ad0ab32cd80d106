"""Packets that fly, or are late: who relayed each of them is told by when it arrives."""

import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tests.interop.datapath.site import CHANNEL, Crossing
from tests.interop.turn.site import ALICE
from tests.interop.turn.stun_codec import Part
from tests.interop.turn.turn_client import Identity
from tests.interop.turn.wires import PATIENCE

MARK = 26
"""Octets."""
TRIES = 3
SOON = 5.0
"""Seconds after which what needs no daemon has arrived on the slowest machine."""


def crosses(send: Callable[[bytes], None], hear: Callable[[float], bytes], size: int) -> None:
    """Send octets nobody can guess; they have to arrive although the daemon sleeps.

    One packet in 65,536 happens to look as if its checksum were still to be made, and the kernel
    leaves it to Python: then another one has to arrive.
    """
    for _ in range(TRIES):
        data = os.urandom(size)
        send(data)
        with contextlib.suppress(TimeoutError):
            assert hear(SOON) == data
            return
    raise AssertionError("nothing arrives")


@contextmanager
def on_one_processor() -> Iterator[None]:
    """Have what is sent meanwhile arrive in its order, which a cable does not promise to two."""
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usual)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usual)


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
        hear: Callable[[float], bytes],
    ) -> bool:
        # For the same reason as `crosses` tries again: one may have bad luck, but not two.
        return any(self._flew(each, send, mark, hear) for each in (data, os.urandom(len(data))))

    def _flew(
        self,
        data: bytes,
        send: Callable[[bytes], None],
        mark: Callable[[bytes], None],
        hear: Callable[[float], bytes],
    ) -> bool:
        """Tell whether a packet comes before others that surely fly."""
        sent, heard = [data], []
        with self.site.asleep(), on_one_processor():
            send(data)
            while not heard and len(sent) <= TRIES:
                sent.append(os.urandom(MARK))
                mark(sent[-1])
                with contextlib.suppress(TimeoutError):
                    heard.append(hear(SOON))
            assert heard, "nothing flies"
        heard += [hear(PATIENCE) for _ in sent[1:]]
        assert sorted(heard) == sorted(sent)
        return heard[0] == data

    def nobody_hears(self, send: Callable[[], None]) -> None:
        """See that what is sent to the peer is dropped, by the kernel and by Python."""
        send()
        self.says(b"after that")
        assert self.heard_by_peer() == b"after that"
        self.caller.settle()
        assert self.peer.heard() == []

    def is_silent(self) -> bool:
        """Tell whether neither side has heard anything more."""
        return not self.peer.heard() and not list(self.caller.arrived())


def flying(ways: Sequence[Way]) -> list[bool]:
    """Tell of each whether it needs no daemon; the first one has to be one of those.

    What flies has arrived before what is said after it, and flies as well.
    """
    first, *others = ways
    said = [[os.urandom(MARK), os.urandom(MARK)] for _ in others]
    with first.site.asleep(), on_one_processor():
        for way, words in zip(others, said, strict=True):
            for each in words:
                way.says(each)
        crosses(first.says, first.heard_by_peer, MARK)
        early = [way.peer.heard() for way in others]
    for way, words, heard in zip(others, said, early, strict=True):
        late = [way.heard_by_peer() for _ in range(len(words) - len(heard))]
        assert sorted(heard + late) == sorted(words)
    return [True, *map(bool, early)]


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
