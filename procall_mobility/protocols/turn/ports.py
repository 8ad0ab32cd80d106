"""Where the relay meets the rooms around it: what it needs, and nobody's name."""

import enum
from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import field, frozen

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.turn.allocation import Allocation, Channel, Relay
from procall_mobility.protocols.turn.tenants import Tenant


class Transport(enum.Enum):
    """How a client reaches us."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    DTLS = "dtls"

    @property
    def is_stream(self) -> bool:
        """Whether octets come in order, from a client whose address is proven."""
        return self in (Transport.TCP, Transport.TLS)


class ClientPath(Protocol):
    """One five-tuple: where a client is, and where it reached us (`transports`).

    Two paths of one five-tuple are equal.
    """

    @property
    def kind(self) -> Transport:
        """How it reaches us."""

    @property
    def client(self) -> TransportAddress:
        """The client's address as we see it."""

    @property
    def server(self) -> TransportAddress:
        """The address the client sent to."""

    def send(self, message: bytes) -> None:
        """Send a message, or ChannelData with its padding where the transport wants it.

        What a slow client does not take in time is dropped.
        """

    def find(self) -> Allocation | None:
        """Return the allocation of this five-tuple."""

    def bind(self, allocation: Allocation) -> None:
        """Give the five-tuple an allocation."""

    def unbind(self) -> None:
        """Take the allocation from the five-tuple."""

    def close(self) -> None:
        """Close a connection; datagrams know none."""


class RelayWire(Protocol):
    """The socket of one relayed transport address (`transports`)."""

    @property
    def address(self) -> TransportAddress:
        """The socket's own address; behind a 1:1 NAT peers see another one."""

    @property
    def sendto(self) -> Callable[[bytes | memoryview, TransportAddress], object]:
        """The socket's own call, for loops that know its errors."""

    def send(self, data: bytes, peer: TransportAddress, *, dont_fragment: bool) -> None:
        """Send a datagram; what the network does not take is lost, as datagrams are."""

    def send_run(self, run: Sequence[memoryview], peer: TransportAddress) -> None:
        """Send datagrams of one size, of which the last may be shorter; an empty one is alone."""

    def serve(self, relay: Relay) -> None:
        """Hand what comes in to a relay from now on."""

    def close(self) -> None:
        """Close it."""


class PeerStream(Protocol):
    """A TCP connection to a peer; nothing is read from it before it is joined (`transports`)."""

    def join(self, path: ClientPath, allocation: Allocation) -> None:
        """Pass octets between the peer and a client's connection, each as fast as it can take."""

    def close(self) -> None:
        """Close it, and the client's connection it is joined to."""


Settled = Callable[[PeerStream | None, float], None]
"""Told once, with None when the connection could not be made, and with the time."""


class TcpRelayWire(Protocol):
    """The listening socket of a relayed transport address of TCP (`transports`)."""

    def connect(
        self, peer: TransportAddress, timeout: float, settled: Settled, lost: Callable[[], None]
    ) -> None:
        """Open a connection from this address; `lost` is called when one that was made ends."""

    def serve(self, relay: Relay) -> None:
        """Hand peers' connections to a relay from now on."""

    def close(self) -> None:
        """Close the listening socket; connections live on."""


class RelaySockets(Protocol):
    """Opens relay sockets (`transports`)."""

    def open(self, host: str, port: int) -> RelayWire | None:
        """Open a UDP socket; None when the port is not to be had."""

    def open_tcp(self, host: str, port: int) -> TcpRelayWire | None:
        """Listen for TCP connections; None when the port is not to be had."""


@frozen(kw_only=True)
class Account:
    """A user, and what it has to know to be one."""

    tenant: Tenant
    subject: str
    passwords: tuple[bytes, ...] = field(repr=False)
    """Each is good; a secret that is being replaced makes two."""
    until: float | None = None
    """When the credential expires, on the clock of `now`."""


class Authority(Protocol):
    """Knows the users (`gateway`)."""

    def find(self, username: bytes, now: float) -> Account | None:
        """Return whose name this is; None for an unknown, expired or revoked one."""

    def name_of(self, userhash: bytes) -> bytes | None:
        """Return the user name behind a USERHASH, of those we have issued."""


class Book(Protocol):
    """Writes down what becomes of allocations (`gateway`)."""

    def opened(self, allocation: Allocation, now: float) -> None:
        """An allocation was made."""

    def goes_on(self, allocation: Allocation, now: float) -> None:
        """An allocation has lived on for a while."""

    def ended(self, allocation: Allocation, why: str, now: float) -> None:
        """An allocation has ended; `why` is a reason code."""

    def wrong_password(self, tenant: Tenant, host: str, now: float) -> None:
        """Somebody at `host` does not know the password of the user it claims to be."""

    def scanning(self, allocation: Allocation, now: float) -> None:
        """A client turns to new peers faster than calls do."""


class Flows(Protocol):
    """Carries the data of bound channels without waking us, as far as it can (`datapath`).

    What it carries is within the same bounds: it draws from the shares of the allocation before,
    and stops by itself when a flow's time is over.  Whatever it does not carry comes to us.
    """

    def put(self, channel: Channel, until: float, now: float) -> None:
        """Carry a channel's data until then: it was bound, prolonged or shortened, or its client
        has moved.  Whether it can, `Channel.flow` tells; the client's path is there.
        """

    def drop(self, channel: Channel) -> None:
        """Carry a channel's data no more."""

    def settle(self, allocation: Allocation) -> None:
        """Count what was carried since the last time: in what was sent and received, in what was
        allowed, as that was drawn before, and in `Allocation.carried_packets` and `_octets`.
        """

    def release(self, allocation: Allocation) -> None:
        """An allocation ends: settle it, drop its channels, and forget it."""

    def spent(self, allocation: Allocation, now: float) -> None:
        """A packet of a carried channel came to us: its octets may be used up.

        Nothing is counted: loops that count themselves call this.
        """
