"""Clients over UDP: one socket for all of them."""

import errno
import socket
import struct
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.turn.allocation import Allocation
from procall_mobility.protocols.turn.ports import Transport
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.transports.turn.client_sockets import ClientSockets, Receive
from procall_mobility.transports.turn.hub import AT_ONCE, DatagramHub
from procall_mobility.transports.turn.udp_relay import send_again

RECEIVE_BUFFER = 4 * 1024 * 1024
"""Octets asked of the kernel: a tenth of a second of a thousand calls while we are busy."""

MOST_WAITING = 65_536
"""Datagrams read of a socket before it is left to another process; it holds fewer."""

HEADER = struct.Struct("!HH").unpack_from
"""Of ChannelData: the channel's number, and how long the data are."""


class UdpPath:
    """A client of a UDP listener."""

    __slots__ = ("_listener", "client", "sendto")

    kind = Transport.UDP

    def __init__(self, listener: "UdpListener", client: TransportAddress) -> None:
        self._listener = listener
        self.client = client
        self.sendto = listener.sendto
        """The socket's own call, for loops that know its errors."""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, UdpPath)
            and self.client == other.client
            and self._listener is other._listener
        )

    def __hash__(self) -> int:
        return hash(self.client)

    @property
    def server(self) -> TransportAddress:
        """The address the client sent to."""
        return self._listener.address

    def send(self, message: bytes) -> None:
        """Send a message."""
        send_again(self.sendto, message, self.client)

    def find(self) -> Allocation | None:
        """Return the client's allocation."""
        return self._listener.flows.get(self.client)

    def bind(self, allocation: Allocation) -> None:
        """Give the client an allocation."""
        self._listener.bind(self.client, allocation)

    def unbind(self) -> None:
        """Take the client's allocation."""
        self._listener.unbind(self.client)

    def close(self) -> None:
        """Do nothing: there is no connection."""


@implementer(IReadDescriptor)
class UdpListener:
    """Reads datagrams of clients; ChannelData of bound channels takes the shortest way."""

    _log = Logger()

    def __init__(
        self,
        sock: socket.socket,
        server: TurnServer,
        reactor: IReactorFDSet,
        now: Callable[[], float],
    ) -> None:
        """Serve a bound socket."""
        self._socket = sock
        self._server = server
        self._reactor = reactor
        self._now = now
        self.sendto: Callable[[Any, TransportAddress], object] = sock.sendto
        self._receive: Receive = sock.recvfrom_into
        self.address: TransportAddress = sock.getsockname()
        self.flows: dict[TransportAddress, Allocation] = {}
        """The allocations of this listener's clients."""
        self._clients: ClientSockets | None = None
        """Of a listener that is about to part with its socket."""
        self._has_parted = False
        self._buffer = bytearray(65_536)
        self._whole = memoryview(self._buffer)

    @property
    def shared(self) -> socket.socket:
        """The socket, which all clients share."""
        return self._socket

    def start(self) -> None:
        """Begin to read."""
        self._reactor.addReader(self)

    def stop(self) -> None:
        """Read no more, and close the socket."""
        self._reactor.removeReader(self)
        if self._clients is not None:
            self._clients.stop()
        self._socket.close()

    def keep(self, hub: DatagramHub, most: int) -> bool:
        """Give some clients that have allocations a socket of their own, so that they stay.

        Returns:
            whether there may be more of them.
        """
        if self._clients is None:
            self._clients = ClientSockets(self._socket, hub, self.read_from)
        return self._clients.open_some(list(self.flows), most)

    def part(self, hub: DatagramHub) -> None:
        """Leave the socket to whoever else has it, and keep the clients that have allocations.

        What they have sent until now is read by us yet.  To them is still sent by the socket.
        """
        if self._has_parted:
            return
        self._has_parted = True
        self._reactor.removeReader(self)
        self.keep(hub, len(self.flows) + 1)
        self.read_from(self._socket.recvfrom_into, self._now(), MOST_WAITING)

    def bind(self, client: TransportAddress, allocation: Allocation) -> None:
        """Give a client an allocation."""
        self.flows[client] = allocation
        if self._clients is not None:
            self._clients.open(client)

    def unbind(self, client: TransportAddress) -> None:
        """Take a client's allocation."""
        self.flows.pop(client, None)
        if self._clients is not None:
            self._clients.close(client)

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def logPrefix(self) -> str:
        """Return what the reactor calls us."""
        return "turn"

    def leave(self) -> None:
        """Serve those who have allocations from now on, and nobody else."""
        self._receive = self._of_known

    def stay(self) -> None:
        """Serve everybody again."""
        self._receive = self._socket.recvfrom_into

    def doRead(self) -> None:
        """Handle datagrams, but leave the reactor time for others."""
        self.read_from(self._receive, self._now(), AT_ONCE)

    def read_from(self, receive: Receive, now: float, most: int) -> None:
        """Handle up to `most` datagrams that a socket of ours has."""
        buffer, whole, find, header = self._buffer, self._whole, self.flows.get, HEADER
        for _ in range(most):
            try:
                size, client = receive(buffer)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno == errno.EBADF:
                    return
                continue
            allocation = find(client)
            if allocation is not None and size >= 4 and allocation.next_path is None:
                # No STUN message begins like a channel that is bound.
                number, length = header(buffer)
                channel = allocation.channels.get(number)
                if channel is not None and channel.until > now and length <= size - 4:
                    send = channel.sendto
                    if send is not None:
                        if channel.flow is not None:
                            self._server.allocations.flows.spent(allocation, now)
                        allocation.sent_octets = octets = allocation.sent_octets + length
                        if octets > allocation.sent_allowed and not allocation.draw_sent(now):
                            allocation.sent_octets -= length
                            self._server.allocations.counters["over-rate"] += 1
                            continue
                        allocation.sent_packets += 1
                        try:
                            send(whole[4 : 4 + length], channel.peer)
                        except OSError:
                            send_again(send, whole[4 : 4 + length], channel.peer)
                        continue
            self._otherwise(bytes(whole[:size]), client, now)

    def _of_known(self, buffer: bytearray) -> tuple[int, TransportAddress]:
        size, client = self._socket.recvfrom_into(buffer)
        if client not in self.flows:
            raise OSError(errno.EPERM, "a stranger, who is not heard any more")
        return size, client

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nothing to do: the reactor says so when it stops."""

    def _otherwise(self, data: bytes, client: TransportAddress, now: float) -> None:
        """Handle what takes longer; what is neither STUN nor ChannelData is dropped (RFC 7983)."""
        path = UdpPath(self, client)
        try:
            if data and data[0] <= 0x03:
                self._server.hears(data, path, now)
            elif data and 0x40 <= data[0] <= 0x7F:
                self._server.hears_channel_data(data, path, now)
            else:
                self._server.allocations.counters["not-stun"] += 1
        except Exception:  # noqa: BLE001  # Our bug, whatever it is: the peer is told nothing.
            self._log.failure("a datagram was lost")
