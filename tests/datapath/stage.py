"""A flow table, and allocations whose channels it is told of."""

import socket
from typing import Any

from procall_mobility.datapath.flow_table import FlowTable
from procall_mobility.datapath.layout import (
    ACCOUNT_WORDS,
    ALLOWED,
    FLOW4,
    FLOW6,
    OCTETS,
    PACKETS,
    TALLY_WORDS,
)
from procall_mobility.datapath.ports import Maps, Route
from procall_mobility.protocols.stun.addresses import TransportAddress, address_of, family_of
from procall_mobility.protocols.stun.message import Signature
from procall_mobility.protocols.turn.allocation import Allocation, Channel, Relay
from procall_mobility.protocols.turn.buckets import Bucket
from procall_mobility.protocols.turn.identity import Identity
from procall_mobility.protocols.turn.peers import PeerPolicy, Surroundings
from procall_mobility.protocols.turn.ports import Transport
from procall_mobility.protocols.turn.tenants import Share, Tenant
from tests.datapath.maps import entries

START = 1000.0

SERVER, SERVER6 = address_of("203.0.113.1", 3478), address_of("2001:db8:1::1", 3478)


def packed(host: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)


class Ways:
    """The port `Routing`: every host is reached the same way, but for those that are not."""

    def __init__(self) -> None:
        self.usual: Route | None = Route(7, 1500, packed("203.0.113.1"))
        self.others: dict[bytes, Route | None] = {}
        self.changed = False
        self.asked: list[tuple[bytes, bytes | None]] = []

    def find(self, to: bytes, source: bytes | None, now: float) -> Route | None:
        self.asked.append((to, source))
        return self.others.get(to, self.usual)

    def has_changed(self) -> bool:
        changed, self.changed = self.changed, False
        return changed


class Way:
    """A client's path."""

    def __init__(
        self,
        client: TransportAddress,
        server: TransportAddress,
        kind: Transport = Transport.UDP,
    ) -> None:
        self.client = client
        self.server = server
        self.kind = kind


class Wire:
    """A relay's socket, of which only the address matters here."""

    def __init__(self, address: TransportAddress) -> None:
        self.address = address
        self.sendto = None


class Stage:
    """A table over maps, and the clock."""

    def __init__(self, maps: Maps, rate: float = 0.0) -> None:
        self.maps = maps
        self.ways = Ways()
        self.table = FlowTable(maps, self.ways)
        self.now = START
        self.rate = rate
        tenant = Tenant("acme", PeerPolicy([], Surroundings()))
        self._identity = Identity(
            username=b"alice",
            tenant=tenant,
            subject="alice",
            signature=Signature(b"key", sha256=False),
            until=None,
        )
        self._ports = iter(range(50_000, 60_000))

    # Who is there --------------------------------------------------------------------------

    def allocation(
        self,
        *,
        family: int = 4,
        kind: Transport = Transport.UDP,
        server: TransportAddress | None = None,
        wire: str | None = None,
        rates: tuple[float, ...] | None = None,
    ) -> Allocation:
        """Make an allocation with a relay of each family; its client has one of `family`."""
        number = next(self._ports)
        client = address_of("198.51.100.7" if family == 4 else "2001:db8:2::7", number)
        rates = (self.rate, self.rate) if rates is None else rates
        allocation = Allocation(
            name=f"{number:x}",
            identity=self._identity,
            shares=tuple(Share(9, Bucket(r, self.now), Bucket(r, self.now)) for r in rates),
            source=client[0],
            path=Way(client, server or (SERVER if family == 4 else SERVER6), kind),
            transaction_id=bytes(12),
            now=self.now,
        )
        relays = []
        for host, own in (("203.0.113.9", wire), ("2001:db8:1::9", None)):
            address = address_of(host, number)
            socket_of = Wire(address_of(own or host, number))
            relays.append(Relay(allocation, address, family_of(address), socket_of))
        allocation.relays = tuple(relays)
        return allocation

    def channel(
        self,
        allocation: Allocation,
        peer: TransportAddress = ("192.0.2.99", 5004),
        *,
        inside: bool = False,
    ) -> Channel:
        """Bind the next channel of an allocation; the table is not told."""
        relay = allocation.relay_of(family_of(peer))
        assert relay is not None
        number = 0x4000 + len(allocation.channels)
        channel = Channel(number, peer, relay, is_inside=inside)
        allocation.channels[number] = relay.by_peer[peer] = channel
        return channel

    def carried(self, allocation: Allocation | None = None, **more: Any) -> Channel:
        """Bind a channel and have it carried for ten minutes."""
        channel = self.channel(allocation or self.allocation(), **more)
        self.put(channel)
        return channel

    # What happens --------------------------------------------------------------------------

    def put(self, channel: Channel, seconds: float = 600.0) -> None:
        """Put a channel that lives for so long."""
        self.table.put(channel, self.now + seconds, self.now)

    def after(self, seconds: float) -> None:
        """Let time pass, and wake whoever wants to be woken."""
        end = self.now + seconds
        while (at := self.table.wake_at()) is not None and at <= end:
            self.now = max(at, self.now)
            self.table.wake(self.now)
        self.now = end

    def relays(self, channel: Channel, *, sent: int = 0, received: int = 0) -> bool:
        """Have the kernel carry so many octets in one packet each way, as its program would."""
        slot = self.slot(channel)
        done = True
        for octets, at in ((sent, 0), (received, TALLY_WORDS)):
            word = slot * ACCOUNT_WORDS + at
            if (
                octets
                and self.maps.ledger[word + OCTETS] + octets > self.maps.ledger[word + ALLOWED]
            ):
                done = False
            elif octets:
                self.maps.ledger[word + OCTETS] += octets
                self.maps.ledger[word + PACKETS] += 1
        return done

    # What is there -------------------------------------------------------------------------

    def entries(self) -> dict[bytes, bytes]:
        """Return all flows the kernel knows."""
        return entries(self.maps)

    def flows(self, channel: Channel) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return what the kernel knows of a channel: towards the peer, and towards the client."""
        content = self.entries()
        key_to_peer, key_to_client = channel.flow.plan.keys
        unpack = FLOW4.unpack if len(content[key_to_peer]) == FLOW4.size else FLOW6.unpack
        return unpack(content[key_to_peer]), unpack(content[key_to_client])

    def slot(self, channel: Channel) -> int:
        """Return the slot that pays for a channel."""
        return int(self.flows(channel)[0][8])

    def allowed(self, channel: Channel) -> tuple[int, int]:
        """Return how many octets may still be carried, towards the peer and the client."""
        ledger, at = self.maps.ledger, self.slot(channel) * ACCOUNT_WORDS
        left = [ledger[each + ALLOWED] - ledger[each + OCTETS] for each in (at, at + TALLY_WORDS)]
        return left[0], left[1]
