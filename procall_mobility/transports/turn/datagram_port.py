"""UDP ports as services that refuse to start when their port is not to be had."""

import socket
from collections.abc import Callable, Sequence
from typing import Protocol

from twisted.application.service import Service
from twisted.logger import Logger

from procall_mobility.transports.listening import ListenError, cure
from procall_mobility.transports.turn.hub import DatagramHub


class Datagrams(Protocol):
    """Reads a socket."""

    @property
    def shared(self) -> socket.socket:
        """The socket, which all clients share."""

    def start(self) -> None:
        """Begin to read."""

    def keep(self, hub: DatagramHub, most: int) -> bool:
        """Prepare for that, a few clients at a time; returns whether there may be more."""

    def part(self, hub: DatagramHub) -> None:
        """Leave the socket to whoever else has it, but keep the clients that are served."""

    def stop(self) -> None:
        """Read no more, and close the socket."""


class DatagramPort(Service):
    """Listens for datagrams in one place, which may be several sockets that belong together."""

    _log = Logger()

    def __init__(self, address: str, open_readers: Callable[[], Sequence[Datagrams]]) -> None:
        """Prepare to listen.

        Args:
            address: purpose, host and port, for people.
            open_readers: binds the sockets, or raises OSError and has bound none.
        """
        self.address = address
        self._open_readers = open_readers
        self._readers: Sequence[Datagrams] = ()

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """What is open, for whoever takes over or keeps it."""
        return tuple(reader.shared for reader in self._readers)

    def open(self) -> None:
        """Have the port, and the kernel keep datagrams for us; nothing is read yet.

        Raises:
            ListenError: the port is taken or not permitted.
        """
        if self._readers:
            return
        try:
            self._readers = self._open_readers()
        except (OSError, ValueError) as error:
            why = cure(error, "-lnup")
            raise ListenError(f"cannot listen for {self.address}: {why}") from error

    def startService(self) -> None:
        """Listen.

        Raises:
            ListenError: the port is taken or not permitted.
        """
        self.open()
        for reader in self._readers:
            reader.start()
        super().startService()
        self._log.info("listening", address=self.address)

    def keep(self, hub: DatagramHub, most: int) -> bool:
        """Prepare to part, a few clients at a time; returns whether there may be more."""
        return any(reader.keep(hub, most) for reader in self._readers)

    def part(self, hub: DatagramHub) -> None:
        """Take no new clients: the sockets are another process's from now on."""
        for reader in self._readers:
            reader.part(hub)

    def stopService(self) -> None:
        """Stop listening."""
        if self.running:
            super().stopService()
        readers, self._readers = self._readers, ()
        for reader in readers:
            reader.stop()

    def let_go(self) -> None:
        """Leave the port to whoever has the sockets, too."""
        self.stopService()
