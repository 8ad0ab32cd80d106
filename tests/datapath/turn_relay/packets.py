"""Ethernet frames with UDP in them, written and read octet by octet from the RFCs alone."""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

OWN_MAC = bytes(6)
"""A test run's packets seem to come in at `lo`, whose address is all zero."""
UNSAID = 0x1234, 0x4000
"""Identification and DF of a datagram of IPv6, which has neither."""
OTHER_MAC = bytes.fromhex("020000000099")


@dataclass(frozen=True)
class End:
    """An address and a port."""

    address: Address
    port: int


def end(address: str, port: int) -> End:
    return End(ip_address(address), port)


@dataclass(frozen=True)
class Datagram:
    """A UDP datagram and what of its IP header is not said by it."""

    source: End
    destination: End
    payload: bytes
    hops: int = 64
    traffic: int = 0xB8
    """DSCP and ECN."""
    dont_fragment: bool = True
    identification: int = 0x1234
    """Of IPv4; a datagram of IPv6 that was read has this one."""
    flow_label: int = 0
    summed: bool = True

    @property
    def family(self) -> int:
        return self.source.address.version


def ones_sum(data: bytes) -> int:
    """RFC 1071: the one's complement sum of 16-bit words, the last one filled up."""
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def pseudo_header(source: Address, destination: Address, length: int) -> bytes:
    """RFC 768 and RFC 8200, 8.1."""
    if source.version == 4:
        return source.packed + destination.packed + struct.pack(">BBH", 0, 17, length)
    return source.packed + destination.packed + struct.pack(">II", length, 17)


def udp(datagram: Datagram) -> bytes:
    length = 8 + len(datagram.payload)
    ports = struct.pack(">HHH", datagram.source.port, datagram.destination.port, length)
    check = 0
    if datagram.summed:
        pseudo = pseudo_header(datagram.source.address, datagram.destination.address, length)
        check = 0xFFFF - ones_sum(pseudo + ports + bytes(2) + datagram.payload) or 0xFFFF
    return ports + struct.pack(">H", check) + datagram.payload


def ip_header(datagram: Datagram, length: int) -> bytes:
    """The header in front of so many octets of UDP."""
    ends = datagram.source.address.packed + datagram.destination.address.packed
    if datagram.family == 6:
        first = 6 << 28 | datagram.traffic << 20 | datagram.flow_label
        return struct.pack(">IHBB", first, length, 17, datagram.hops) + ends
    fragments = 0x4000 if datagram.dont_fragment else 0
    fields = (0x45, datagram.traffic, 20 + length, datagram.identification, fragments)
    start = struct.pack(">BBHHHBB", *fields, datagram.hops, 17)
    return start + struct.pack(">H", 0xFFFF - ones_sum(start + bytes(2) + ends)) + ends


def frame(datagram: Datagram, mac: bytes = OWN_MAC) -> bytes:
    body = udp(datagram)
    kind = 0x0800 if datagram.family == 4 else 0x86DD
    return mac + OTHER_MAC + struct.pack(">H", kind) + ip_header(datagram, len(body)) + body


def read_frame(octets: bytes) -> Datagram:
    """Read a frame; all in it has to be right, but for UDP's checksum: see `udp_error`."""
    kind = struct.unpack_from(">H", octets, 12)[0]
    packet = octets[14:]
    if kind == 0x0800:
        first, traffic, total, identification, fragments, hops, protocol = struct.unpack_from(
            ">BBHHHBB", packet
        )
        assert (first, total, protocol) == (0x45, len(packet), 17)
        assert fragments in (0, 0x4000)
        assert ones_sum(packet[:20]) == 0xFFFF
        addresses, body = (packet[12:16], packet[16:20]), packet[20:]
        label = 0
    else:
        assert kind == 0x86DD
        word, length, protocol, hops = struct.unpack_from(">IHBB", packet)
        assert (word >> 28, length, protocol) == (6, len(packet) - 40, 17)
        traffic, label, identification, fragments = (
            word >> 20 & 0xFF,
            word & 0xFFFFF,
            0x1234,
            0x4000,
        )
        addresses, body = (packet[8:24], packet[24:40]), packet[40:]
    source, destination = map(ip_address, addresses)
    source_port, destination_port, length, check = struct.unpack_from(">HHHH", body)
    assert length == len(body)
    return Datagram(
        End(source, source_port),
        End(destination, destination_port),
        body[8:],
        hops=hops,
        traffic=traffic,
        dont_fragment=bool(fragments),
        identification=identification,
        flow_label=label,
        summed=check != 0,
    )


def udp_error(octets: bytes) -> int:
    """How far off a frame's UDP checksum is: 0 when it is right, or not there."""
    at, addresses = (34, octets[26:34]) if octets[12:14] == b"\x08\x00" else (54, octets[22:54])
    source, destination = addresses[: len(addresses) // 2], addresses[len(addresses) // 2 :]
    length, check = struct.unpack_from(">HH", octets, at + 4)
    pseudo = pseudo_header(ip_address(source), ip_address(destination), length)
    return ones_sum(pseudo + octets[at : at + length]) % 0xFFFF if check else 0


def channel_data(number: int, data: bytes) -> bytes:
    """RFC 8656, 12.4."""
    return struct.pack(">HH", number, len(data)) + data
