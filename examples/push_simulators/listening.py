"""A simulator's port, which can be made to refuse connections and yet stays ours."""

import socket
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory

BACKLOG = 1024
"""Connections the kernel keeps while we are busy: a storm of them is one of the things to show."""


class Doorstep:
    """One address, listened on or refusing."""

    factory: "Factory[Any]"
    """Makes a protocol for each connection; set before it is opened."""

    def __init__(self, reactor: Any, host: str, port: int) -> None:
        """Take the address; 0 lets the system choose a port.

        Raises:
            OSError: it is not to be had.
        """
        self._reactor = reactor
        self._host = host
        # Bound for good and never listening: while we refuse, nobody else gets the port.
        self._holder = self._bound(port)
        self.port: int = self._holder.getsockname()[1]
        self._listening: IListeningPort | None = None

    @property
    def is_open(self) -> bool:
        """Whether connections are accepted."""
        return self._listening is not None

    def open(self) -> None:
        """Accept connections.

        Raises:
            OSError: somebody else listens there.
        """
        if self._listening is not None:
            return
        with self._bound(self.port) as opened:
            opened.listen(BACKLOG)
            self._listening = self._reactor.adoptStreamPort(
                opened.fileno(), opened.family, self.factory
            )

    def refuse(self) -> "Deferred[Any]":
        """Have the kernel refuse connections; those that exist go on."""
        port, self._listening = self._listening, None
        closed = port.stopListening() if port is not None else None
        return closed if isinstance(closed, Deferred) else succeed(None)

    def close(self) -> "Deferred[Any]":
        """Give the address back."""
        self._holder.close()
        return self.refuse()

    def _bound(self, port: int) -> socket.socket:
        opened = socket.socket(socket.AF_INET6 if ":" in self._host else socket.AF_INET)
        try:
            # Lets two sockets be bound to one port as long as at most one of them listens.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.setblocking(False)
            opened.bind((self._host, port))
        except OSError:
            opened.close()
            raise
        return opened
