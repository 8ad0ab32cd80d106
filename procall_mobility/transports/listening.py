"""Listening ports, as services that refuse to start when their port is not to be had."""

import errno
import ipaddress
import socket
from pathlib import Path
from typing import Any, cast

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import (
    IListeningPort,
    IReactorSocket,
    IReactorUNIX,
)
from twisted.internet.protocol import Factory, ServerFactory
from twisted.logger import Logger

BACKLOG = 1024
"""Connections the kernel keeps for us while we are busy: a second of a storm of reconnections."""


class ListenError(Exception):
    """A port cannot be listened on; the text names it and the cure."""


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a listening TCP socket of one address.

    `[::]` takes IPv6 only, so that `0.0.0.0` may stand beside it.

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
        opened.setblocking(False)
        opened.bind((host, port))
        opened.listen(BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


class _Listener(Service):
    """One listening port."""

    _log = Logger()
    _port: IListeningPort | None = None

    def stopService(self) -> "Deferred[None] | None":
        """Stop listening; connections that exist go on."""
        super().stopService()
        port, self._port = self._port, None
        return port.stopListening() if port is not None else None


class TcpListener(_Listener):
    """Listens on one IP address and port."""

    def __init__(
        self,
        reactor: IReactorSocket,
        host: str,
        port: int,
        factory: "Factory[Any]",
        purpose: str,
    ) -> None:
        """Prepare to listen.

        Args:
            reactor: takes the socket over.
            host: an IPv4 or IPv6 address.
            port: 0 lets the system choose.
            factory: makes a protocol for each connection.
            purpose: one word for people.
        """
        self._reactor = reactor
        self._host = host
        self._wanted = port
        self._factory = factory
        self._purpose = purpose

    @property
    def port(self) -> int:
        """The port listened on, or the one that is wanted."""
        if self._port is None:
            return self._wanted
        address: Any = self._port.getHost()
        return int(address.port)

    @property
    def address(self) -> str:
        """Purpose, host and port, for people."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{self._purpose} {host}:{self.port}"

    def startService(self) -> None:
        """Listen.

        Raises:
            ListenError: the port is taken or not permitted.
        """
        try:
            opened = bound_socket(self._host, self._wanted)
        except (OSError, ValueError) as error:
            raise ListenError(f"cannot listen for {self.address}: {cure(error)}") from error
        # The reactor works with a descriptor of its own; one handed to us by systemd would go
        # the same way.
        with opened:
            self._port = self._reactor.adoptStreamPort(
                opened.fileno(), opened.family, cast("ServerFactory[Any]", self._factory)
            )
        super().startService()
        self._log.info("listening", address=self.address)


class UnixListener(_Listener):
    """Listens on a Unix socket that only its owner may open."""

    def __init__(self, reactor: IReactorUNIX, path: str, factory: "Factory[Any]") -> None:
        """Prepare to listen at `path`; its folder is made when there is none."""
        self._reactor = reactor
        self._path = Path(path)
        self._factory = factory

    @property
    def address(self) -> str:
        """The socket's path."""
        return str(self._path)

    def startService(self) -> None:
        """Listen; a socket that a killed daemon left behind is replaced.

        Raises:
            ListenError: another daemon listens there, or the folder is not to be written to.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._port = self._reactor.listenUNIX(
                str(self._path), self._factory, mode=0o600, wantPID=True
            )
        except CannotListenError as error:
            raise ListenError(
                f"cannot listen on {self._path}: another daemon does, or its folder is read-only"
            ) from error
        except OSError as error:
            raise ListenError(f"cannot listen on {self._path}: {error.strerror}") from error
        super().startService()


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
