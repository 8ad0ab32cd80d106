"""What a client of ours sends to another one's relayed address goes there at once."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.datapath.turn_relay.ends import FAMILIES, Ends, place
from tests.datapath.turn_relay.packets import Datagram, frame, read_frame, udp_error
from tests.datapath.turn_relay.program import INSIDE, PASSED_UP, REDIRECTED, Program

ALICE, BOB = 1, 2
"""Their slots."""


@dataclass
class Two:
    """Alice's channel to Bob's relayed address, and Bob's to hers."""

    alice: Ends
    bob: Ends

    def bind(self, program: Program, **of_bob: Any) -> None:
        """Write down what Alice sends, and what Bob gets."""
        self.alice.bind_out(program, slot=ALICE, flags=INSIDE, mtu=100)
        self.bob.bind_in(program, **{"slot": BOB, "inside": True, **of_bob})
        program.allow(ALICE)
        program.allow(BOB)

    def at_bob(self, data: bytes, **fields: Any) -> Datagram:
        return self.bob.at_client(data, **fields)


def two(family: int) -> Two:
    server = place(family, 2, 3478)
    alice, bob = place(family, 1, 40001), place(family, 5, 40005)
    of_alice, of_bob = place(family, 3, 50001), place(family, 3, 50002)
    return Two(
        Ends(alice, server, of_alice, of_bob, 0x4001), Ends(bob, server, of_bob, of_alice, 0x4ABC)
    )


@pytest.fixture(params=FAMILIES)
def pair(request: pytest.FixtureRequest) -> Two:
    return two(request.param)


@pytest.mark.parametrize("size", [0, 1, 2, 160, 161, 1200])
def test_data_arrives_in_the_other_clients_channel(program: Program, pair: Two, size: int) -> None:
    """As if it had gone out and come back; nobody takes the first way, so its MTU is no bound."""
    pair.bind(program)
    data = bytes(range(1, 241)) * 5
    verdict, after = program.run(frame(pair.alice.to_peer(data[:size])))
    assert (verdict, udp_error(after)) == (REDIRECTED, 0)
    expected = pair.at_bob(data[:size])
    sent = read_frame(after)
    assert (sent.source, sent.destination, sent.payload, sent.hops, sent.traffic) == (
        expected.source, expected.destination, expected.payload, 63, 0xB8,
    )  # fmt: skip
    assert program.carried(ALICE) == (1, size, 0, 0)
    assert program.carried(BOB) == (0, 0, 1, size)


def test_what_the_hardware_has_added_up_is_corrected(program: Program, pair: Two) -> None:
    pair.bind(program)
    verdict, after = program.run_summed(frame(pair.alice.to_peer(b"data of somebody")))
    assert (verdict, udp_error(after)) == (REDIRECTED, 0)


def test_what_fills_a_short_frame_is_not_sent(program: Program, pair: Two) -> None:
    pair.bind(program)
    verdict, after = program.run(frame(pair.alice.to_peer(b"x")) + b"filling")
    assert (verdict, read_frame(after).payload) == (REDIRECTED, pair.at_bob(b"x").payload)


def passes_up(program: Program, pair: Two, reason: str, data: bytes = b"data") -> None:
    """Show that a packet comes up untouched, and costs neither of both anything."""
    accounts = program.carried(ALICE), program.carried(BOB)
    packet = frame(pair.alice.to_peer(data))
    assert program.run(packet) == (PASSED_UP, packet)
    assert (program.carried(ALICE), program.carried(BOB)) == accounts
    assert program.reasons() == {reason: 1}


def test_without_a_channel_of_the_other_it_passes_up(program: Program, pair: Two) -> None:
    pair.alice.bind_out(program, slot=ALICE, flags=INSIDE)
    program.allow(ALICE)
    passes_up(program, pair, "no-way-in")


def test_an_expired_channel_of_the_other_passes_it_up(program: Program, pair: Two) -> None:
    pair.bind(program, expires=1)
    passes_up(program, pair, "expired")


def test_what_the_other_may_not_receive_passes_up(program: Program, pair: Two) -> None:
    """And the first one gets back what was drawn."""
    pair.bind(program)
    program.allow(BOB, received=3)
    passes_up(program, pair, "spent")


def test_what_the_first_may_not_send_passes_up(program: Program, pair: Two) -> None:
    pair.bind(program)
    program.allow(ALICE, sent=3)
    passes_up(program, pair, "spent")


def test_the_last_way_has_to_be_wide_enough(program: Program, pair: Two) -> None:
    pair.bind(program, mtu=1000)
    overhead = 28 if pair.alice.client.address.version == 4 else 48
    verdict, _ = program.run(frame(pair.alice.to_peer(bytes(1000 - overhead - 4))))
    assert verdict == REDIRECTED
    passes_up(program, pair, "too-large", bytes(1000 - overhead - 3))


def test_a_slot_beyond_the_ledger_passes_it_up(program: Program, pair: Two) -> None:
    pair.bind(program, slot=2**31)
    packet = frame(pair.alice.to_peer(b"data"))
    assert program.run(packet) == (PASSED_UP, packet)
    assert program.carried(ALICE) == (0, 0, 0, 0)


def test_a_flow_of_another_key_passes_it_up(program: Program, pair: Two) -> None:
    """Either of both may have become somebody else's while the program looked at it."""
    pair.bind(program, key_sum=1)
    passes_up(program, pair, "unknown")
    program.reset()
    pair.bind(program)
    pair.alice.bind_out(program, slot=ALICE, flags=INSIDE, key_sum=1)
    passes_up(program, pair, "unknown")


def test_a_packet_from_a_wire_cannot_pretend_to_be_of_the_other(
    program: Program, pair: Two
) -> None:
    """Its source is an address of this machine: behind the program, nobody takes such packets."""
    pair.bind(program)
    packet = frame(pair.bob.to_client(b"data"))
    assert program.run(packet) == (PASSED_UP, packet)
    assert program.carried(BOB) == (0, 0, 0, 0)
