"""What the kernel's program has to do with a packet, by plain reading of its octets."""

import struct
from dataclasses import dataclass, field
from ipaddress import ip_address

from tests.datapath.turn_relay.ends import Ends
from tests.datapath.turn_relay.packets import (
    Datagram,
    End,
    channel_data,
    ones_sum,
    pseudo_header,
)
from tests.datapath.turn_relay.program import INSIDE, Program


@dataclass(frozen=True)
class Way:
    """How a packet goes out; `channel` is the number put in front of it, or None."""

    source: End
    destination: End
    channel: int | None
    slot: int
    inside: bool = False


@dataclass
class Model:
    """Bound channels, and all that comes in."""

    mtu: int
    program: Program
    ways: dict[tuple[End, End, int | None], Way] = field(default_factory=dict)

    def bind(self, channel: Ends, slot: int, *, inside: bool = False) -> None:
        """Bind a channel here and in the kernel."""
        server, client = channel.server, channel.client
        to_peer = Way(channel.relayed, channel.peer, None, slot, inside=inside)
        self.ways[client, server, channel.number] = to_peer
        to_client = Way(server, client, channel.number, slot)
        self.ways[channel.peer, channel.relayed, INSIDE if inside else None] = to_client
        channel.bind_out(self.program, slot=slot, flags=int(inside), mtu=self.mtu)
        channel.bind_in(self.program, slot=slot, mtu=self.mtu, inside=inside)

    def relayed(self, octets: bytes) -> Datagram | None:
        """Return what is sent for a frame; None when it passes up."""
        came = plain_datagram(octets)
        if came is None:
            return None
        data = came.payload
        way = None
        if len(data) >= 4:
            number, length = struct.unpack_from(">HH", data)
            if 0x4000 <= number <= 0x7FFF and length == len(data) - 4:
                way = self.ways.get((came.source, came.destination, number))
        if way:
            data = data[4:]
        else:
            way = self.ways.get((came.source, came.destination, None))
        if way and way.inside:
            way = self.ways.get((way.source, way.destination, INSIDE))
        if way is None:
            return None
        sent = Datagram(
            way.source,
            way.destination,
            data if way.channel is None else channel_data(way.channel, data),
            hops=came.hops - 1,
            traffic=came.traffic,
            dont_fragment=came.dont_fragment,
            identification=came.identification,
            summed=came.summed,
        )
        length = len(sent.payload) + (28 if sent.family == 4 else 48)
        return sent if length <= self.mtu else None


def plain_datagram(octets: bytes) -> Datagram | None:
    """Read a frame that may be relayed at all."""
    kind, packet = octets[12:14], octets[14:]
    if octets[:6] != bytes(6):
        return None
    if kind == b"\x08\x00" and len(packet) >= 28:
        datagram = _of_ipv4(packet)
    elif kind == b"\x86\xdd" and len(packet) >= 48:
        datagram = _of_ipv6(packet)
    else:
        return None
    return datagram if datagram and datagram.hops > 1 else None


def _of_ipv4(packet: bytes) -> Datagram | None:
    total, identification, fragment = struct.unpack_from(">HHH", packet, 2)
    if packet[0] != 0x45 or packet[9] != 17 or fragment not in (0, 0x4000):
        return None
    if ones_sum(packet[:20]) != 0xFFFF or not 28 <= total <= len(packet):
        return None
    return _of_udp(
        packet[20:total],
        packet[12:16],
        packet[16:20],
        hops=packet[8],
        traffic=packet[1],
        dont_fragment=bool(fragment),
        identification=identification,
    )


def _of_ipv6(packet: bytes) -> Datagram | None:
    word, length, following, hops = struct.unpack_from(">IHBB", packet)
    if word >> 28 != 6 or following != 17 or not 8 <= length <= len(packet) - 40:
        return None
    traffic, body = word >> 20 & 0xFF, packet[40 : 40 + length]
    datagram = _of_udp(body, packet[8:24], packet[24:40], hops=hops, traffic=traffic)
    return datagram if datagram and datagram.summed else None


def _of_udp(body: bytes, source: bytes, destination: bytes, **fields: int) -> Datagram | None:
    source_port, destination_port, length, check = struct.unpack_from(">HHHH", body)
    ends = ip_address(source), ip_address(destination)
    if length != len(body) or check == ones_sum(pseudo_header(*ends, length)):
        return None
    return Datagram(
        End(ends[0], source_port),
        End(ends[1], destination_port),
        body[8:],
        summed=check != 0,
        **fields,  # type: ignore[arg-type]
    )
