"""What the pipeline passes on between its lanes, its store and its time, and in which order."""

from procall_mobility.gateway.push.lane.outputs import RefreshCredential, Trouble, TroubleRaised
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    LaneRefused,
    Later,
    Refused,
    TokenDead,
)
from tests.gateway.push.fakes import UNIX, call, numbers, push
from tests.gateway.push.house import PushHouse


class TestLanes:
    def test_what_a_lane_asks_for_is_passed_on(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1), push(2))
        first, second = house.taken()
        house.says(CredentialStale(reason="x"), first)
        assert house.told(RefreshCredential) == [RefreshCredential(lane="apns", reason="x")]
        house.pipeline.credential_failed("down", "too-young", house.now)
        house.renews()
        assert house.ids() == [push(1).id]
        house.says(LaneRefused(reason="x"), second)
        assert house.told(TroubleRaised)[-1].trouble is Trouble.SUSPENDED

    def test_a_push_that_comes_back_is_noted_in_the_store(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1))
        house.says(Later(reason="x", after=60.0))
        kept = house.store.disk.queued[push(1).id]
        assert (kept.attempts, kept.not_before) == (1, UNIX + 60.5)
        house.later(61.0)
        assert house.ids() == [push(1).id]

    def test_a_provider_that_was_never_reached_is_told_of(self) -> None:
        house = PushHouse()
        house.accepts(push(1))
        house.later(29.0)
        assert house.told(TroubleRaised) == []
        house.later(2.0)
        (raised,) = house.told(TroubleRaised)
        assert raised.trouble is Trouble.UNREACHABLE

    def test_each_end_is_counted_in_its_lane(self) -> None:
        house = PushHouse().opens()
        house.accepts(*(push(number) for number in range(3)), push(9, ttl=1.0))
        one, two, three, four = house.taken()
        house.says(Delivered(), one)
        house.says(Refused(reason="x"), two)
        house.says(TokenDead(reason="x"), three)
        house.says(Later(reason="x", after=5.0), four)
        counts = house.lane().counts
        assert (counts.accepted, counts.sent, counts.rejected) == (4, 1, 1)
        assert (counts.token_gone, counts.expired, counts.requests) == (1, 1, 4)

    def test_a_newer_push_replaces_an_unsent_older_one_and_both_end(self) -> None:
        house = PushHouse()
        house.accepts(push(1, token="t", collapse="k"))
        house.accepts(push(2, token="t", collapse="k"))
        assert house.ended() == {push(1).id: State.REPLACED}
        house.opens().delivers()
        assert house.ended()[push(2).id] is State.SENT

    def test_an_expired_push_is_told_never_silence(self) -> None:
        house = PushHouse()
        receipts = house.accepts(push(1, ttl=1.5), wait=2.0)
        house.later(2.0)
        assert receipts == [Receipt(id=push(1).id, state=State.EXPIRED)]
        assert house.ended() == {push(1).id: State.EXPIRED}

    def test_a_clock_that_is_set_disturbs_nothing(self) -> None:
        house = PushHouse()
        house.accepts(push(1, ttl=100.0), push(2, not_before=UNIX + 50, ttl=100.0))
        house.wall = 1e6
        house.later(10.0)
        assert house.endings() == []
        house.wall = -1e6
        house.later(45.0)
        house.opens()
        assert house.ids() == [push(1).id, push(2).id]


class TestOrder:
    def test_a_customer_with_a_flood_delays_no_other(self) -> None:
        house = PushHouse()
        house.accepts(*(push(number) for number in range(1000)))
        house.accepts(push(2000, customer="other"))
        house.opens(4)
        assert push(2000).id in house.ids()

    def test_a_weight_of_a_customer_is_its_share(self) -> None:
        house = PushHouse(shares={"acme": PushShare(weight=3.0)})
        house.accepts(*(push(number) for number in range(100)))
        house.accepts(*(push(number, customer="other") for number in range(100, 200)))
        house.opens(40)
        customers = [each.push.customer for each in house.taken()]
        assert abs(customers.count("acme") - 30) <= 2

    def test_calls_overtake_everything(self) -> None:
        house = PushHouse()
        house.accepts(*(push(number) for number in range(100)))
        house.accepts(call(500))
        house.opens(1)
        assert numbers([each.push for each in house.taken()]) == [500]

    def test_background_is_last(self) -> None:
        house = PushHouse()
        house.accepts(push(1, Urgency.BACKGROUND), push(2))
        house.opens(1)
        assert numbers([each.push for each in house.taken()]) == [2]
