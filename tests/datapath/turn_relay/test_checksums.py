"""UDP checksums that the kernel's program carries over from the old packet to the new one."""

import struct

import pytest

from tests.datapath.turn_relay.ends import FAMILIES, bound
from tests.datapath.turn_relay.packets import (
    Datagram,
    channel_data,
    frame,
    ones_sum,
    read_frame,
    udp,
    udp_error,
)
from tests.datapath.turn_relay.program import REDIRECTED, Program


def check_of(octets: bytes) -> int:
    at = 40 if octets[12:14] == b"\x08\x00" else 60
    (check,) = struct.unpack_from(">H", octets, at)
    return int(check)


def relayed(program: Program, packet: bytes) -> bytes:
    verdict, after = program.run(packet)
    assert verdict == REDIRECTED
    return after


def with_sum(datagram: Datagram, check: int) -> bytes:
    """Return data for a datagram that make its checksum what it should be.

    Its payload ends with two octets that may be anything.
    """
    start = udp(Datagram(datagram.source, datagram.destination, datagram.payload[:-2] + bytes(2)))
    (given,) = struct.unpack_from(">H", start, 6)
    # What the sum lacks: both are its complement, and so is their difference.
    lacking = ones_sum(struct.pack(">HH", given, 0xFFFF - (check or 0xFFFF)))
    return datagram.payload[:-2] + struct.pack(">H", lacking)


def test_no_checksum_stays_none_with_ipv4(program: Program) -> None:
    """RFC 768: 0 says that there is none."""
    channel = bound(program, 4)
    for datagram in (channel.to_peer(b"data", summed=False), channel.to_client(b"", summed=False)):
        assert check_of(relayed(program, frame(datagram))) == 0


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("filling", [b"", b"1234", b"\xff" * 100])
def test_a_checksum_that_comes_out_as_zero_is_sent_as_all_ones(
    program: Program, family: int, filling: bytes
) -> None:
    """RFC 768; a receiver would take 0 for none, and drop it with IPv6 (RFC 8200, 8.1)."""
    channel = bound(program, family)
    data = with_sum(channel.at_peer(filling + bytes(2)), 0xFFFF)
    after = relayed(program, frame(channel.to_peer(data)))
    assert (check_of(after), udp_error(after)) == (0xFFFF, 0)

    data = with_sum(channel.at_client(filling + bytes(2)), 0xFFFF)[4:]
    after = relayed(program, frame(channel.to_client(data)))
    assert (check_of(after), udp_error(after)) == (0xFFFF, 0)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_checksum_of_all_ones_is_carried_over(program: Program, family: int) -> None:
    channel = bound(program, family)
    header = channel_data(channel.number, bytes(6))
    whole = with_sum(Datagram(channel.client, channel.server, header), 0xFFFF)
    packet = frame(channel.to_peer(whole[4:]))
    assert check_of(packet) == 0xFFFF
    assert udp_error(relayed(program, packet)) == 0


@pytest.mark.parametrize("family", FAMILIES)
def test_checksums_are_what_is_got_by_summing_it_all_anew(program: Program, family: int) -> None:
    """Over all sums a packet can have, but for a few steps."""
    channel = bound(program, family)
    for word in range(0, 0x10000, 97):
        data = struct.pack(">HH", word, 0xABCD)
        for datagram in (channel.to_peer(data), channel.to_client(data)):
            after = relayed(program, frame(datagram))
            sent = read_frame(after)
            assert check_of(after) == struct.unpack_from(">H", udp(sent), 6)[0]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("flipped", [1, 0x80])
def test_what_was_damaged_on_its_way_is_still_so(
    program: Program, family: int, flipped: int
) -> None:
    """The checksum is carried over, not made: whoever gets the data finds it wrong."""
    channel = bound(program, family)
    for datagram in (channel.to_peer(b"data of somebody"), channel.to_client(b"data of somebody")):
        packet = bytearray(frame(datagram))
        packet[-1] ^= flipped
        assert udp_error(bytes(packet)) != 0
        assert udp_error(relayed(program, bytes(packet))) == udp_error(bytes(packet))


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_hardware_has_added_up_is_corrected(program: Program, family: int) -> None:
    """Else whoever gets the packet from a veth or a bridge takes the hardware for broken."""
    channel = bound(program, family)
    for datagram in (channel.to_peer(b"data of somebody"), channel.to_client(b"data of somebody")):
        verdict, after = program.run_summed(frame(datagram))
        assert (verdict, udp_error(after)) == (REDIRECTED, 0)
