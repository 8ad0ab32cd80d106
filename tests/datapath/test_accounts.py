"""What the kernel may carry is drawn from the shared buckets before, and counted afterwards."""

import pytest

from procall_mobility.datapath.accounts import LEAST, LITTLE, MOST, UNBOUNDED
from procall_mobility.datapath.layout import ACCOUNT_WORDS, OCTETS
from procall_mobility.protocols.turn.allocation import Channel
from tests.datapath.conftest import MakeStage
from tests.datapath.stage import Stage

FAST = 12_500_000.0
SOME = 1_000_000


def test_without_bounds_it_may_carry_for_ever(stage: Stage) -> None:
    channel = stage.carried()
    assert stage.allowed(channel) == (UNBOUNDED, UNBOUNDED)
    assert stage.relays(channel, sent=10**12, received=10**12)
    before = stage.maps.ledger.tobytes()
    stage.after(5)
    assert stage.maps.ledger.tobytes() == before


def test_it_may_carry_a_little_at_first(make_stage: MakeStage) -> None:
    """Every share pays: the customer's, the user's, the address's."""
    stage = make_stage(rate=FAST)
    channel = stage.carried()
    assert stage.allowed(channel) == (LEAST, LEAST)
    for share in channel.relay.allocation.shares:
        assert share.up.holds(stage.now) == share.down.holds(stage.now) == FAST - LEAST


def test_the_poorest_share_decides(make_stage: MakeStage) -> None:
    stage = make_stage()
    channel = stage.carried(stage.allocation(rates=(FAST, 1000.0, 0.0)))
    assert stage.allowed(channel) == (1000, 1000)


def test_nothing_is_allowed_when_a_bucket_is_empty_until_it_fills(make_stage: MakeStage) -> None:
    stage = make_stage()
    allocation = stage.allocation(rates=(1000.0,))
    allocation.shares[0].up.take(1000.0)
    channel = stage.carried(allocation)
    assert stage.allowed(channel) == (0, 1000)
    stage.after(1)
    assert stage.allowed(channel) == (1000, 2000)


def test_each_second_as_much_is_allowed_as_two_like_it_take(make_stage: MakeStage) -> None:
    stage = make_stage(rate=FAST)
    channel = stage.carried()
    _rush(stage, channel, SOME)
    stage.after(1)
    assert stage.allowed(channel) == (2 * SOME, LEAST)


def test_a_quiet_call_is_left_alone_while_it_has_enough(make_stage: MakeStage) -> None:
    """Voice takes 8 or 12 KiB a second, so its buckets are asked every few seconds only."""
    stage = make_stage(rate=FAST)
    channel = stage.carried()
    stage.relays(channel, sent=8000, received=12_000)
    stage.after(1)
    assert stage.allowed(channel) == (LEAST - 8000, LEAST - 12_000)
    for _ in range(2):
        stage.relays(channel, sent=8000, received=12_000)
        stage.after(1)
    assert stage.allowed(channel) == (LEAST - 24_000, LEAST)


def test_nobody_hoards_more_than_a_bound(make_stage: MakeStage) -> None:
    """Whoever was very fast in one second."""
    stage = make_stage(rate=1e9)
    channel = stage.carried()
    _rush(stage, channel, 9 * MOST)
    assert stage.allowed(channel)[0] <= MOST
    stage.after(1)
    assert stage.allowed(channel)[0] == MOST


def test_a_busier_second_than_the_last_is_allowed_more_at_once(make_stage: MakeStage) -> None:
    stage = make_stage(rate=FAST)
    channel = stage.carried()
    for carried in (LEAST, 3 * LEAST, 9 * LEAST):
        assert stage.relays(channel, received=stage.allowed(channel)[1])
        stage.table.spent(channel.relay.allocation, stage.now)
        assert stage.allowed(channel) == (LEAST, 2 * carried)


def test_packets_that_come_up_for_other_reasons_cost_nothing(make_stage: MakeStage) -> None:
    stage = make_stage(rate=FAST)
    channel = stage.carried()
    stage.relays(channel, sent=LEAST - LITTLE)
    for _ in range(3):
        stage.table.spent(channel.relay.allocation, stage.now)
    assert stage.allowed(channel) == (LITTLE, LEAST)


def test_asking_for_more_counts_nothing(make_stage: MakeStage) -> None:
    """Loops over datagrams that keep their own count ask."""
    stage = make_stage(rate=FAST)
    channel = stage.carried()
    allocation = channel.relay.allocation
    stage.relays(channel, sent=LEAST)
    stage.table.spent(allocation, stage.now)
    stage.after(1)
    assert allocation.sent_octets == allocation.carried_octets == 0


def test_what_was_carried_is_counted_once(make_stage: MakeStage) -> None:
    """It is no debt: what Python may still relay by itself stays the same."""
    stage = make_stage(rate=FAST)
    channel = stage.carried()
    allocation = channel.relay.allocation
    allocation.sent_allowed, allocation.received_allowed = 10.0, 20.0
    for sent, received in ((160, 1200), (160, 0), (0, 1), (0, 0)):
        stage.relays(channel, sent=sent, received=received)
        stage.table.settle(allocation)
    assert (allocation.sent_packets, allocation.sent_octets) == (2, 320)
    assert (allocation.received_packets, allocation.received_octets) == (2, 1201)
    assert (allocation.carried_packets, allocation.carried_octets) == (4, 1521)
    assert (allocation.sent_allowed, allocation.received_allowed) == (330.0, 1221.0)


def test_what_everybody_was_carried_is_counted(stage: Stage) -> None:
    one, other = stage.carried(), stage.carried()
    stage.relays(one, sent=100, received=10)
    stage.relays(other, sent=1)
    assert (stage.table.carried.packets, stage.table.carried.octets) == (3, 111)
    stage.table.drop(one)
    assert (stage.table.carried.packets, stage.table.carried.octets) == (3, 111)


def test_allocations_that_are_not_carried_have_nothing_to_settle(stage: Stage) -> None:
    allocation = stage.allocation()
    stage.table.settle(allocation)
    stage.table.release(allocation)
    stage.table.spent(allocation, stage.now)
    assert allocation.carried_packets == 0


@pytest.mark.parametrize("rate", [0.0, FAST])
def test_the_last_packets_are_counted_when_it_ends(make_stage: MakeStage, rate: float) -> None:
    stage = make_stage(rate=rate)
    channel = stage.carried()
    stage.relays(channel, sent=160, received=161)
    stage.table.drop(channel)
    allocation = channel.relay.allocation
    assert (allocation.sent_octets, allocation.received_octets) == (160, 161)


def test_what_was_drawn_and_not_used_is_given_back(make_stage: MakeStage) -> None:
    stage = make_stage(rate=FAST)
    channel = stage.carried()
    stage.relays(channel, sent=160)
    stage.table.drop(channel)
    for share in channel.relay.allocation.shares:
        assert share.up.holds(stage.now) == FAST - 160
        assert share.down.holds(stage.now) == FAST


def test_a_packet_being_taken_back_is_not_counted(make_stage: MakeStage) -> None:
    """Two processors raced for the last octets: for a moment there is more than was allowed."""
    stage = make_stage(rate=FAST)
    channel = stage.carried()
    word = stage.slot(channel) * ACCOUNT_WORDS + OCTETS
    stage.relays(channel, sent=LEAST - 100)
    stage.maps.ledger[word] += 1200
    stage.table.settle(channel.relay.allocation)
    assert channel.relay.allocation.sent_octets <= LEAST
    stage.maps.ledger[word] -= 1200
    stage.table.settle(channel.relay.allocation)
    assert channel.relay.allocation.sent_octets == LEAST - 100


def test_the_next_one_in_a_slot_begins_at_nothing(make_stage: MakeStage) -> None:
    """Only the kernel writes what is counted, so it goes on from where the last one was."""
    stage = make_stage(rate=FAST)
    first = stage.carried()
    slot = stage.slot(first)
    stage.relays(first, sent=500, received=600)
    stage.table.release(first.relay.allocation)
    stage.table.wake(stage.now)
    stage.carried()
    stage.after(2)
    second = stage.carried()
    assert stage.slot(second) == slot and stage.allowed(second) == (LEAST, LEAST)
    stage.relays(second, sent=1)
    stage.table.settle(second.relay.allocation)
    assert second.relay.allocation.sent_octets == 1


def _rush(stage: Stage, channel: Channel, octets: int) -> None:
    """Carry so much within a second, asking for more whenever it is used up."""
    while octets:
        now = min(octets, stage.allowed(channel)[0])
        assert now and stage.relays(channel, sent=now)
        octets -= now
        stage.table.spent(channel.relay.allocation, stage.now)
