"""Lanes on demand are shared: nobody's dead places keep another customer from its own."""

from procall_mobility.gateway.push.lane.outputs import CloseLane, OpenLane
from procall_mobility.gateway.push.lane_table import TableRules
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.rules import PushRules
from tests.gateway.push.fakes import push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.places import Places

LONG = 86_400.0


def house(most: int = 6, most_of_one: int = 3) -> PushHouse:
    rules = PushRules(table=TableRules(most=most, most_of_one=most_of_one))
    return PushHouse(apps=Places(), rules=rules)


def to(place: str, number: int, customer: str) -> QueuedPush:
    return push(number, app="web", token=place, customer=customer, ttl=LONG)


def holds(home: PushHouse, customer: str, most: int, first: int) -> None:
    """Have a customer push to so many places of its own that are all dead."""
    for number in range(most):
        (receipt,) = home.accepts(to(f"{customer}-{number}", first + number, customer))
        assert receipt.is_accepted


def seated(home: PushHouse) -> set[str]:
    """Return which lanes have, or try to have, connections."""
    lanes: set[str] = set()
    for told in home.news:
        if isinstance(told, OpenLane):
            assert told.lane not in lanes, "opened twice"
            lanes.add(told.lane)
        elif isinstance(told, CloseLane):
            lanes.remove(told.lane)
    return lanes


def of(home: PushHouse, customer: str) -> int:
    return sum(lane.startswith(f"web@{customer}-") for lane in seated(home))


def two_hold_all(most: int = 6) -> PushHouse:
    home = house(most, most // 2)
    holds(home, "acme", most // 2, 0)
    holds(home, "bell", most // 2, 1000)
    assert len(seated(home)) == most
    return home


def test_a_third_customer_gets_its_share_of_lanes_that_two_hold_with_dead_places() -> None:
    home = two_hold_all(1000)
    for number in range(333):
        (receipt,) = home.accepts(to(f"corp-{number}", 2000 + number, "corp"))
        assert receipt.is_accepted
    assert of(home, "corp") == 333
    assert {of(home, "acme"), of(home, "bell")} == {333, 334}
    (receipt,) = home.accepts(to("corp-333", 2333, "corp"))
    assert receipt.reason == "too-many-lanes", "more than a share is only had while some is left"


def test_every_further_customer_gets_one_until_all_have_one() -> None:
    home = two_hold_all()
    for number, customer in enumerate(("corp", "dock", "elk", "fox")):
        (receipt,) = home.accepts(to(f"{customer}-0", 2000 + number, customer))
        assert receipt.is_accepted
    assert len(seated(home)) == 6
    (receipt,) = home.accepts(to("gnu-0", 3000, "gnu"))
    assert receipt.reason == "too-many-lanes"
    assert receipt.retry_after


def test_what_waits_in_a_lane_without_a_place_is_kept_and_goes_out_when_there_is_one() -> None:
    home = two_hold_all()
    home.accepts(to("corp-0", 2000, "corp"))
    (gone,) = home.told(CloseLane)
    assert not home.ended(), "nothing is lost"
    home.opens(10, "web@corp-0").delivers()
    home.later(6.0)
    assert "web@corp-0" not in seated(home), "whoever has no pushes any more makes room"
    assert gone.lane in seated(home)
    home.opens(10, gone.lane).delivers()
    assert list(home.ended().values()) == [State.SENT, State.SENT]


def test_a_lane_with_connections_is_spared_as_long_as_another_has_none() -> None:
    """The dead ones are not missed."""
    home = two_hold_all()
    living = ["web@acme-0", "web@bell-0", "web@acme-1", "web@bell-1"]
    home.opens(1, *living)
    home.accepts(to("corp-0", 2000, "corp"), to("corp-1", 2001, "corp"))
    assert {each.lane for each in home.told(CloseLane)} == {"web@acme-2", "web@bell-2"}


def test_a_lane_with_pushes_in_flight_is_given_up_last_and_their_answers_count() -> None:
    home = two_hold_all()
    home.opens(1, *(f"web@{customer}-{n}" for customer in ("acme", "bell") for n in range(3)))
    flying = home.taken()
    home.accepts(to("corp-0", 2000, "corp"))
    (gone,) = home.told(CloseLane)
    home.delivers(*(each for each in flying if each.lane == gone.lane))
    assert list(home.ended().values()) == [State.SENT]
    assert gone.lane not in home.pipeline.lanes, "without pushes it is no more"
    assert gone.lane not in {each.lane for each in home.told(OpenLane)[6:]}


def test_living_places_take_turns_with_dead_ones_of_the_same_customer() -> None:
    """A customer with more places than its share reaches all of them, by and by."""
    home = two_hold_all()
    home.accepts(to("corp-0", 2000, "corp"), to("corp-1", 2001, "corp"))
    (first, _) = [each.lane for each in home.told(CloseLane)]
    home.later(70.0)
    assert first in seated(home)
    assert len(seated(home)) == 6
    tried = {each.lane for each in home.told(OpenLane)}
    assert len(tried) == 8
    home.opens(10, first).delivers()
    assert len(home.ended()) == 1


def test_lanes_that_work_give_no_place_to_others_of_their_customer() -> None:
    home = two_hold_all(8)
    holds(home, "corp", 2, 2000)
    holds(home, "dock", 2, 3000)
    before = seated(home)
    home.opens(1, *before)
    home.later(600.0)
    assert seated(home) == before
    assert len(home.told(CloseLane)) == 4


def test_a_new_push_for_a_lane_that_waits_is_refused_until_there_is_a_place() -> None:
    home = two_hold_all()
    home.accepts(to("corp-0", 2000, "corp"), to("corp-1", 2001, "corp"))
    gone = home.told(CloseLane)[0].lane.removeprefix("web@")
    customer = gone.partition("-")[0]
    (receipt,) = home.accepts(to(gone, 3000, customer))
    assert receipt.reason == "too-many-lanes"
    home.opens(10, "web@corp-0").delivers()
    (receipt,) = home.accepts(to(gone, 3001, customer))
    assert receipt.is_accepted
    assert f"web@{gone}" in seated(home)


def test_lanes_that_wait_count_so_that_nobody_piles_them_up() -> None:
    home = two_hold_all()
    home.accepts(to("corp-0", 2000, "corp"), to("corp-1", 2001, "corp"))
    home.opens(10, "web@corp-0", "web@corp-1").delivers()
    (receipt,) = home.accepts(to("acme-3", 3, "acme"))
    assert receipt.reason == "too-many-lanes"
    assert sum("acme" in lane for lane in home.pipeline.lanes) == 3


def test_what_expires_in_a_lane_that_waits_is_told_and_the_lane_forgotten() -> None:
    home = two_hold_all()
    home.accepts(to("corp-0", 2000, "corp"))
    home.later(LONG)
    assert list(home.ended().values()) == [State.EXPIRED] * 7
    home.later(600.0)
    assert not seated(home)
    assert not home.pipeline.lanes
    assert home.pipeline.wake_at() is None


def test_an_application_that_is_no_more_ends_lanes_that_wait_as_well() -> None:
    home = two_hold_all()
    assert isinstance(home.apps, Places)
    home.accepts(to("corp-0", 2000, "corp"))
    home.apps.families = set()
    home.pipeline.routes_changed(home.now)
    home.run()
    assert seated(home) == {"apns"}
    assert set(home.ended().values()) == {State.REJECTED}
    assert len(home.ended()) == 7


def test_after_a_restart_everybody_has_a_share_again() -> None:
    home = two_hold_all()
    home.accepts(to("corp-0", 2000, "corp"), to("corp-1", 2001, "corp"))
    home.restarts()
    assert len(seated(home)) == 6
    home.later(6.0)
    assert [of(home, customer) for customer in ("acme", "bell", "corp")] == [2, 2, 2]


def test_only_some_lanes_are_given_their_places_at_a_time() -> None:
    """Each opens a connection: a hundred at once would be felt by whoever calls just then."""
    home = two_hold_all(200)
    for number in range(66):
        home.accepts(to(f"corp-{number}", 2000 + number, "corp"))
    home.opens(10, *(f"web@corp-{number}" for number in range(66))).delivers()
    before = len(home.told(OpenLane))
    home.later(5.0)
    assert len(home.told(OpenLane)) - before == TableRules().turns
    home.later(20.0)
    assert of(home, "acme") + of(home, "bell") == 200
