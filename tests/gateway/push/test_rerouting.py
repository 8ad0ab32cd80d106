"""What waits when an application gets another credential goes by its new lane."""

from procall_mobility.gateway.push.lane.outputs import TroubleOver, TroubleRaised
from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.outcomes import Later
from tests.gateway.push.fakes import UNIX, Apps, push
from tests.gateway.push.house import PushHouse


class TestAnotherCredential:
    """Credentials change while pushes wait: they go by the lane their application has now."""

    def house(self, streams: int = 0) -> PushHouse:
        house = PushHouse(apps=Apps({"phone": "old", "pad": "fcm"}))
        return house.opens(streams, "old").opens(10, "fcm")

    def rotates(self, house: PushHouse, **lanes: str) -> None:
        house.apps.lanes = {"pad": "fcm", **lanes}
        house.pipeline.routes_changed(house.now)
        house.run()

    def test_what_waits_goes_by_the_new_lane(self) -> None:
        house = self.house()
        house.accepts(push(1), push(2, not_before=UNIX + 50), push(3, app="pad"))
        house.delivers()
        self.rotates(house, phone="new")
        house.opens(10, "new")
        assert [(each.lane, each.push.id) for each in house.taken()] == [("new", push(1).id)]
        house.later(51.0)
        assert [(each.lane, each.push.id) for each in house.taken()] == [("new", push(2).id)]
        quota = house.pipeline._quotas._queued
        assert [place[1] for place in quota] == ["new"]

    def test_what_flies_is_answered_and_what_comes_back_goes_by_the_new_lane(self) -> None:
        house = self.house(10)
        house.accepts(push(1), push(2))
        first, second = house.taken()
        self.rotates(house, phone="new")
        house.delivers(first)
        house.says(Later(reason="x", after=5.0), second)
        house.opens(10, "new")
        house.later(10.0)
        assert [(each.lane, each.push.id) for each in house.taken()] == [("new", push(2).id)]
        assert house.ended() == {push(1).id: State.SENT}

    def test_a_long_queue_moves_in_turns_and_reads_what_it_has_to(self) -> None:
        house = self.house()
        house.accepts(*(push(number, content="x" * 5000) for number in range(1000)))
        self.rotates(house, phone="new")
        assert house.lane("old").waiting > 0
        house.later(1.0)
        assert "old" not in house.pipeline.lanes, "it has nothing to do any more"
        assert house.lane("new").waiting == 1000
        house.opens(2000, "new")
        house.later(1.0)
        assert len(house.taken()) == 1000

    def test_an_application_that_is_no_more_ends_what_waits_for_it(self) -> None:
        house = self.house()
        house.accepts(push(1))
        self.rotates(house)
        assert house.endings() == [(State.REJECTED, "unknown-app")]

    def test_a_lane_that_is_there_again_is_one_again(self) -> None:
        house = self.house()
        self.rotates(house, phone="new")
        self.rotates(house, phone="old")
        self.rotates(house, phone="old")
        house.accepts(push(1))
        assert [each.lane for each in house.opens(10, "old").taken()] == ["old"]

    def test_also_when_routes_know_it_first(self) -> None:
        house = self.house()
        self.rotates(house, phone="new")
        house.apps.lanes["phone"] = "old"
        house.accepts(push(1))
        assert [each.lane for each in house.opens(10, "old").taken()] == ["old"]

    def test_a_lane_that_is_no_more_is_missed_by_nobody(self) -> None:
        house = self.house()
        house.accepts(push(1, not_before=UNIX + 100.0))
        self.rotates(house, phone="new")
        house.opens(0, "old")
        house.later(99.0)
        assert house.told(TroubleRaised) == []

    def test_troubles_of_a_lane_that_is_no_more_are_over(self) -> None:
        house = self.house()
        house.accepts(push(1))
        house.later(31.0)
        (raised,) = house.told(TroubleRaised)
        assert raised.lane == "old"
        self.rotates(house, phone="new")
        self.rotates(house, phone="new")
        assert house.told(TroubleOver) == [TroubleOver(lane="old", trouble=raised.trouble)]
