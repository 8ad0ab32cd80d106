"""UDP ports as services that refuse to start when their port is not to be had."""

from collections.abc import Callable, Sequence
from typing import Protocol

from twisted.application.service import Service
from twisted.logger import Logger

from procall_mobility.transports.listening import ListenError, cure


class Datagrams(Protocol):
    """Reads a socket."""

    def start(self) -> None:
        """Begin to read."""

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

    def startService(self) -> None:
        """Listen.

        Raises:
            ListenError: the port is taken or not permitted.
        """
        try:
            self._readers = self._open_readers()
        except OSError as error:
            why = cure(error, "-lnup")
            raise ListenError(f"cannot listen for {self.address}: {why}") from error
        for reader in self._readers:
            reader.start()
        super().startService()
        self._log.info("listening", address=self.address)

    def stopService(self) -> None:
        """Stop listening."""
        super().stopService()
        readers, self._readers = self._readers, ()
        for reader in readers:
            reader.stop()
