"""All relay sockets behind one descriptor of the reactor.

A reactor spends several microseconds on every descriptor that is ready, which is more than it
takes to relay a packet.  So the relay sockets have an epoll of their own, and the reactor sees
that one.
"""

import select
import socket
from collections.abc import Callable
from typing import Protocol

from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

AT_ONCE = 64
"""Datagrams relayed before the reactor may look after others: a third of a millisecond."""


class Reader(Protocol):
    """A socket at the hub."""

    def read(self, now: float, most: int) -> None:
        """Handle up to `most` datagrams."""

    def failed(self, now: float) -> None:
        """Handle what the socket has to report."""


@implementer(IReadDescriptor)
class DatagramHub:
    """The epoll."""

    _log = Logger()

    def __init__(self, reactor: IReactorFDSet, now: Callable[[], float]) -> None:
        self._reactor = reactor
        self._now = now
        self._epoll = select.epoll()
        self._readers: dict[int, Reader] = {}
        self.buffer = bytearray(65_536 + 4)
        """For all: four octets of a ChannelData header, then a datagram."""
        self.whole = memoryview(self.buffer)
        self.payload = self.whole[4:]
        self.gathered = bytearray(2 * len(self.buffer))
        """For all: ChannelData that goes to one stream together."""
        self.room = memoryview(self.gathered)

    def __len__(self) -> int:
        return len(self._readers)

    def start(self) -> None:
        """Begin to read."""
        self._reactor.addReader(self)

    def stop(self) -> None:
        """Read no more."""
        self._reactor.removeReader(self)
        self._epoll.close()

    def add(self, sock: socket.socket, reader: Reader) -> None:
        """Read from a socket."""
        self._readers[sock.fileno()] = reader
        self._epoll.register(sock, select.EPOLLIN)

    def remove(self, sock: socket.socket) -> None:
        """Read from a socket no more; call it before it is closed."""
        del self._readers[sock.fileno()]
        if not self._epoll.closed:
            self._epoll.unregister(sock)

    def fileno(self) -> int:
        """Return the descriptor of the epoll."""
        return self._epoll.fileno()

    def logPrefix(self) -> str:
        """Return what the reactor calls us."""
        return "turn"

    def doRead(self) -> None:
        """Handle what is ready."""
        ready = self._epoll.poll(0, AT_ONCE)
        if not ready:
            return
        now = self._now()
        # Finding out that a socket is empty costs as much as a datagram: with many of them ready
        # it is cheaper to be told again.
        most = max(1, AT_ONCE // len(ready))
        for descriptor, events in ready:
            reader = self._readers.get(descriptor)
            if reader is None:
                continue  # Closed by what another one has brought.
            try:
                if events & select.EPOLLERR:
                    reader.failed(now)
                if events & select.EPOLLIN:
                    reader.read(now, most)
            except Exception:  # noqa: BLE001  # Our bug, whatever it is: the others go on.
                self._log.failure("a relayed datagram was lost")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nothing to do: the reactor says so when it stops."""
