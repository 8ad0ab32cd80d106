"""However much there is to look at once a second, no call takes long."""

from procall_mobility.datapath import turns
from procall_mobility.datapath.accounts import LEAST
from procall_mobility.datapath.kernel import Sizes
from procall_mobility.datapath.ports import Route
from procall_mobility.datapath.rerouting import AT_A_TIME, MOST, REVISITED
from procall_mobility.protocols.turn.allocation import Channel
from tests.datapath.conftest import MakeStage
from tests.datapath.maps import memory_maps
from tests.datapath.stage import Stage, packed

CROWD = 2 * turns.AT_A_TIME


def some(stage: Stage, count: int) -> list[Channel]:
    """Have so many channels of one allocation carried."""
    allocation = stage.allocation()
    return [stage.carried(allocation, peer=("192.0.2.99", 1 + port)) for port in range(count)]


def crowded(rate: float = 0.0, seconds: float = 600.0) -> tuple[Stage, list[Channel]]:
    """Return a stage with a crowd of allocations that have a channel each."""
    stage = Stage(memory_maps(Sizes(channels=CROWD, allocations=CROWD)), rate)
    channels = [stage.channel(stage.allocation()) for _ in range(CROWD)]
    for channel in channels:
        stage.put(channel, seconds)
    return stage, channels


def on_their_way(stage: Stage, ifindex: int) -> int:
    """Return how many channels leave by an interface."""
    return sum(each.plan.routes[0].ifindex == ifindex for each in stage.table._flows.values())


def test_all_of_a_crowd_are_allowed_more_in_a_second_and_some_in_each_call() -> None:
    stage, channels = crowded(rate=1e6)
    stage.after(2)
    for channel in channels:
        assert stage.relays(channel, sent=LEAST)
    allowed = []
    for _ in range(2):
        stage.after(0.5)
        allowed.append(sum(stage.allowed(each)[0] > 0 for each in channels))
    assert allowed == [CROWD // 2, CROWD]


def test_all_of_a_crowd_that_expire_together_are_gone_in_a_second() -> None:
    stage, _ = crowded(seconds=3)
    stage.after(3)
    stage.after(0.5)
    assert len(stage.table) <= CROWD // 2
    stage.after(0.5)
    assert len(stage.table) == 0 and stage.entries() == {}
    stage.after(1)
    assert stage.table.wake_at() is None


def test_flows_follow_routes_that_move(make_stage: MakeStage) -> None:
    """A line fails, and the other one is taken: within a second, not at the next refresh."""
    stage = make_stage(channels=AT_A_TIME)
    channels = some(stage, AT_A_TIME)
    stage.ways.usual, stage.ways.changed = Route(9, 1280, packed("203.0.113.1")), True
    assert stage.flows(channels[0])[0][6:8] == (1500, 7)
    stage.after(1)
    for channel in channels:
        assert [each[6:8] for each in stage.flows(channel)] == [(1280, 9), (1280, 9)]


def test_many_follow_one_after_the_other_as_many_as_a_second_allows(
    make_stage: MakeStage,
) -> None:
    """And whoever is dropped meanwhile is left out."""
    stage = make_stage(channels=MOST + 100)
    channels = some(stage, MOST + 100)
    stage.ways.usual, stage.ways.changed = Route(9, 1280, b""), True
    stage.after(1)
    assert on_their_way(stage, 9) == AT_A_TIME
    stage.after(0.5)
    assert on_their_way(stage, 9) == MOST
    stage.table.drop(channels[-1])
    stage.after(1)
    assert on_their_way(stage, 9) == len(stage.table) == MOST + 99


def test_routes_that_never_rest_keep_nobody_from_its_turn(make_stage: MakeStage) -> None:
    """A router with all routes of the internet has news in every second, and few matter."""
    stage = make_stage(channels=MOST + 1)
    some(stage, MOST)
    last = stage.carried(peer=("192.0.2.100", 1))
    stage.ways.others[packed("192.0.2.100")] = Route(9, 1280, b"")
    for seconds in (1.5, 1):
        stage.ways.changed = True
        stage.after(seconds)
    assert last.flow.plan.routes[0].ifindex == 9


def test_a_channel_whose_time_is_over_is_not_given_another_way(stage: Stage) -> None:
    """It may be known from the news before it is its turn to expire."""
    channel = stage.carried()
    stage.put(channel, 1.5)
    stage.after(1)
    stage.ways.changed = True
    stage.table._expiring.next = None
    stage.after(1)
    assert channel.flow is None and stage.entries() == {}


def test_a_path_whose_mtu_is_found_to_be_less_is_noticed_in_its_turn(
    make_stage: MakeStage,
) -> None:
    """An ICMP error tells the kernel, and the kernel nobody: RFC 1191 packets would be lost."""
    stage = make_stage(channels=2 * REVISITED + 1)
    channels = some(stage, 2 * REVISITED + 1)
    stage.after(0.5)
    stage.ways.usual = Route(7, 1280, packed("203.0.113.1"))
    for moved in (REVISITED, 2 * REVISITED, 2 * REVISITED + 1):
        stage.after(1)
        assert sum(stage.flows(each)[0][6] == 1280 for each in channels) == moved
    stage.after(1)
    stage.table.drop(stage.table._rerouting._unvisited[0])
    asked = len(stage.ways.asked)
    stage.after(2)
    # Both ways of each; in the second of these seconds only the one that was dropped is left.
    assert len(stage.ways.asked) == asked + 2 * REVISITED
