"""The UDP socket of a relayed transport address."""

import contextlib
import errno
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.turn.allocation import Relay
from procall_mobility.protocols.turn.server import TurnServer
from procall_mobility.transports.turn.hub import DatagramHub

# Of linux/in.h and linux/errqueue.h; the socket module has some of them from Python 3.14 on.
IP_MTU_DISCOVER: Final = 10
IP_PMTUDISC_DONT, IP_PMTUDISC_DO = 0, 2
IPV6_MTU_DISCOVER: Final = 23
IP_RECVERR: Final = 11
IPV6_RECVERR: Final = 25
ORIGIN_ICMP, ORIGIN_ICMP6 = 2, 3
SOL_UDP: Final = 17
UDP_SEGMENT: Final = 103

_HEADER = struct.Struct("!HH")
_EXTENDED_ERROR = struct.Struct("=IBBBBII")

_SEGMENT = struct.Struct("=H")

NO_SEGMENTS: Final = frozenset((errno.EIO, errno.EINVAL, errno.ENOPROTOOPT, errno.EOPNOTSUPP))
"""What kernels say that cut nothing here, as some do where no checksums are made; what is only too
large is told otherwise."""

AT_ONCE_ON_STREAM: Final = 65_536
"""Octets gathered before they are written, but for the last datagram."""

MOST_ERRORS = 8
"""Reports read at a time; the kernel keeps few, and they are only hints."""


class UdpRelay:
    """Passes datagrams of peers on; those of bound channels by the shortest way."""

    __slots__ = (
        "_cuts", "_hub", "_receive", "_relay", "_server", "_socket", "address", "sendto",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, hub: DatagramHub, server: TurnServer) -> None:
        self._socket = sock
        self._hub = hub
        self._server = server
        self._relay: Relay | None = None
        self._receive = sock.recvfrom_into
        self.sendto: Callable[[Any, TransportAddress], object] = sock.sendto
        self.address: TransportAddress = sock.getsockname()
        """The socket's own; behind a 1:1 NAT peers see another one."""
        self._cuts = True
        """Whether the kernel cuts runs into datagrams."""
        hub.add(sock, self)

    def serve(self, relay: Relay) -> None:
        """Hand what comes in to a relay from now on."""
        self._relay = relay

    def send(self, data: bytes, peer: TransportAddress, *, dont_fragment: bool) -> None:
        """Send a datagram; what the network does not take is lost, as datagrams are."""
        if dont_fragment:
            self._discover_mtu(IP_PMTUDISC_DO)
        try:
            send_again(self.sendto, data, peer)
        finally:
            if dont_fragment:
                self._discover_mtu(IP_PMTUDISC_DONT)

    def send_run(self, run: Sequence[memoryview], peer: TransportAddress) -> None:
        """Send datagrams of one size, of which the last may be shorter (`runs`)."""
        if self._cuts and len(run) > 1:
            size = _SEGMENT.pack(len(run[0]))
            try:
                self._socket.sendmsg(run, [(SOL_UDP, UDP_SEGMENT, size)], 0, peer)
            except OSError as error:
                self._cuts = error.errno not in NO_SEGMENTS
            else:
                return
        for data in run:
            send_again(self.sendto, data, peer)

    def close(self) -> None:
        """Close the socket."""
        self._relay = None
        self._hub.remove(self._socket)
        self._socket.close()

    def read(self, now: float, most: int) -> None:
        """Handle up to `most` datagrams of peers."""
        while most:
            relay = self._relay
            path = None if relay is None else relay.allocation.path
            if relay is None or path is None:
                most = self._read_one(now, most)
            elif path.sendto is not None:
                most = self._read_bound(relay, path, now, most)
            elif path.kind.is_stream:
                most = self._read_frames(relay, path, now, most)
            else:
                most = self._read_one(now, most)

    def _read_bound(self, relay: Relay, path: Any, now: float, most: int) -> int:
        """Pass datagrams of bound channels on; returns how many more may be read.

        One that needs more thought ends this, as it may change all that is known here.
        """
        allocation, find = relay.allocation, relay.by_peer.get
        receive, send, client = self._receive, path.sendto, path.client
        payload, whole = self._hub.payload, self._hub.whole
        octets = allocation.received_octets
        allowed, packets = allocation.received_allowed, allocation.received_packets
        while most:
            most -= 1
            try:
                size, peer = receive(payload)
            except BlockingIOError:
                most = 0
                break
            except OSError:
                continue  # An ICMP error, which `failed` reads.
            channel = find(peer)
            if channel is None or channel.until <= now or octets + size > allowed:
                allocation.received_octets, allocation.received_packets = octets, packets
                self._server.hears_peer(relay, payload[:size], peer, now)
                return most
            if channel.flow is not None:
                self._server.allocations.flows.spent(allocation, now)
            octets += size
            packets += 1
            _HEADER.pack_into(whole, 0, channel.number, size)
            try:
                send(whole[: size + 4], client)
            except OSError:
                send_again(send, whole[: size + 4], client)
        allocation.received_octets, allocation.received_packets = octets, packets
        return most

    def _read_frames(self, relay: Relay, path: Any, now: float, most: int) -> int:
        """Gather what is for one stream and write it at once; else as `_read_bound`."""
        allocation, find = relay.allocation, relay.by_peer.get
        receive, room, whole = self._receive, self._hub.room, self._hub.gathered
        octets, packets, at = 0, 0, 0
        left = allocation.received_allowed - allocation.received_octets
        beyond = None
        while most and at < AT_ONCE_ON_STREAM:
            most -= 1
            try:
                size, peer = receive(room[at + 4 :])
            except BlockingIOError:
                most = 0
                break
            except OSError:
                continue
            channel = find(peer)
            if channel is None or channel.until <= now or octets + size > left:
                beyond = bytes(room[at + 4 : at + 4 + size]), peer
                break
            octets += size
            packets += 1
            _HEADER.pack_into(whole, at, channel.number, size)
            at += 4 + size
            while at & 3:
                whole[at] = 0  # Nothing of what was there before goes out.
                at += 1
        allocation.received_octets += octets
        allocation.received_packets += packets
        if at:
            path.send_frames(bytes(room[:at]), packets)
        if beyond is not None:
            self._server.hears_peer(relay, *beyond, now)
        return most

    def _read_one(self, now: float, most: int) -> int:
        """Handle a datagram that has no short way, or no way at all."""
        payload = self._hub.payload
        try:
            size, peer = self._receive(payload)
        except BlockingIOError:
            return 0
        except OSError:
            return most - 1
        if self._relay is not None:  # Else a reserved port, or one closed a moment ago.
            self._server.hears_peer(self._relay, payload[:size], peer, now)
        return most - 1

    def failed(self, now: float) -> None:
        """Read ICMP errors and tell the client (RFC 8656 section 11.5)."""
        for _ in range(MOST_ERRORS):
            try:
                _, ancillary, _, peer = self._socket.recvmsg(0, 512, socket.MSG_ERRQUEUE)
            except OSError:
                return
            for _, kind, data in ancillary:
                if kind not in (IP_RECVERR, IPV6_RECVERR) or len(data) < _EXTENDED_ERROR.size:
                    continue
                _, origin, icmp_type, code, _, info, _ = _EXTENDED_ERROR.unpack_from(data)
                if origin in (ORIGIN_ICMP, ORIGIN_ICMP6) and self._relay is not None:
                    self._server.relaying.icmp(self._relay, peer, icmp_type, code, info, now)

    def _discover_mtu(self, how: int) -> None:
        discover_mtu(self._socket, how)


def discover_mtu(sock: socket.socket, how: int) -> None:
    """Say whether the datagrams of a socket may be fragmented."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, how)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, how)


def open_udp(host: str, port: int, buffer: int) -> socket.socket:
    """Return a bound UDP socket.

    Args:
        host: an IP address.
        port: 0 lets the system choose.
        buffer: octets the kernel shall keep for us, as far as it allows.

    Raises:
        OSError: the port is taken, not permitted, or not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        prepare_udp(sock, buffer)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def prepare_udp(sock: socket.socket, buffer: int) -> None:
    """Have a UDP socket wait for nothing, fragment what is too large, and keep enough for us."""
    sock.setblocking(False)
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    # We have no MTU to discover for others: what is too large is fragmented on the way.
    discover_mtu(sock, IP_PMTUDISC_DONT)


def report_errors(sock: socket.socket) -> None:
    """Have the kernel report ICMP errors about what a socket has sent."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)


def send_again(
    sendto: Callable[[Any, TransportAddress], object],
    data: bytes | memoryview,
    address: TransportAddress,
) -> None:
    """Send a datagram; an error about an earlier one shall not cost this one."""
    try:
        sendto(data, address)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EMSGSIZE, errno.ENOBUFS):
            return
        with contextlib.suppress(OSError):
            sendto(data, address)
