"""The flow table when there is no room, when routes move, and when it ends."""

import pytest

from procall_mobility.datapath.layout import REASONS
from procall_mobility.datapath.ports import Route
from tests.datapath.conftest import MakeStage
from tests.datapath.stage import Stage, Way, packed


def test_when_the_table_is_full_channels_are_left_to_us(make_stage: MakeStage) -> None:
    stage = make_stage(channels=2)
    allocation = stage.allocation()
    first, second, third = (
        stage.carried(allocation, peer=("192.0.2.99", port)) for port in (1, 2, 3)
    )
    assert third.flow is None and stage.table.left == {"table-full": 1}
    assert len(stage.entries()) == 4
    # Those that are there are refreshed all the same, and room is taken as it comes.
    stage.now += 60
    stage.put(first)
    stage.table.drop(second)
    stage.put(third)
    assert first.flow is not None and third.flow is not None
    assert len(stage.entries()) == 4


def test_half_a_channel_is_not_left_in_a_full_table(make_stage: MakeStage) -> None:
    stage = make_stage(channels=1)
    kept = stage.carried()
    stage.carried()
    assert stage.entries().keys() == set(kept.flow.plan.keys)


def test_when_the_ledger_is_full_channels_are_left_to_us(make_stage: MakeStage) -> None:
    """There are twice as many slots as allocations, as slots rest for a second."""
    stage = make_stage(allocations=1)
    first, second, third = stage.carried(), stage.carried(), stage.carried()
    assert third.flow is None and stage.table.left == {"ledger-full": 1}
    stage.table.drop(first)
    stage.put(third)
    assert third.flow is None
    stage.after(1.5)
    stage.put(third)
    assert third.flow is not None and second.flow is not None


def test_all_channels_of_an_allocation_share_a_slot(stage: Stage) -> None:
    allocation = stage.allocation()
    one, other = (stage.carried(allocation, peer=("192.0.2.99", port)) for port in (1, 2))
    assert stage.slot(one) == stage.slot(other) != stage.slot(stage.carried())


def test_a_slot_rests_before_it_is_somebody_elses(stage: Stage) -> None:
    """A packet on its way in the kernel is not counted for a stranger."""
    first = stage.carried()
    slot = stage.slot(first)
    stage.now += 0.9
    stage.table.drop(first)  # Which says no time: it rests from the next known one on.
    stage.now += 0.5
    assert stage.slot(stage.carried()) != slot
    stage.now += 0.9
    assert stage.slot(stage.carried()) != slot
    stage.now += 0.2
    assert stage.slot(stage.carried()) == slot


def test_new_owners_of_an_address_push_the_old_ones_out(stage: Stage) -> None:
    """Of one key there is one entry; dropping the older channel later must not take it away."""
    alice = stage.allocation()
    old = stage.carried(alice)
    bob = stage.allocation()
    bob.path = Way(alice.path.client, alice.path.server)
    new = stage.carried(bob)
    assert old.flow is None and new.flow is not None
    stage.table.drop(old)
    assert stage.entries().keys() == set(new.flow.plan.keys)


def test_a_released_allocation_leaves_nothing(stage: Stage) -> None:
    allocation, other = stage.allocation(), stage.carried()
    channels = [stage.carried(allocation, peer=("192.0.2.99", port)) for port in (1, 2)]
    slot = stage.slot(channels[0])
    stage.table.release(allocation)
    stage.table.release(allocation)
    assert [each.flow for each in channels] == [None, None]
    assert stage.entries().keys() == set(other.flow.plan.keys)
    assert stage.maps.ledger[slot * 16 + 2] == stage.maps.ledger[slot * 16 + 10] == 0


@pytest.mark.parametrize("host", ["198.51.100.7", "192.0.2.99"])
def test_flows_follow_a_route_of_one_side(stage: Stage, host: str) -> None:
    """A path's MTU is found to be less: the next refresh is the first to know."""
    channel = stage.carried()
    stage.ways.others[packed(host)] = Route(7, 1280, packed("203.0.113.1"))
    stage.after(240)
    stage.put(channel)
    assert sorted(each[6] for each in stage.flows(channel)) == [1280, 1500]


def test_a_route_that_is_gone_leaves_its_channels_to_us(stage: Stage) -> None:
    channel = stage.carried()
    stage.ways.usual, stage.ways.changed = None, True
    stage.after(1)
    assert channel.flow is None and stage.entries() == {} and stage.table.left == {"no-way": 1}


def test_it_is_woken_while_there_is_something_to_carry(stage: Stage) -> None:
    called = []
    stage.table.sooner = lambda: called.append(stage.table.wake_at())
    assert stage.table.wake_at() is None
    stage.table.wake(stage.now)
    channel = stage.carried()
    stage.carried()
    assert called == [stage.now + 1]
    stage.table.wake(stage.now)
    assert stage.table.wake_at() == stage.now + 1
    stage.table.release(channel.relay.allocation)
    stage.after(1)
    assert stage.table.wake_at() == stage.now + 1


def test_the_switch_is_a_word_the_program_reads(stage: Stage) -> None:
    stage.maps.control[0] = 0
    assert not stage.table.enabled
    stage.table.enabled = True
    assert stage.maps.control[0] == 1 and stage.table.enabled
    stage.table.enabled = False
    assert stage.maps.control[0] == 0


def test_why_packets_passed_up_is_told_by_name(stage: Stage) -> None:
    assert stage.table.passed_up() == dict.fromkeys(REASONS, 0)
    stage.maps.control[1 + REASONS.index("expired")] = 5
    assert stage.table.passed_up()["expired"] == 5


@pytest.mark.parametrize("times", [1, 2])
def test_a_closed_table_carries_nothing(stage: Stage, times: int) -> None:
    stage.table.enabled = True
    channel = stage.carried()
    for _ in range(times):
        stage.table.close()
    assert stage.entries() == {} and channel.flow is None and not stage.table.enabled
    stage.put(channel)
    stage.table.settle(channel.relay.allocation)
    stage.table.spent(channel.relay.allocation, stage.now)
    assert stage.entries() == {} and channel.flow is None


def test_a_closed_table_tells_what_there_was_after_its_maps_have_gone(stage: Stage) -> None:
    """The daemon is asked for its status still, while it lets its connections go."""
    stage.table.enabled = True
    stage.maps.control[1 + REASONS.index("expired")] = 5
    stage.table.close()
    stage.maps.control.release()
    stage.maps.ledger.release()
    stage.table.enabled = True
    assert not stage.table.enabled and stage.table.passed_up()["expired"] == 5
    assert (stage.table.carried.packets, len(stage.table)) == (0, 0)


def test_what_goes_wrong_when_it_is_woken_does_so_once_a_second(stage: Stage) -> None:
    """Its alarm rings again whatever happens: it must not ring at once."""
    stage.carried()
    del stage.ways.changed
    stage.now += 1
    with pytest.raises(AttributeError):
        stage.table.wake(stage.now)
    assert stage.table.wake_at() == stage.now + 1
