"""The socket by which a daemon and the one that takes over from it talk."""

import socket
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.interfaces import IReadDescriptor, IWriteDescriptor
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.hand_over import LARGEST, Message, decode, encode

AT_ONCE = 20
"""Messages heard before the reactor may look after others."""

MOST_WAITING = 1000
"""Messages the other one has not read; it does not live any more by then."""


def channel_sockets() -> tuple[socket.socket, socket.socket]:
    """Return both ends; messages stay whole, and each end sees the other one close."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return ours, theirs


@implementer(IReadDescriptor, IWriteDescriptor)
class HandOverChannel:
    """One end."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        sock: socket.socket,
        heard: Callable[[Message], None],
        lost: Callable[[str], None],
    ) -> None:
        """Begin to talk; `lost` is told why that has ended, unless we have closed it."""
        self._reactor = reactor
        self._socket = sock
        self._heard = heard
        self._lost = lost
        self._waiting: deque[bytes] = deque()
        self.is_open = True
        sock.setblocking(False)
        reactor.addReader(self)

    def say(self, says: str, facts: Mapping[str, Any] | None = None) -> None:
        """Say something; when the other one has gone, `lost` tells so later.

        Raises:
            ValueError: it is too large.
        """
        packet = encode(says, facts or {})
        if not self.is_open:
            return
        self._waiting.append(packet)
        if len(self._waiting) > MOST_WAITING:
            self._end("it does not listen")
        elif len(self._waiting) == 1:
            self.doWrite()

    def close(self) -> None:
        """Hear and say no more; what was said before is said at once, or never."""
        if self.is_open:
            self.is_open = False
            self._reactor.removeReader(self)
            self._reactor.removeWriter(self)
            self._socket.close()

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._socket.fileno()

    def logPrefix(self) -> str:
        """Return what the reactor calls us."""
        return "hand-over"

    def doRead(self) -> None:
        """Hear."""
        for _ in range(AT_ONCE):
            if not self.is_open:
                return
            try:
                packet = self._socket.recv(LARGEST + 1)
            except BlockingIOError:
                return
            except OSError as error:
                self._end(str(error.strerror))
                return
            if not packet:
                self._end("it has ended")
                return
            try:
                message = decode(packet)
            except PeerError as error:
                self._end(error.text)
                return
            self._heard(message)

    def doWrite(self) -> None:
        """Say what waits."""
        while self._waiting:
            try:
                self._socket.send(self._waiting[0], socket.MSG_NOSIGNAL)
            except BlockingIOError:
                self._reactor.addWriter(self)
                return
            except OSError:
                # What it has said before is there to be heard; then comes the end.
                self._waiting.clear()
                break
            self._waiting.popleft()
        self._reactor.removeWriter(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nothing to do: the reactor says so when it stops."""

    def _end(self, why: str) -> None:
        self.close()
        self._lost(why)
