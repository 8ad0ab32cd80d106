"""What the kernel's program leaves to the daemon and to everybody else: untouched, and counted."""

import struct
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from tests.datapath.turn_relay.ends import FAMILIES, NUMBER, Ends, bound
from tests.datapath.turn_relay.packets import (
    OTHER_MAC,
    Datagram,
    frame,
    ones_sum,
    pseudo_header,
    udp,
)
from tests.datapath.turn_relay.program import PASSED_UP, Program

Change = Callable[[Ends, Datagram], bytes]


def at(offset: int, octets: bytes) -> Change:
    """Change octets of the IP packet; IPv4's header sum is made right again."""

    def change(_: Ends, datagram: Datagram) -> bytes:
        changed = bytearray(frame(datagram))
        changed[14 + offset : 14 + offset + len(octets)] = octets
        return bytes(summed(changed))

    return change


def summed(octets: bytearray) -> bytearray:
    if octets[14] >> 4 == 4:
        size = (octets[14] & 15) * 4
        octets[24:26] = bytes(2)
        octets[24:26] = struct.pack(">H", 0xFFFF - ones_sum(octets[14 : 14 + size]))
    return octets


def with_options(_: Ends, datagram: Datagram) -> bytes:
    octets = bytearray(frame(datagram))
    octets[34:34] = b"\x94\x04\x00\x00"  # Router Alert.
    octets[14] = 0x46
    octets[16:18] = struct.pack(">H", len(octets) - 14)
    return bytes(summed(octets))


def with_extension(number: int) -> Change:
    def change(_: Ends, datagram: Datagram) -> bytes:
        octets = bytearray(frame(datagram))
        octets[20] = number
        octets[54:54] = b"\x11\x00\x01\x04\x00\x00\x00\x00"
        octets[18:20] = struct.pack(">H", len(octets) - 54)
        return bytes(octets)

    return change


def with_check(of: Callable[[bytes], int]) -> Change:
    """Set the UDP checksum, by the pseudo header."""

    def change(_: Ends, datagram: Datagram) -> bytes:
        octets, body = bytearray(frame(datagram)), udp(datagram)
        ends = datagram.source.address, datagram.destination.address
        check = of(pseudo_header(*ends, len(body)))
        start = len(octets) - len(body) + 6
        octets[start : start + 2] = struct.pack(">H", check)
        return bytes(octets)

    return change


def as_it_is(_: Ends, datagram: Datagram) -> bytes:
    return frame(datagram)


BOTH: dict[str, tuple[str | None, Change]] = {
    "the frame is for another machine": ("astray", lambda _, d: frame(d, mac=OTHER_MAC)),
    "the frame is for everybody": ("astray", lambda _, d: frame(d, mac=b"\xff" * 6)),
    "the last hop": ("hops", lambda _, d: frame(replace(d, hops=1))),
    "no hop is left": ("hops", lambda _, d: frame(replace(d, hops=0))),
    "the hardware has still to sum it": ("unfinished", with_check(ones_sum)),
    "the frame is cut off": ("length", lambda _, d: frame(d)[:-1]),
    "from another port": (
        "*", lambda e, d: frame(replace(d, source=replace(d.source, port=d.source.port + 1))),
    ),
    "to another port": (
        "*", lambda e, d: frame(replace(d, destination=replace(d.destination, port=9))),
    ),
    "another kind of packet": (None, lambda _, d: frame(d)[:12] + b"\x08\x06" + frame(d)[14:]),
    "a tag in the frame itself": (
        None, lambda _, d: frame(d)[:12] + b"\x81\x00\x00\x05" + frame(d)[12:],
    ),
}  # fmt: skip
"""What is wrong, the reason counted ("*": that of a packet of no flow), and how to do it wrong."""

FOUR: dict[str, tuple[str | None, Change]] = {
    "options": ("options", with_options),
    "a header too short": ("options", at(0, b"\x44")),
    "the first fragment": ("fragment", at(6, b"\x20\x00")),
    "a later fragment": ("fragment", at(6, b"\x00\x01")),
    "the last fragment": ("fragment", at(6, b"\x1f\xff")),
    "a fragment with DF": ("fragment", at(6, b"\x60\x00")),
    "the reserved bit": ("fragment", at(6, b"\xc0\x00")),
    "IP is longer than UDP": ("length", at(24, struct.pack(">H", 24))),
    "IP is shorter than UDP": ("length", at(2, struct.pack(">H", 36))),
    "UDP is shorter than its header": ("length", at(24, struct.pack(">H", 7))),
    "IP is longer than the frame": ("length", at(2, struct.pack(">H", 1400))),
    "another version": (None, at(0, b"\x55")),
    "TCP": (None, at(9, b"\x06")),
    "ICMP": (None, at(9, b"\x01")),
    "the header's sum is wrong": (
        "garbled", lambda _, d: frame(d)[:24] + b"\x12\x34" + frame(d)[26:],
    ),
}  # fmt: skip

SIX: dict[str, tuple[str | None, Change]] = {
    "hop-by-hop options": ("options", with_extension(0)),
    "a routing header": ("options", with_extension(43)),
    "destination options": ("options", with_extension(60)),
    "a fragment": ("fragment", with_extension(44)),
    "no checksum": ("unsummed", with_check(lambda _: 0)),
    "IP is longer than UDP": ("length", at(4, struct.pack(">H", 1400))),
    "IP is shorter than UDP": ("length", at(4, struct.pack(">H", 9))),
    "UDP is shorter than its header": ("length", at(44, struct.pack(">H", 7))),
    "a jumbogram": ("length", at(4, bytes(2))),
    "another version": (None, at(0, b"\x50")),
    "TCP": (None, at(6, b"\x06")),
    "ICMP": (None, at(6, b"\x3a")),
    "ESP": (None, at(6, b"\x32")),
}

ROWS = [
    pytest.param(family, *row, id=f"IPv{family}: {name}")
    for family, rows in ((4, BOTH | FOUR), (6, BOTH | SIX))
    for name, row in rows.items()
]


def passes_up(program: Program, packet: bytes, **context: int) -> dict[str, int]:
    """Show that a packet is passed up as it came and costs nobody anything; why it was."""
    before = program.carried()
    verdict, after = program.run(packet, **context)
    assert (verdict, after) == (PASSED_UP, packet)
    assert program.carried() == before
    return program.reasons()


@pytest.mark.parametrize(("family", "reason", "change"), ROWS)
def test_what_is_not_plain_passes_up(
    program: Program, family: int, reason: str | None, change: Change
) -> None:
    """D18: never dropped, never forwarded, never changed."""
    channel = bound(program, family)
    expected = {} if reason in (None, "*") else {reason: 1}
    of_client = {"unknown": 1} if reason == "*" else expected
    data = b"data of a good length"
    assert passes_up(program, change(channel, channel.to_client(data))) == expected
    program.maps.control[1:] = memoryview(bytes(program.maps.control.nbytes - 8)).cast("Q")
    assert passes_up(program, change(channel, channel.to_peer(data))) == of_client


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("context", [{"gso_size": 100}, {"gso_segs": 2}, {"gso_segs": 64}])
def test_several_datagrams_in_one_pass_up(
    program: Program, family: int, context: dict[str, int]
) -> None:
    """D18: what GRO has put together."""
    channel = bound(program, family)
    assert passes_up(program, frame(channel.to_peer(b"x")), **context) == {"aggregate": 1}
    assert passes_up(program, frame(channel.to_client(b"x")), **context) == {"aggregate": 2}


@pytest.mark.parametrize("family", FAMILIES)
def test_what_does_not_fit_passes_up(program: Program, family: int) -> None:
    """D18: the daemon's socket may fragment it or say that it is too long."""
    overhead = 28 if family == 4 else 48
    channel = bound(program, family, mtu=1000)
    to_peer, to_client = bytes(1001 - overhead), bytes(1001 - overhead - 4)
    assert passes_up(program, frame(channel.to_peer(to_peer))) == {"too-large": 1}
    assert passes_up(program, frame(channel.to_client(to_client))) == {"too-large": 2}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("length", [0, 1, 3, 5, 0xFFFF])
def test_channel_data_of_another_length_passes_up(
    program: Program, family: int, length: int
) -> None:
    """C2: what declares more or less than there is, is not relayed here."""
    channel = bound(program, family)
    payload = struct.pack(">HH", NUMBER, length) + b"four"
    datagram = Datagram(channel.client, channel.server, payload)
    assert passes_up(program, frame(datagram)) == {}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("number", [0x0001, 0x3FFF, 0x4000, 0x4002, 0x4FFF, 0x7FFF, 0x8001])
def test_another_number_passes_up(program: Program, family: int, number: int) -> None:
    """STUN messages, and channels that are not bound."""
    channel = bound(program, family)
    datagram = replace(channel, number=number).to_peer(b"data")
    counted = {"unknown": 1} if 0x4000 <= number < 0x8000 else {}
    assert passes_up(program, frame(datagram)) == counted


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("size", range(4))
def test_what_is_shorter_than_a_header_of_channel_data_passes_up(
    program: Program, family: int, size: int
) -> None:
    """C8: also when the frame goes on behind it, as short frames do."""
    channel = bound(program, family)
    whole = channel.to_peer(b"").payload
    datagram = Datagram(channel.client, channel.server, whole[:size])
    assert passes_up(program, frame(datagram)) == {}
    assert passes_up(program, frame(datagram) + whole[size:] + bytes(16)) == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_hardware_has_still_to_sum_passes_up_at_every_length(
    program: Program, family: int
) -> None:
    """Lengths ending in 0xEF to 0xFF carry when they are added to the protocol's number."""
    channel, unfinished = bound(program, family), with_check(ones_sum)
    for size in range(260):
        for datagram in (channel.to_peer(bytes(size)), channel.to_client(bytes(size))):
            passes_up(program, unfinished(channel, datagram))
    assert program.reasons() == {"unfinished": 2 * 260}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_host_without_flows_notices_nothing(program: Program, family: int) -> None:
    channel = bound(program, family)
    program.reset()
    assert passes_up(program, frame(channel.to_client(b"data"))) == {}
    assert passes_up(program, frame(channel.to_peer(b"data"))) == {"unknown": 1}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_packet_cut_off_anywhere_passes_up(program: Program, family: int) -> None:
    """C8: down to the IP header, below which the kernel tries no packet."""
    channel = bound(program, family)
    for datagram in (channel.to_peer(b"data"), channel.to_client(b"data")):
        whole = frame(datagram)
        for size in range(34 if family == 4 else 54, len(whole)):
            assert program.run(whole[:size]) == (PASSED_UP, whole[:size])
    assert program.carried() == (0, 0, 0, 0)


def test_an_ipv4_header_of_another_address_is_of_no_flow(program: Program) -> None:
    channel = bound(program, 4)
    other = replace(channel.server, address=IPv4Address("192.0.2.200"))
    datagram = Datagram(channel.client, other, channel.to_peer(b"data").payload)
    assert passes_up(program, frame(datagram)) == {"unknown": 1}
