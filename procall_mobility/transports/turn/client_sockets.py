"""A socket of its own for each client of a listener that reads no more.

Each is bound to where the listener is, and connected to its client: of all sockets there, the
kernel gives a datagram to the one that is connected to whoever sent it.  So the listener's own may
go on in another process, which sees nothing of these clients until their sockets are closed.
"""

import socket
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final

from twisted.logger import Logger

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.transports.turn.hub import DatagramHub

CLIENT_BUFFER: Final = 256 * 1024
"""Octets asked of the kernel for each: as for a relay, whose other side it is."""

Receive = Callable[[Any], tuple[int, TransportAddress]]
"""A socket's `recvfrom_into`."""

ReadFrom = Callable[[Receive, float, int], None]
"""Handles what a socket has: at a time, and not more than so many datagrams."""


class ClientSocket:
    """One of them, as the hub sees it."""

    __slots__ = ("_read_from", "_receive", "socket")

    def __init__(self, sock: socket.socket, read_from: ReadFrom) -> None:
        self.socket = sock
        self._receive = sock.recvfrom_into
        self._read_from = read_from

    def read(self, now: float, most: int) -> None:
        """Handle up to `most` datagrams of the client, as the listener would."""
        self._read_from(self._receive, now, most)

    def failed(self, now: float) -> None:
        """Forget that something did not reach the client; a connected socket would dwell on it."""
        self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


class ClientSockets:
    """All of a listener."""

    _log = Logger()

    def __init__(self, shared: socket.socket, hub: DatagramHub, read_from: ReadFrom) -> None:
        """Open none yet.

        Args:
            shared: the listener's own socket.
            hub: watches all of them.
            read_from: handles datagrams; between the birth of a socket and its connection there
                may be one of another client in it.
        """
        self._shared = shared
        self._hub = hub
        self._read_from = read_from
        self._all: dict[TransportAddress, ClientSocket] = {}
        self._lost: set[TransportAddress] = set()

    def __len__(self) -> int:
        return len(self._all)

    def open_some(self, clients: Iterable[TransportAddress], most: int) -> bool:
        """Open those of some clients that have none yet; returns whether there may be more.

        Where there are thousands, each takes the kernel longer than the one before.
        """
        missing = (each for each in clients if each not in self._all and each not in self._lost)
        some = list(islice(missing, most))
        for client in some:
            self.open(client)
        return len(some) == most

    def open(self, client: TransportAddress) -> None:
        """Open a client's; where there can be none, the log says that clients are lost.

        It says so of the first, the second, the fourth and so on: there may be thousands.
        """
        if client in self._all:
            return
        try:
            sock = _connected(self._shared, client)
        except OSError as error:
            self._lost.add(client)
            if (count := len(self._lost)).bit_count() == 1:
                self._log.error("relayed clients are not kept", count=count, error=str(error))
            return
        self._all[client] = reader = ClientSocket(sock, self._read_from)
        self._hub.add(sock, reader)

    def close(self, client: TransportAddress) -> None:
        """Leave a client to whoever reads the listener's socket now."""
        reader = self._all.pop(client, None)
        if reader is not None:
            self._hub.remove(reader.socket)
            reader.socket.close()

    def stop(self) -> None:
        """Leave all of them."""
        for client in list(self._all):
            self.close(client)


def _connected(shared: socket.socket, client: TransportAddress) -> socket.socket:
    reuse = (socket.SOL_SOCKET, socket.SO_REUSEADDR)
    sock = socket.socket(shared.family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CLIENT_BUFFER)
        if shared.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setsockopt(*reuse, 1)
        # Only for this moment: whoever else might bind there could take datagrams away from us.
        shared.setsockopt(*reuse, 1)
        try:
            sock.bind(shared.getsockname())
        finally:
            shared.setsockopt(*reuse, 0)
        sock.connect(client)
    except OSError:
        sock.close()
        raise
    return sock
