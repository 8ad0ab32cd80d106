"""What the kernel's program sends: every octet of it."""

import socket
from dataclasses import replace

import pytest

from tests.datapath.turn_relay.ends import FAMILIES, NUMBER, bound, without_choice
from tests.datapath.turn_relay.packets import (
    OTHER_MAC,
    OWN_MAC,
    Datagram,
    frame,
    read_frame,
    udp_error,
)
from tests.datapath.turn_relay.program import REDIRECTED, Program

SIZES = (0, 1, 2, 3, 4, 5, 159, 160, 161, 1199, 1200)
DATA = bytes(range(1, 251)) * 6


def relayed(program: Program, datagram: Datagram) -> Datagram:
    """What the program sends for a datagram; all its lengths and checksums are right."""
    verdict, after = program.run(frame(datagram))
    assert (verdict, program.reasons()) == (REDIRECTED, {})
    assert after[:12] == OWN_MAC + OTHER_MAC, "the kernel puts the next hop's addresses there"
    assert udp_error(after) == 0
    return read_frame(after)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_next_hop_that_is_known_changes_nothing_of_the_packet(
    program: Program, family: int
) -> None:
    """It is what the kernel makes the Ethernet header for."""
    hop = (socket.AF_INET, b"\xc0\0\x02\xfe") if family == 4 else (socket.AF_INET6, b"\xfe" * 16)
    channel = bound(program, family, next_hop=hop)
    sent = relayed(program, channel.to_peer(DATA[:160]))
    assert without_choice(sent) == without_choice(channel.at_peer(DATA[:160]))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("family", FAMILIES)
def test_channel_data_arrives_at_the_peer_without_its_header(
    program: Program, family: int, size: int
) -> None:
    """RFC 8656, 12.6."""
    channel = bound(program, family)
    sent = relayed(program, channel.to_peer(DATA[:size]))
    assert replace(sent, flow_label=0) == channel.at_peer(DATA[:size])
    assert program.carried() == (1, size, 0, 0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_peer_sends_arrives_at_the_client_as_channel_data(
    program: Program, family: int, size: int
) -> None:
    """RFC 8656, 12.7."""
    channel = bound(program, family)
    sent = relayed(program, channel.to_client(DATA[:size]))
    assert replace(sent, flow_label=0) == channel.at_client(DATA[:size])
    assert program.carried() == (0, 0, 1, size)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_peer_sends_may_look_like_channel_data(program: Program, family: int) -> None:
    channel = bound(program, family)
    data = channel.to_peer(b"data").payload
    assert relayed(program, channel.to_client(data)).payload == channel.at_client(data).payload


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("traffic", [0x00, 0x01, 0x02, 0x03, 0xB8, 0xBB, 0xFF])
def test_dscp_and_ecn_stay_as_they_came(program: Program, family: int, traffic: int) -> None:
    """D19, RFC 8656, 13.2 and 14."""
    channel = bound(program, family)
    assert relayed(program, channel.to_peer(b"x", traffic=traffic)).traffic == traffic
    assert relayed(program, channel.to_client(b"x", traffic=traffic)).traffic == traffic


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("hops", [2, 64, 255])
def test_there_is_one_hop_less(program: Program, family: int, hops: int) -> None:
    """D19, RFC 8656, 13.2 and 14."""
    channel = bound(program, family)
    assert relayed(program, channel.to_peer(b"x", hops=hops)).hops == hops - 1
    assert relayed(program, channel.to_client(b"x", hops=hops)).hops == hops - 1


def test_what_must_not_be_fragmented_stays_so(program: Program) -> None:
    """RFC 8656, 14: DF as it came; an identification says nothing then (RFC 6864, 4.1)."""
    channel = bound(program, 4)
    sent = relayed(program, channel.to_peer(b"x", dont_fragment=True, identification=0x4711))
    assert (sent.dont_fragment, sent.identification) == (True, 0x4711)


def test_what_may_be_fragmented_gets_an_identification_of_ours(program: Program) -> None:
    """Else fragments of two clients with one identification would be put together at a peer."""
    channel = bound(program, 4)
    datagram = channel.to_peer(b"x", dont_fragment=False, identification=0x4711)
    sent = [relayed(program, datagram) for _ in range(8)]
    assert not any(each.dont_fragment for each in sent)
    assert len({each.identification for each in sent}) > 1


def test_a_flow_label_is_that_of_the_new_flow(program: Program) -> None:
    """RFC 8656, 13.2: a function of the new addresses and ports, whatever the client's was."""
    channel = bound(program, 6)
    other = replace(channel, peer=replace(channel.peer, port=7000), number=NUMBER + 1)
    other.bind(program)
    labels = [
        relayed(program, way.to_peer(b"x", flow_label=label)).flow_label
        for way, label in ((channel, 0), (channel, 0xABCDE), (other, 0))
    ]
    assert labels[0] == labels[1] != labels[2]


@pytest.mark.parametrize("family", FAMILIES)
def test_it_is_sent_as_long_as_it_fits(program: Program, family: int) -> None:
    """Towards a client it gets four octets longer, towards a peer shorter."""
    overhead = 28 if family == 4 else 48
    channel = bound(program, family, mtu=1000)
    to_peer, to_client = DATA[: 1000 - overhead], DATA[: 1000 - overhead - 4]
    assert relayed(program, channel.to_peer(to_peer)).payload == to_peer
    assert relayed(program, channel.to_client(to_client)).payload[4:] == to_client


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("filling", [1, 13])
def test_what_fills_a_short_frame_is_not_sent(program: Program, family: int, filling: int) -> None:
    """Ethernet's frames have 60 octets at least; what is behind the packet is nobody's data."""
    channel = bound(program, family)
    for datagram, expected in (
        (channel.to_peer(b"x"), channel.at_peer(b"x")),
        (channel.to_client(b"x"), channel.at_client(b"x")),
        (channel.to_client(b""), channel.at_client(b"")),
    ):
        verdict, after = program.run(frame(datagram) + bytes(range(1, filling + 1)))
        assert verdict == REDIRECTED
        assert without_choice(read_frame(after)) == without_choice(expected)
        assert udp_error(after) == 0
