"""Lanes on demand: they come with pushes, go when idle, and their number is bounded."""

import pytest

from procall_mobility.gateway.push.lane.outputs import (
    CloseLane,
    OpenLane,
    TroubleOver,
    TroubleRaised,
)
from procall_mobility.gateway.push.lane_table import TableRules
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.rules import PushRules
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Delivered, LaneRefused
from tests.gateway.push.fakes import UNIX, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.places import Places


def house(most: int = 3, most_of_one: int = 2) -> PushHouse:
    rules = PushRules(table=TableRules(most=most, most_of_one=most_of_one, idle_for=300.0))
    return PushHouse(apps=Places(), rules=rules)


def to(place: str, number: int, **members: object) -> QueuedPush:
    return push(number, app="web", token=place, **members)  # type: ignore[arg-type]


def opened(house: PushHouse) -> list[str]:
    return [each.lane for each in house.told(OpenLane)]


def closed(house: PushHouse) -> list[str]:
    return [each.lane for each in house.told(CloseLane)]


def test_a_lane_opens_with_the_first_push_to_its_place() -> None:
    home = house()
    home.accepts(to("a", 1), to("b", 2), to("a", 3))
    assert opened(home) == ["web@a", "web@b"]
    home.opens(10, "web@a")
    assert home.ids() == [push(1).id, push(3).id]


def test_a_standing_lane_is_open_before_anybody_needs_it_and_stays() -> None:
    home = house()
    home.pipeline.routes_changed(home.now)
    home.run()
    assert opened(home) == ["apns"]
    home.later(10_000.0)
    assert (closed(home), list(home.pipeline.lanes)) == ([], ["apns"])


def test_an_idle_lane_closes_after_a_while_and_opens_again() -> None:
    home = house()
    home.accepts(to("a", 1))
    home.opens(10, "web@a").delivers()
    home.later(299.0)
    assert closed(home) == []
    home.later(2.0)
    assert closed(home) == ["web@a"]
    assert home.pipeline.wake_at() is None
    home.accepts(to("a", 2))
    assert opened(home) == ["web@a", "web@a"]


@pytest.mark.parametrize(
    "began", [1778.704, 8065.976, 3879.445, 130973.224, 1809.143878, 242.494744]
)
def test_whatever_is_rounded_a_lane_closes_when_the_alarm_rings(began: float) -> None:
    """The difference of two times is not always what their sum was made of."""
    home = house()
    home.now = began
    home.accepts(to("a", 1))
    home.opens(10, "web@a").delivers()
    home.later(301.0)
    assert closed(home) == ["web@a"]


def test_a_lane_with_a_push_that_waits_stays_however_long_that_is() -> None:
    home = house()
    home.accepts(to("a", 1, ttl=86_400.0), to("b", 2, not_before=UNIX + 4000.0, ttl=86_400.0))
    home.later(3600.0)
    assert closed(home) == []
    home.opens(10, "web@a", "web@b").delivers()
    home.later(299.0)
    assert closed(home) == []


def test_of_two_lanes_the_one_used_later_stays_longer() -> None:
    home = house()
    home.accepts(to("a", 1), to("b", 2))
    home.opens(10, "web@a", "web@b").delivers()
    home.later(200.0)
    home.accepts(to("a", 3))
    home.delivers()
    home.later(150.0)
    assert closed(home) == ["web@b"]
    home.later(150.0)
    assert closed(home) == ["web@b", "web@a"]


def test_a_push_to_one_place_too_many_is_refused_with_a_time_to_try_again() -> None:
    home = house(most=2, most_of_one=2)
    home.accepts(to("a", 1), to("b", 2))
    (receipt,) = home.accepts(to("c", 3))
    assert (receipt.state, receipt.reason) == (State.REJECTED, "too-many-lanes")
    assert receipt.retry_after == 60.0
    (receipt,) = home.accepts(to("b", 4))
    assert receipt.is_accepted, "that place has its lane"
    (receipt,) = home.accepts(push(5))
    assert receipt.is_accepted, "standing lanes count for nothing"


def test_the_lane_idle_for_longest_makes_room() -> None:
    home = house(most=3, most_of_one=3)
    home.accepts(to("a", 1), to("b", 2), to("c", 3))
    home.opens(10, "web@a", "web@b").delivers()
    (receipt,) = home.accepts(to("d", 4))
    assert receipt.is_accepted
    assert closed(home) == ["web@a"]
    assert set(home.pipeline.lanes) == {"web@b", "web@c", "web@d"}


def test_one_customer_leaves_lanes_for_the_others() -> None:
    """Whoever can register tokens names places: a flood of them is their customer's trouble."""
    home = house(most=3, most_of_one=2)
    home.accepts(to("a", 1), to("b", 2))
    (receipt,) = home.accepts(to("c", 3))
    assert receipt.reason == "too-many-lanes"
    (receipt,) = home.accepts(to("c", 4, customer="other"))
    assert receipt.is_accepted
    home.opens(10, "web@b", "web@c").delivers()
    (receipt,) = home.accepts(to("d", 5))
    assert receipt.is_accepted
    assert closed(home) == ["web@b"], "room was made among their own"


def test_a_batch_to_many_places_does_not_push_its_own_lanes_out() -> None:
    """Not even while it is not written."""
    home = house(most=2, most_of_one=2)
    home.commits = False
    receipts = home.accepts(*(to(f"place-{number}", number) for number in range(5)))
    home.store.commit()
    home.run()
    assert [each.reason for each in receipts] == [None, None, *["too-many-lanes"] * 3]
    assert len(home.pipeline.lanes) == 2


def test_what_was_accepted_finds_its_lane_however_many_there_are() -> None:
    """One after the other, where there is no place for all of them at once."""
    home = house(most=3, most_of_one=3)
    home.accepts(*(to(f"place-{number}", number, ttl=1e6) for number in range(3)))
    home.rules = PushRules(table=TableRules(most=1, most_of_one=1))
    home.restarts()
    for number in range(3):
        assert opened(home) == [f"web@place-{each}" for each in range(number + 1)]
        home.opens(10, f"web@place-{number}").delivers()
        home.later(5.0)
    assert len(home.ended()) == 3


def test_a_lane_whose_family_is_no_more_closes_and_what_waits_is_routed_anew() -> None:
    home = house()
    assert isinstance(home.apps, Places)
    home.accepts(to("a", 1))
    home.apps.families = {"other"}
    home.apps.lanes["web"] = "standing"
    home.pipeline.routes_changed(home.now)
    home.opens(10, "standing")
    assert [each.lane for each in home.taken()] == ["standing"]
    assert closed(home) == ["web@a"]
    assert set(home.pipeline.lanes) == {"apns", "standing"}
    home.later(1000.0)


def test_troubles_of_a_lane_that_has_made_room_are_over() -> None:
    home = house(most=1, most_of_one=1)
    home.accepts(to("a", 1, ttl=100.0))
    home.opens(10, "web@a").says(LaneRefused(reason="who are you"))
    assert home.told(TroubleRaised)
    home.later(101.0)
    home.accepts(to("b", 2))
    assert [each.lane for each in home.told(TroubleOver)] == ["web@a"]


def test_nor_has_one_that_was_refused_after_it_had_closed_any_trouble_for_ever() -> None:
    """A key is revoked and replaced while pushes that were sent with it are in the air."""
    home = house()
    assert isinstance(home.apps, Places)
    home.accepts(push(1))
    (flying,) = home.opens().taken()
    home.apps.lanes = {"phone": "apns-new"}
    home.pipeline.routes_changed(home.now)
    home.says(LaneRefused(reason="revoked"), flying)
    assert list(home.pipeline.lanes) == ["apns-new"]
    assert len(home.told(TroubleRaised)) == len(home.told(TroubleOver)) == 1
    home.opens(10, "apns-new").delivers()
    assert home.ended() == {push(1).id: State.SENT}


def test_what_was_counted_of_lanes_that_are_no_more_is_not_lost() -> None:
    home = house()
    home.accepts(to("a", 1), to("b", 2))
    home.opens(10, "web@a", "web@b").says(Delivered())
    home.later(1000.0)
    assert not home.pipeline.lanes
    assert (home.pipeline.past.accepted, home.pipeline.past.sent) == (2, 2)


def test_a_lane_that_opens_while_the_gateway_drains_sends_calls_alone() -> None:
    """Whatever else waits is kept for the next start."""
    home = house()
    assert isinstance(home.apps, Places)
    home.accepts(to("a", 1, ttl=1e6), push(2, Urgency.CALL, app="web", token="a"))
    home.pipeline.drain(home.now)
    home.apps.lanes["web"] = "standing"
    home.apps.families = set()
    home.pipeline.routes_changed(home.now)
    home.opens(10, "standing")
    assert [(each.lane, each.push.id) for each in home.taken()] == [("standing", push(2).id)]


def test_a_lane_with_a_push_in_flight_may_close_and_open_again() -> None:
    """Its connections are let go once, and made again once."""
    home = house()
    assert isinstance(home.apps, Places)
    home.accepts(to("a", 1))
    (flying,) = home.opens(10, "web@a").taken()
    for families in (set(), set(), {"web"}, {"web"}):
        home.apps.families = families
        home.pipeline.routes_changed(home.now)
        home.run()
    assert (opened(home), closed(home)) == (["web@a", "apns", "web@a"], ["web@a"])
    home.delivers(flying)
    home.accepts(to("a", 2))
    (again,) = home.taken()
    assert again.push.id == push(2).id
    home.delivers(again)
    home.later(301.0)
    assert list(home.pipeline.lanes) == ["apns"]
