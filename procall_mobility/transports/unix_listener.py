"""Listening on a Unix socket that only its owner may open."""

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall, IReadDescriptor
from twisted.internet.protocol import Factory, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.transports.listening import ListenError

BACKLOG = 50
AT_ONCE = 10
"""Connections accepted before the reactor may look after others."""
AGAIN = 1.0
"""Seconds until we try again where the system gave us no descriptor."""


def bound_unix(path: Path) -> socket.socket:
    """Return a listening Unix socket; one that a killed daemon left behind is replaced.

    Raises:
        OSError: another daemon listens there, or the folder is not to be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        # Linux gives the path the mode of the socket (unix(7)): it is nobody else's at no moment.
        os.fchmod(opened.fileno(), 0o600)
        try:
            opened.bind(str(path))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not _is_left_behind(path):
                raise
            path.unlink()
            opened.bind(str(path))
        opened.listen(BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


def _is_left_behind(path: Path) -> bool:
    if not path.is_socket():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        return caller.connect_ex(str(path)) == errno.ECONNREFUSED


class UnixListener(Service):
    """Listens at one path."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        path: str,
        factory: "Factory[Any]",
        bind: Callable[[Path], socket.socket] = bound_unix,
        is_ours: Callable[[socket.socket], bool] = lambda _: True,
    ) -> None:
        """Prepare to listen at `path`; its folder is made when there is none.

        Args:
            reactor: takes connections over, and watches the socket.
            path: where.
            factory: makes a protocol for each connection.
            bind: opens the socket.
            is_ours: whether its path is taken away when we end.
        """
        self._reactor = reactor
        self._path = Path(path)
        self._factory = factory
        self._bind = bind
        self._is_ours = is_ours
        self._door: _Door | None = None
        self._socket: socket.socket | None = None

    @property
    def address(self) -> str:
        """The socket's path."""
        return str(self._path)

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """What is open, for whoever takes over."""
        return () if self._socket is None else (self._socket,)

    def open(self) -> None:
        """Have the path; nobody is answered yet.

        Raises:
            ListenError: another daemon listens there, or the folder is not to be written to.
        """
        if self._socket is not None:
            return
        try:
            self._socket = self._bind(self._path)
        except OSError as error:
            # Python finds out by itself that a path is too long (107 octets, unix(7)).
            why = error.strerror or f"{error}: choose a shorter one"
            if error.errno == errno.EADDRINUSE:
                why = "another daemon does, or it is no socket"
            raise ListenError(f"cannot listen on {self._path}: {why}") from error

    def startService(self) -> None:
        """Listen.

        Raises:
            ListenError: as `open`.
        """
        self.open()
        assert self._socket is not None
        # Askers see who has called this last (SO_PEERCRED), and that was another process where
        # the socket was passed to us; doctor looks at that one's account and limits.
        self._socket.listen(BACKLOG)
        self._door = _Door(self._reactor, self._socket, self._factory)
        self._door.open()
        super().startService()

    def let_go(self) -> None:
        """Stop listening, and leave the path to whoever has the socket, too."""
        if self.running:
            super().stopService()
        door, self._door = self._door, None
        if door is not None:
            door.close()
        opened, self._socket = self._socket, None
        if opened is not None:
            opened.close()

    def stopService(self) -> None:
        """Stop listening; connections that exist go on."""
        is_ours = self._socket is not None and self._is_ours(self._socket)
        self.let_go()
        if is_ours:
            self._path.unlink(missing_ok=True)


@implementer(IReadDescriptor)
class _Door:
    """Accepts; a reactor's own port would open the path to everybody, and take it away."""

    _log = Logger()

    def __init__(self, reactor: Any, sock: socket.socket, factory: Any) -> None:
        self._reactor = reactor
        self._socket = sock
        self._factory = factory
        self._later: IDelayedCall | None = None

    def open(self) -> None:
        self._later = None
        self._reactor.addReader(self)

    def close(self) -> None:
        self._reactor.removeReader(self)
        if self._later is not None:
            self._later.cancel()

    def fileno(self) -> int:
        return self._socket.fileno()

    def logPrefix(self) -> str:
        return "admin"

    def doRead(self) -> None:
        for _ in range(AT_ONCE):
            try:
                connection, _ = self._socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                self._log.error("admin connection not accepted", error=str(error.strerror))
                # It is there still, and so we would be told at once.
                self._reactor.removeReader(self)
                self._later = self._reactor.callLater(AGAIN, self.open)
                return
            with connection:  # The reactor works with a descriptor of its own.
                self._reactor.adoptStreamConnection(
                    connection.fileno(), socket.AF_UNIX, self._factory
                )

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nothing to do: the reactor says so when it stops."""
