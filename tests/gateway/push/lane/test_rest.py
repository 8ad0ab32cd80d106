"""A lane whose provider is to be left alone for a while, or does not want us."""

from procall_mobility.gateway.push.lane.breaker import State as BreakerState
from procall_mobility.gateway.push.lane.outputs import (
    ConnectNow,
    PushPostponed,
    SendPush,
    Trouble,
    TroubleOver,
    TroubleRaised,
)
from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Delivered, LaneRefused, Later, Scope
from tests.gateway.push.lane.play import Play, ended, kinds


class TestBreaker:
    def test_a_provider_that_fails_is_left_alone_and_pushes_wait(self) -> None:
        play = Play()
        for _ in range(10):
            play.says(Later(reason="x", after=900.0), play.sends())
        assert play.lane.health.state is BreakerState.OPEN
        entered = play.waits()
        assert play.sent() == []
        (probe,) = play.later(1.0)
        assert isinstance(probe, SendPush)
        assert probe.push.id == entered.id
        play.waits()
        assert play.sent() == [], "one probe at a time"
        play.says(Delivered(), entered)
        assert play.lane.health.state is BreakerState.HALF_OPEN

    def test_a_call_may_probe_before(self) -> None:
        play = Play()
        for _ in range(10):
            play.says(Later(reason="x", after=900.0), play.sends())
        play.dice = 0.999
        for _ in range(5):
            play.waits(Urgency.BACKGROUND)
            for each in play.later(60.0):
                assert isinstance(each, SendPush)
                play.lane.answered(each.push.id, Later(reason="x", after=900.0), play.now)
            play.lane.take()
        play.waits()
        ring = play.waits(Urgency.CALL)
        outputs = play.later(1.1)
        assert [each.push.id for each in outputs if isinstance(each, SendPush)] == [ring.id]

    def test_a_pause_of_the_lane_holds_everything_back_and_loses_nothing(self) -> None:
        play = Play()
        first, ring = play.sends(), play.sends(Urgency.CALL, ttl=59.0)
        later = Later(reason="QUOTA_EXCEEDED", scope=Scope.LANE, after=30.0)
        assert kinds(play.says(later, first, ring)) == [PushPostponed] * 2
        play.waits(Urgency.CALL, ttl=59.0)
        assert play.later(29.0) == []
        (sent,) = play.later(3.0)
        assert isinstance(sent, SendPush)
        assert sent.push.id == ring.id
        assert play.lane.waiting == 2

    def test_pauses_of_the_lane_grow_while_the_provider_repeats_itself(self) -> None:
        play = Play()
        entered, pauses = play.sends(ttl=36_000.0), []
        for _ in range(4):
            begun = play.now
            play.says(Later(reason="x", scope=Scope.LANE, at_least=60.0), entered)
            while not (outputs := play.later(1.0)):
                pass
            assert kinds(outputs) == [SendPush]
            pauses.append(play.now - begun)
        assert pauses == [90.0, 180.0, 360.0, 720.0]

    def test_trouble_of_the_lane_without_a_pause_is_a_failure_like_others(self) -> None:
        play = Play()
        entered = play.sends()
        assert kinds(play.says(Later(reason="x", scope=Scope.LANE), entered)) == [PushPostponed]
        assert kinds(play.later(1.0)) == [SendPush]


class TestSuspension:
    def test_a_refused_credential_suspends_keeps_the_queue_and_tells_somebody(self) -> None:
        play = Play()
        first, second = play.sends(), play.sends()
        raised = play.says(LaneRefused(reason="InvalidProviderToken"), first, second)
        assert raised == [
            TroubleRaised(lane="apns", trouble=Trouble.SUSPENDED, reason="InvalidProviderToken")
        ]
        play.waits()
        assert play.sent() == []
        assert play.lane.waiting == 3
        (probe,) = play.later(181.0)
        assert isinstance(probe, SendPush)
        assert play.says(LaneRefused(reason="Forbidden"), first) == [], "told once"
        assert play.lane.health.troubles == {Trouble.SUSPENDED: "Forbidden"}
        assert len(play.later(180.0)) == 1

    def test_a_probe_that_goes_well_ends_it(self) -> None:
        play = Play()
        first = play.sends()
        play.waits()
        play.says(LaneRefused(reason="x"), first)
        play.later(181.0)
        outputs = play.says(Delivered(), first)
        assert TroubleOver(lane="apns", trouble=Trouble.SUSPENDED) in outputs
        assert play.lane.health.troubles == {}

    def test_another_credential_is_tried_at_once(self) -> None:
        play = Play()
        first = play.sends()
        play.says(LaneRefused(reason="x"), first)
        play.lane.credential_renewed(1.0)
        assert len(play.sent()) == 1

    def test_what_waits_in_a_suspended_lane_expires_in_time_with_the_reason(self) -> None:
        play = Play()
        first = play.sends(ttl=100.0)
        play.says(LaneRefused(reason="x"), first)
        assert play.later(100.0) == [ended(first, State.EXPIRED, "x")]


class TestConnecting:
    """While a provider cannot be reached, connections are tried ever less often."""

    def test_a_call_does_not_wait_for_the_next_attempt_to_connect(self) -> None:
        play = Play(streams=0)
        play.waits(Urgency.CALL)
        assert ConnectNow(lane="apns") in play.lane.take()
        assert play.later(1.0) == []
        assert play.later(9.0).count(ConnectNow(lane="apns")) == 5
        play.lane.offers(1, play.now)
        assert kinds(play.lane.take()) == [SendPush]

    def test_many_calls_ask_for_no_more_attempts(self) -> None:
        play = Play(streams=0)
        for _ in range(100):
            play.waits(Urgency.CALL)
        assert play.lane.take().count(ConnectNow(lane="apns")) == 1

    def test_others_wait(self) -> None:
        play = Play(streams=0)
        play.waits()
        outputs = play.lane.take() + play.later(20.0)
        assert ConnectNow not in kinds(outputs)

    def test_a_call_that_has_expired_hurries_nobody(self) -> None:
        play = Play(streams=0)
        play.waits(Urgency.CALL, ttl=5.0)
        outputs = play.lane.take() + play.later(60.0)
        assert outputs.count(ConnectNow(lane="apns")) == 3

    def test_a_lane_that_is_no_more_connects_to_nobody(self) -> None:
        play = Play(streams=0)
        play.lane.close(play.now)
        play.waits(Urgency.CALL)
        assert ConnectNow not in kinds(play.lane.take() + play.later(20.0))
