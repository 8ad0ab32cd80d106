"""How long and how much the kernel's program relays: what the daemon wrote down, exactly."""

from threading import Thread

import pytest

from tests.datapath.turn_relay.ends import FAMILIES, Ends, bound, ends
from tests.datapath.turn_relay.packets import Datagram, frame
from tests.datapath.turn_relay.program import PASSED_UP, REDIRECTED, Program, coarse_now


def relays(program: Program, datagram: Datagram) -> bool:
    packet = frame(datagram)
    verdict, after = program.run(packet)
    assert verdict == REDIRECTED or (verdict, after) == (PASSED_UP, packet)
    return verdict == REDIRECTED


def both(channel: Ends, data: bytes) -> tuple[Datagram, Datagram]:
    return channel.to_peer(data), channel.to_client(data)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_flow_ends_at_its_very_nanosecond(program: Program, family: int) -> None:
    """D15: the clock stands still between two ticks, so both sides of one can be seen."""
    for direction in (0, 1):
        for _ in range(1000):
            now = coarse_now()
            at_once, one_later = ends(family, 0x4001), ends(family, 0x4002)
            at_once.bind(program, expires=now)
            program.allow(0)
            ended = relays(program, both(at_once, b"x")[direction])
            one_later.bind(program, expires=now + 1)
            lives = relays(program, both(one_later, b"x")[direction])
            assert not ended
            if coarse_now() == now:
                break
        assert lives
    assert program.reasons()["expired"] >= 2


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_relayed_while_it_is_switched_off(program: Program, family: int) -> None:
    channel = bound(program, family)
    for number, datagram in enumerate(both(channel, b"data"), 1):
        program.switch(on=False)
        assert not relays(program, datagram)
        assert program.reasons() == {"off": number}
        program.switch(on=True)
        assert relays(program, datagram)


@pytest.mark.parametrize("family", FAMILIES)
def test_packets_and_octets_are_counted_in_the_account_of_the_flow(
    program: Program, family: int
) -> None:
    """Octets of application data, as the daemon counts them."""
    channel = bound(program, family, slot=3)
    for size in (0, 1, 160, 1200):
        assert relays(program, channel.to_peer(bytes(size)))
    for size in (7, 93):
        assert relays(program, channel.to_client(bytes(size)))
    assert program.carried(3) == (4, 1361, 2, 100)
    assert all(program.carried(slot) == (0, 0, 0, 0) for slot in range(16) if slot != 3)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_allowed_is_spent_to_the_octet(program: Program, family: int) -> None:
    """D14: of two packets only one fits; afterwards a smaller one still does."""
    channel = ends(family)
    channel.bind(program)
    program.allow(0, sent=200, received=300)
    assert relays(program, channel.to_peer(bytes(101)))
    assert not relays(program, channel.to_peer(bytes(100)))
    assert program.carried() == (1, 101, 0, 0)
    assert relays(program, channel.to_peer(bytes(99)))
    assert not relays(program, channel.to_peer(b"1"))
    assert relays(program, channel.to_peer(b"")), "nothing costs nothing"
    assert program.carried() == (3, 200, 0, 0)
    assert relays(program, channel.to_client(bytes(300))), "each direction has its own"
    assert not relays(program, channel.to_client(b"1"))
    assert program.carried() == (3, 200, 1, 300)
    assert program.reasons() == {"spent": 3}


@pytest.mark.parametrize("family", FAMILIES)
def test_more_is_relayed_once_more_is_allowed(program: Program, family: int) -> None:
    channel = ends(family)
    channel.bind(program)
    program.allow(0, sent=100, received=0)
    assert relays(program, channel.to_peer(bytes(100)))
    assert not relays(program, channel.to_peer(bytes(1)))
    program.allow(0, sent=150, received=0)
    assert relays(program, channel.to_peer(bytes(50)))
    program.allow(0, sent=0, received=0)
    assert not relays(program, channel.to_peer(bytes(1))), "what is taken back at once"
    assert program.carried() == (2, 150, 0, 0)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_slot_beyond_the_ledger_relays_nothing(program: Program, family: int) -> None:
    channel = ends(family)
    channel.bind(program, slot=2**32 - 1)
    assert not any(relays(program, datagram) for datagram in both(channel, b"data"))
    assert program.reasons() == {"unknown": 2}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_direction_has_its_own_flow(program: Program, family: int) -> None:
    channel = ends(family)
    program.allow(0)
    channel.bind_out(program)
    assert [relays(program, datagram) for datagram in both(channel, b"data")] == [True, False]
    program.reset()
    program.allow(0)
    channel.bind_in(program)
    assert [relays(program, datagram) for datagram in both(channel, b"data")] == [False, True]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_flow_of_another_key_relays_nothing(program: Program, family: int) -> None:
    """The kernel may give a flow's memory to another one while the program still looks at it."""
    channel = ends(family)
    program.allow(0)
    channel.bind(program, key_sum=1)
    assert not any(relays(program, datagram) for datagram in both(channel, b"data"))
    assert program.reasons() == {"unknown": 2}
    assert program.carried() == (0, 0, 0, 0)
    channel.bind(program, key_sum=0)
    assert all(relays(program, datagram) for datagram in both(channel, b"data")), "it need not say"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_way_to_a_client_without_a_number_relays_nothing(program: Program, family: int) -> None:
    channel = ends(family, 0)
    channel.bind_in(program)
    program.allow(0)
    assert not relays(program, channel.to_client(b"data"))
    assert program.reasons() == {"no-way-in": 1}


def test_several_processors_spend_no_more_than_is_allowed(program: Program) -> None:
    """Packets of one client come in by several queues; none is counted twice or not at all."""
    channel = ends(4)
    channel.bind(program)
    program.allow(0, sent=100 * 800)
    packet = frame(channel.to_peer(bytes(100)))

    def run() -> None:
        for _ in range(600):
            program.run(packet)

    threads = [Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert program.carried() == (800, 80_000, 0, 0)
    assert program.reasons() == {"spent": 1000}
