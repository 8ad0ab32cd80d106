"""Clients over DTLS (RFC 7350): one socket, and a connection for each of them."""

import errno
import socket
from collections.abc import Callable
from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.turn.server import REFLECTED_PORTS, TurnServer
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.turn.client_sockets import ClientSockets, Receive
from procall_mobility.transports.turn.dtls_context import Reception
from procall_mobility.transports.turn.dtls_cookies import Cookies
from procall_mobility.transports.turn.dtls_path import DtlsPath, DtlsServices
from procall_mobility.transports.turn.dtls_records import (
    LARGEST_DATAGRAM,
    hello_random,
    is_credible,
    is_dtls,
)
from procall_mobility.transports.turn.hub import AT_ONCE, DatagramHub
from procall_mobility.transports.turn.udp_listener import MOST_WAITING
from procall_mobility.transports.turn.udp_relay import send_again


@implementer(IReadDescriptor)
class DtlsListener:
    """Reads datagrams of clients; it holds nothing of anybody whose address is not proven."""

    _log = Logger()

    def __init__(
        self,
        sock: socket.socket,
        server: TurnServer,
        certificate: Certificate,
        reactor: Any,
        now: Callable[[], float],
        *,
        connections: Connections,
        cookie_key: bytes,
        handshake: float = 10.0,
        idle: float = 30.0,
    ) -> None:
        """Serve a bound socket.

        Args:
            sock: a bound UDP socket; it is closed by `stop`.
            server: whom clients talk to.
            certificate: what they are shown, in its latest state.
            reactor: reads the socket and rings alarms.
            now: monotonic seconds.
            connections: where each client takes a place.
            cookie_key: at least 16 octets of chance.
            handshake: seconds a handshake may take.
            idle: seconds a client may be without an allocation.

        Raises:
            CertificateError: OpenSSL does not want the certificate.
        """
        self._socket = sock
        self._reactor = reactor
        self._connections = connections
        self._counters = server.allocations.counters
        self._clients: ClientSockets | None = None
        """Of a listener that is about to part with its socket."""
        self._has_parted = False
        self._reception = Reception(certificate, Cookies(cookie_key, now))
        self._buffer = bytearray(LARGEST_DATAGRAM + 1)
        self._whole = memoryview(self._buffer)
        self.address: TransportAddress = sock.getsockname()
        self.paths: dict[TransportAddress, DtlsPath] = {}
        """The clients."""
        self._services = DtlsServices(
            server=server,
            reactor=reactor,
            now=now,
            address=self.address,
            send=self._send,
            left=self._left,
            handshake=handshake,
            idle=idle,
        )

    @property
    def shared(self) -> socket.socket:
        """The socket, which all clients share."""
        return self._socket

    def start(self) -> None:
        """Begin to read."""
        self._reactor.addReader(self)

    def stop(self) -> None:
        """Read no more, tell the clients, and close the socket."""
        self._reactor.removeReader(self)
        for path in list(self.paths.values()):
            path.close()
        if self._clients is not None:
            self._clients.stop()
        self._socket.close()

    def keep(self, hub: DatagramHub, most: int) -> bool:
        """Give some clients a socket of their own; returns whether there may be more of them."""
        if self._clients is None:
            self._clients = ClientSockets(self._socket, hub, self._read_from)
        return self._clients.open_some(self.paths, most)

    def part(self, hub: DatagramHub) -> None:
        """Leave the socket to whoever else has it, and keep the clients there are."""
        if self._has_parted:
            return
        self._has_parted = True
        self._reactor.removeReader(self)
        self.keep(hub, len(self.paths) + 1)
        self._read_from(self._socket.recvfrom_into, self._services.now(), MOST_WAITING)

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def logPrefix(self) -> str:
        """Return what the reactor calls us."""
        return "turn"

    def doRead(self) -> None:
        """Handle datagrams, but leave the reactor time for others."""
        self._read_from(self._socket.recvfrom_into, self._services.now(), AT_ONCE)

    def _read_from(self, receive: Receive, now: float, most: int) -> None:
        for _ in range(most):
            try:
                size, client = receive(self._buffer)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno == errno.EBADF:
                    return
                continue
            try:
                self._hear(bytes(self._whole[:size]), client)
            except Exception:  # noqa: BLE001  # Our bug, whatever it is: this client's way ends.
                self._log.failure("a client over DTLS was cut off")
                path = self.paths.get(client)
                if path is not None:
                    path.abandon()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nothing to do: the reactor says so when it stops."""

    # Inside -------------------------------------------------------------------------------

    def _hear(self, datagram: bytes, client: TransportAddress) -> None:
        if not is_dtls(datagram) or not is_credible(datagram):
            self._counters["not-dtls"] += 1
            return
        path = self.paths.get(client)
        random = hello_random(datagram)
        # A hello with another random is of a client that has begun anew, or of somebody who
        # claims so: the cookie tells (RFC 6347 section 4.2.8).
        if path is not None and random in (None, path.random):
            path.hears(datagram)
        elif random is None or self._has_parted:
            self._counters["not-dtls"] += 1
        elif client[1] in REFLECTED_PORTS:
            self._counters["reflected-port"] += 1
        else:
            answer, connection = self._reception.hears(datagram, client)
            if connection is not None:
                self._welcome(connection, client, random)
            elif answer:
                self._send(answer, client)

    def _welcome(
        self, connection: SSL.Connection, client: TransportAddress, random: bytes
    ) -> None:
        """Take in a client that is where it says."""
        before = self.paths.get(client)
        if before is not None:
            before.abandon()
        admission = self._connections.admit()
        if admission is None:
            self._counters["too-many-connections"] += 1
            return
        if not admission.counts_for(client[0]):
            admission.leave()
            self._counters["too-many-connections"] += 1
            return
        path = DtlsPath(self._services, connection, client, random, admission)
        self.paths[client] = path
        path.begin()

    def _send(self, datagram: bytes, client: TransportAddress) -> None:
        send_again(self._socket.sendto, datagram, client)

    def _left(self, path: DtlsPath) -> None:
        del self.paths[path.client]
        if self._clients is not None:
            self._clients.close(path.client)
