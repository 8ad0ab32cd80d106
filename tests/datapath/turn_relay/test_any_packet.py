"""Whatever comes in: it is relayed as a model in Python says, or passes up untouched."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.datapath.turn_relay.ends import FAMILIES, Ends, place, without_choice
from tests.datapath.turn_relay.model import Model
from tests.datapath.turn_relay.packets import (
    OTHER_MAC,
    OWN_MAC,
    Datagram,
    End,
    channel_data,
    frame,
    ones_sum,
    read_frame,
    udp_error,
)
from tests.datapath.turn_relay.program import PASSED_UP, REDIRECTED, Program

NUMBERS = (0x4000, 0x4001, 0x7FFF)
HOSTS, PORTS = (1, 2, 3, 4), (3478, 40001, 50001, 50002)
MTU = 80
QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Under two seconds for each family."""


def channels(family: int) -> list[tuple[Ends, bool]]:
    """Two clients, each with a peer outside and with one another; whether it is that."""
    server, peer = place(family, 2, 3478), place(family, 4, 3478)
    alice, bob = place(family, 1, 40001), place(family, 1, 50001)
    of_alice, of_bob = place(family, 3, 50001), place(family, 3, 50002)
    return [
        (Ends(alice, server, of_alice, peer, NUMBERS[0]), False),
        (Ends(alice, server, of_alice, of_bob, NUMBERS[1]), True),
        (Ends(bob, server, of_bob, peer, NUMBERS[0]), False),
        (Ends(bob, server, of_bob, of_alice, NUMBERS[2]), True),
    ]


def known_ends(family: int) -> list[tuple[End, End]]:
    return [
        pair
        for ends, _ in channels(family)
        for pair in ((ends.client, ends.server), (ends.peer, ends.relayed))
    ]


@st.composite
def datagrams(draw: st.DrawFn, family: int) -> Datagram:
    """Draw one that often is of a flow, and often nearly so."""
    data = draw(st.binary(max_size=56))
    if draw(st.booleans()):
        data = channel_data(draw(st.sampled_from(NUMBERS)), data)
    end = st.builds(place, st.just(family), st.sampled_from(HOSTS), st.sampled_from(PORTS))
    source, destination = draw(st.sampled_from(known_ends(family)) | st.tuples(end, end))
    return Datagram(
        source,
        destination,
        data,
        hops=draw(st.sampled_from((64, 255, 2, 1, 0))),
        traffic=draw(st.integers(0, 255)),
        dont_fragment=draw(st.booleans()) if family == 4 else True,
        identification=draw(st.integers(0, 0xFFFF)) if family == 4 else 0x1234,
        flow_label=draw(st.integers(0, 0xFFFFF)) if family == 6 else 0,
        summed=draw(st.integers(0, 4)) > 0,
    )


@st.composite
def packets(draw: st.DrawFn, family: int) -> bytes:
    """Draw a good packet, or one that was mutated, cut off or filled up."""
    octets = bytearray(frame(draw(datagrams(family))))
    header = 34 if family == 4 else 54
    kind = draw(st.integers(0, 5))
    if kind == 0:
        for _ in range(draw(st.integers(1, 4))):
            octets[draw(st.integers(0, min(len(octets), header + 12) - 1))] = draw(
                st.integers(0, 255)
            )
        if family == 4 and draw(st.booleans()):
            octets[24:26] = bytes(2)
            octets[24:26] = (0xFFFF - ones_sum(octets[14:34])).to_bytes(2, "big")
    elif kind == 1:
        del octets[draw(st.integers(header, len(octets))) :]
    elif kind == 2:
        octets += draw(st.binary(max_size=40))
    elif kind == 3:
        octets[header:] = draw(st.binary(max_size=40))
    return bytes(octets)


def check(program: Program, family: int, octets: bytes) -> None:
    program.reset()
    model = Model(MTU, program)
    for slot, (channel, inside) in enumerate(channels(family)):
        model.bind(channel, slot, inside=inside)
        program.allow(slot)
    expected = model.relayed(octets)
    verdict, after = program.run(octets)
    if expected is None:
        assert (verdict, after) == (PASSED_UP, octets)
        assert not any(sum(program.carried(slot)) for slot in range(4))
        return
    assert verdict == REDIRECTED
    assert after[:14] == octets[:14]
    assert without_choice(read_frame(after)) == without_choice(expected)
    assert udp_error(after) == udp_error(octets)
    assert program.reasons() == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_packets_are_relayed_as_the_model_does_it(program: Program, family: int) -> None:
    """D18: the same octets, or untouched; never anything else."""

    @QUICK
    @given(packets(family))
    def test(octets: bytes) -> None:
        check(program, family, octets)

    test()


@pytest.mark.parametrize("family", FAMILIES)
def test_random_octets_pass_up(program: Program, family: int) -> None:
    kind = b"\x08\x00" if family == 4 else b"\x86\xdd"

    @settings(QUICK, max_examples=60)
    @given(st.binary(min_size=40, max_size=100))
    def test(octets: bytes) -> None:
        check(program, family, OWN_MAC + OTHER_MAC + kind + octets)

    test()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_model_relays_and_passes_up(program: Program, family: int) -> None:
    """What the tests above compare with is not always the same."""
    model = Model(MTU, program)
    (out, _), (across, _), *_ = channels(family)
    model.bind(out, 0)
    assert model.relayed(frame(out.to_peer(b"x"))) == out.at_peer(b"x")
    assert model.relayed(frame(out.to_client(b"x"))) == out.at_client(b"x")
    assert model.relayed(frame(across.to_peer(b"x"))) is None
    assert model.relayed(frame(replace(out.to_peer(b"x"), hops=1))) is None
