"""One lane: how much it sends, in which order, and what an answer means (push.md section 3)."""

from procall_mobility.gateway.push.lane.health import HealthRules
from procall_mobility.gateway.push.lane.outbox import MOST_AT_ONCE, OutboxRules
from procall_mobility.gateway.push.lane.outputs import (
    PushEnded,
    SendPush,
    TokenDied,
    TokenElsewhere,
    Trouble,
    TroubleOver,
    TroubleRaised,
)
from procall_mobility.gateway.push.lane.rules import LaneRules
from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import (
    Delivered,
    LaneRefused,
    Refused,
    TokenDead,
    WrongEnvironment,
)
from tests.gateway.push.fakes import UNIX
from tests.gateway.push.lane.play import Play, ended, kinds


class TestCapacity:
    def test_no_more_is_in_flight_than_the_connections_carry(self) -> None:
        play = Play(streams=2)
        for _ in range(5):
            play.waits()
        first, _ = play.sent()
        assert (play.lane.in_flight, play.lane.waiting) == (2, 3)
        play.lane.answered(first.push.id, Delivered(), 0.0)
        assert [type(each) for each in play.lane.take()] == [PushEnded, SendPush]

    def test_a_limit_that_shrinks_below_what_is_in_flight_is_obeyed(self) -> None:
        """APNs may go down to a single stream, and up again."""
        play = Play(streams=3)
        flying = [play.sends() for _ in range(3)]
        play.lane.offers(1, 0.0)
        play.waits()
        assert kinds(play.says(Delivered(), *flying[:2])) == [PushEnded] * 2
        assert kinds(play.says(Delivered(), flying[2])) == [PushEnded, SendPush]
        play.waits()
        assert play.sent() == []
        play.lane.offers(2, 0.0)
        assert len(play.sent()) == 1

    def test_what_waited_for_connections_goes_by_class(self) -> None:
        play = Play(streams=0)
        for urgency in reversed(Urgency):
            play.waits(urgency)
        play.lane.offers(10, 0.0)
        assert [each.push.notification.urgency for each in play.sent()] == list(Urgency)

    def test_long_queues_are_sent_in_turns(self) -> None:
        """So that no lane keeps the others from their turn."""
        play = Play(streams=0)
        for _ in range(MOST_AT_ONCE + 10):
            play.waits()
        play.lane.offers(1000, 0.0)
        assert len(play.sent()) == MOST_AT_ONCE
        at = play.lane.wake_at()
        assert at is not None
        assert at <= play.now
        play.lane.wake(0.0)
        assert len(play.sent()) == 10
        assert play.lane.wake_at() is None

    def test_a_request_names_its_patience(self) -> None:
        play = Play()
        for urgency, patience in ((Urgency.CALL, 4.0), (Urgency.ALERT, 15.0)):
            entered = play.waits(urgency)
            assert play.lane.take() == [
                SendPush(
                    lane="apns",
                    push=entered.push,
                    has_moved=False,
                    avoid=None,
                    patience=patience,
                )
            ]

    def test_without_connections_for_long_somebody_is_told(self) -> None:
        play = Play(streams=5)
        play.lane.offers(0, 0.0)
        play.lane.offers(0, 20.0)
        assert play.later(60.0) == [], "nobody waits"
        entered = play.waits()
        (raised,) = play.later(0.0)
        assert raised == TroubleRaised(
            lane="apns", trouble=Trouble.UNREACHABLE, reason="no-connection"
        )
        assert play.later(100.0) == [], "once"
        play.lane.offers(5, play.now)
        over, sent = play.lane.take()
        assert over == TroubleOver(lane="apns", trouble=Trouble.UNREACHABLE)
        assert isinstance(sent, SendPush)
        assert sent.push.id == entered.id


class TestVerdicts:
    def test_delivered(self) -> None:
        play = Play()
        entered = play.sends()
        assert play.says(Delivered(), entered) == [ended(entered, State.SENT)]
        assert play.lane.in_flight == 0

    def test_a_refused_push_ends_and_its_token_lives(self) -> None:
        play = Play()
        entered = play.sends()
        outputs = play.says(Refused(reason="PayloadTooLarge"), entered)
        assert outputs == [ended(entered, State.REJECTED, "PayloadTooLarge")]

    def test_a_push_that_we_refuse_ourselves_says_nothing_of_the_provider(self) -> None:
        """A lane whose credential is refused stays suspended, and the next push probes it."""
        play = Play()
        first = play.sends()
        play.says(LaneRefused(reason="revoked"), first)
        second = play.waits()
        play.lane.probe(0.0)
        assert [each.push.id for each in play.sent()] == [first.id]
        outputs = play.says(Refused(reason="unknown-app", is_ours=True), first)
        assert outputs[0] == ended(first, State.REJECTED, "unknown-app")
        assert kinds(outputs) == [PushEnded, SendPush], "and no TroubleOver"
        assert kinds(play.says(Delivered(), second)) == [TroubleOver, PushEnded]

    def test_a_dead_token_is_told_with_when_the_provider_knew(self) -> None:
        play = Play()
        entered = play.sends()
        (died,) = play.says(TokenDead(reason="Unregistered", since=UNIX - 5), entered)
        assert died == TokenDied(
            waiting=entered, push=entered.push, reason="Unregistered", since=UNIX - 5
        )

    def test_a_wrong_environment_is_told(self) -> None:
        play = Play()
        entered = play.sends()
        (elsewhere,) = play.says(WrongEnvironment(reason="BadDeviceToken"), entered)
        assert elsewhere == TokenElsewhere(
            waiting=entered, push=entered.push, reason="BadDeviceToken"
        )

    def test_a_second_answer_to_the_same_means_nothing(self) -> None:
        play = Play()
        entered = play.sends()
        play.says(Delivered(), entered)
        assert play.says(Refused(reason="x"), entered) == []
        assert play.is_silent(entered) == []


class TestDraining:
    def test_only_calls_go_out(self) -> None:
        play = Play(streams=0)
        play.waits()
        ring = play.waits(Urgency.CALL)
        play.lane.drain(0.0)
        play.lane.offers(10, 0.0)
        assert [each.push.id for each in play.sent()] == [ring.id]
        play.waits()
        assert play.sent() == []
        assert play.lane.wake_at() is not None
        play.waits(Urgency.CALL)
        assert len(play.sent()) == 1


def test_a_push_can_be_withdrawn_until_it_flies() -> None:
    play = Play(streams=1)
    flying, waits = play.sends(), play.waits()
    assert play.lane.is_flying(flying)
    assert not play.lane.is_flying(waits)
    assert play.lane.withdraw(waits)
    assert not play.lane.withdraw(flying)
    assert play.lane.waiting == 0


def test_the_rules_have_their_defaults() -> None:
    assert LaneRules() == LaneRules(health=HealthRules(), outbox=OutboxRules())
