"""Listening ports, as services that refuse to start when their port is not to be had."""

import errno
import ipaddress
import socket
from collections.abc import Callable
from typing import Any, cast

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IReactorSocket
from twisted.internet.protocol import Factory, ServerFactory
from twisted.logger import Logger

BACKLOG = 1024
"""Connections the kernel keeps for us while we are busy: a second of a storm of reconnections."""

Bind = Callable[[str, int], socket.socket]
"""Takes host and port, and returns a socket that listens there."""


class ListenError(Exception):
    """A port cannot be listened on; the text names it and the cure."""


def bound_socket(host: str, port: int, *, shares: bool = False) -> socket.socket:
    """Return a listening TCP socket of one address.

    `[::]` takes IPv6 only, so that `0.0.0.0` may stand beside it.  One that `shares` may stand
    beside sockets of ours on the same port that share it as well; it does not listen yet, as it
    would take connections away from them.

    Raises:
        OSError: the port is taken, not permitted, or not of this machine.
        ValueError: `host` is no IP address.
    """
    is_ipv6 = ipaddress.ip_address(host).version == 6
    opened = socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET)
    try:
        if is_ipv6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # A restart need not wait for the last connections' TIME_WAIT.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shares:
            share(opened)
        opened.setblocking(False)
        opened.bind((host, port))
        if not shares:
            opened.listen(BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


def share(opened: socket.socket) -> None:
    """Let another socket of ours that shares have the same port.

    For good: the kernel remembers it of the port.  No other account's socket is let in.
    """
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


class TcpListener(Service):
    """Listens on one IP address and port."""

    _log = Logger()

    def __init__(
        self,
        reactor: IReactorSocket,
        host: str,
        port: int,
        factory: "Factory[Any]",
        purpose: str,
        bind: Bind | None = None,
    ) -> None:
        """Prepare to listen.

        Args:
            reactor: takes the socket over.
            host: an IPv4 or IPv6 address.
            port: 0 lets the system choose.
            factory: makes a protocol for each connection.
            purpose: one word for people.
            bind: opens the socket, as `bound_socket` does.
        """
        self._reactor = reactor
        self._host = host
        self._wanted = port
        self._factory = factory
        self._purpose = purpose
        self._bind = bind
        self._socket: socket.socket | None = None
        self._spare: socket.socket | None = None
        """Keeps a descriptor for the reactor: a start after `open` lacks nothing."""
        self._port: IListeningPort | None = None

    @property
    def port(self) -> int:
        """The port listened on, or the one that is wanted."""
        return self._wanted if self._socket is None else int(self._socket.getsockname()[1])

    @property
    def address(self) -> str:
        """Purpose, host and port, for people."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{self._purpose} {host}:{self.port}"

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """What is open, for whoever takes over or keeps it."""
        return () if self._socket is None else (self._socket,)

    def open(self) -> None:
        """Have the port, and the kernel keep connections for us; nobody is served yet.

        Raises:
            ListenError: the port is taken or not permitted.
        """
        if self._socket is not None:
            return
        opened = None
        try:
            opened = (self._bind or bound_socket)(self._host, self._wanted)
            self._spare = opened.dup()
        except (OSError, ValueError) as error:
            if opened is not None:
                opened.close()
            raise ListenError(f"cannot listen for {self.address}: {cure(error)}") from error
        self._socket = opened

    def startService(self) -> None:
        """Listen.

        Raises:
            ListenError: the port is taken or not permitted.
        """
        self.open()
        assert self._socket is not None
        self._let_spare_go()
        if not self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            self._socket.listen(BACKLOG)  # One that shares its port.
        # The reactor works with a descriptor of its own.
        self._port = self._reactor.adoptStreamPort(
            self._socket.fileno(),
            self._socket.family,
            cast("ServerFactory[Any]", self._factory),
        )
        super().startService()
        self._log.info("listening", address=self.address)

    def stopService(self) -> "Deferred[None] | None":
        """Stop listening; connections that exist go on.

        Others who have the socket, too, are not disturbed: it is closed, not shut down.
        """
        if self.running:
            super().stopService()
        self._let_spare_go()
        opened, self._socket = self._socket, None
        if opened is not None:
            opened.close()
        port, self._port = self._port, None
        return port.stopListening() if port is not None else None

    def let_go(self) -> "Deferred[None] | None":
        """Leave the port to whoever has the socket, too."""
        return self.stopService()

    def _let_spare_go(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()


def cure(error: OSError | ValueError, sockets: str = "-ltnp") -> str:
    """Return what is wrong with an address, and what helps.

    Args:
        error: why it cannot be listened on.
        sockets: the options with which `ss` shows who else does.
    """
    match error:
        case OSError(errno=errno.EADDRINUSE):
            return f"the port is taken; `ss {sockets}` shows by whom"
        case OSError(errno=errno.EACCES):
            return "not permitted; ports below 1024 need CAP_NET_BIND_SERVICE"
        case OSError(errno=errno.EADDRNOTAVAIL):
            return "this machine does not have the address; `ip address` shows which it has"
        case OSError():
            return str(error.strerror)
        case _:
            return "an IP address is needed, not a name"
