"""One lane and its provider: what is sent, and what every outcome leads to (push.md section 3)."""

from collections.abc import Sequence
from typing import Any

import pytest

from procall_mobility.gateway.push_breaker import State as BreakerState
from procall_mobility.gateway.push_health import HealthRules
from procall_mobility.gateway.push_lane import Lane, LaneRules
from procall_mobility.gateway.push_outbox import MOST_AT_ONCE, OutboxRules
from procall_mobility.gateway.push_outputs import (
    LaneOutput,
    PushEnded,
    PushPostponed,
    RefreshCredential,
    SendPush,
    TokenDied,
    TokenElsewhere,
    Trouble,
    TroubleOver,
    TroubleRaised,
)
from procall_mobility.gateway.push_ports import QueuedPush, State
from procall_mobility.gateway.push_retries import FREE_RESENDS
from procall_mobility.gateway.push_suspicion import FEWEST
from procall_mobility.gateway.push_waiting import Waiting, waiting
from procall_mobility.protocols.push.exchange import NoAnswer
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    LaneRefused,
    Later,
    Outcome,
    Refused,
    Scope,
    TokenDead,
    WrongEnvironment,
)
from tests.gateway.push_fakes import UNIX, call, push


class Play:
    """One lane; `says` is the provider, and outputs are collected."""

    def __init__(self, streams: int = 100, **rules: Any) -> None:
        self.now = 0.0
        self.dice = 0.5
        self.home: set[bytes] = set()
        self.stored: dict[str, QueuedPush] | None = {}
        self.lane = Lane(
            "apns",
            LaneRules(**rules),
            weight=lambda _: 1.0,
            is_home=lambda device: device in self.home,
            fetch=self.fetch,
            wall_clock=lambda: UNIX + self.now,
            dice=lambda: self.dice,
        )
        self.number = 0
        if streams:
            self.lane.offers(streams, self.now)

    def fetch(self, ids: Sequence[str]) -> list[QueuedPush] | None:
        if self.stored is None:
            return None
        return [self.stored[each] for each in ids if each in self.stored]

    def waits(self, urgency: Urgency = Urgency.ALERT, **members: Any) -> Waiting:
        """Hand in a push."""
        self.number += 1
        made = call if urgency is Urgency.CALL else push
        told = made(self.number, unix=UNIX + self.now, **members)
        if urgency is Urgency.BACKGROUND:
            told = push(self.number, urgency, unix=UNIX + self.now, **members)
        entered = waiting(told, self.number, self.now, UNIX + self.now)
        entered.is_durable = True
        if self.stored is not None:
            self.stored[told.id] = told
        self.lane.add(entered, self.now)
        return entered

    def sends(self, urgency: Urgency = Urgency.ALERT, **members: Any) -> Waiting:
        """Hand in a push that goes out at once."""
        entered = self.waits(urgency, **members)
        assert [each.push.id for each in self.sent()] == [entered.id]
        return entered

    def says(
        self, outcome: Outcome, *pushes: Waiting, connection: int | None = None
    ) -> list[LaneOutput]:
        for each in pushes:
            self.lane.answered(each.id, outcome, self.now, connection)
        return self.lane.take()

    def is_silent(
        self, each: Waiting, was_processed: bool | None = None, connection: int | None = None
    ) -> list[LaneOutput]:
        nothing = NoAnswer(was_processed=was_processed, why="reset")
        self.lane.unanswered(each.id, nothing, self.now, connection)
        return self.lane.take()

    def sent(self) -> list[SendPush]:
        outputs = self.lane.take()
        assert all(isinstance(each, SendPush) for each in outputs), outputs
        return outputs  # type: ignore[return-value]

    def later(self, seconds: float) -> list[LaneOutput]:
        until = self.now + seconds
        for _ in range(10_000):
            at = self.lane.wake_at()
            if at is None or at > until:
                break
            self.now = max(self.now, at)
            self.lane.wake(self.now)
        else:
            pytest.fail("woken for ever")
        self.now = until
        return self.lane.take()


def kinds(outputs: list[LaneOutput]) -> list[type]:
    return [type(each) for each in outputs]


def ended(each: Waiting, state: State, reason: str | None = None) -> PushEnded:
    return PushEnded(waiting=each, state=state, reason=reason)


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


class TestTryingAgain:
    def test_a_push_waits_longer_after_each_attempt_and_expires_in_the_end(self) -> None:
        play = Play()
        entered = play.sends(ttl=10.0)
        at = []
        while True:
            outputs = play.says(Later(reason="ServiceUnavailable"), entered)
            if not isinstance(outputs[0], PushPostponed):
                break
            outputs = play.later(10.0 - play.now) if play.now < 10 else []
            if not (outputs and isinstance(outputs[0], SendPush)):
                break
            at.append(outputs[0].push.attempts)
        assert at == list(range(1, len(at) + 1))
        assert outputs[-1] == ended(entered, State.EXPIRED, "ServiceUnavailable")

    def test_the_store_is_told_of_the_attempt_and_of_the_time(self) -> None:
        play = Play()
        entered = play.sends()
        (postponed,) = play.says(Later(reason="x", after=60.0), entered)
        assert isinstance(postponed, PushPostponed)
        assert (postponed.push.attempts, postponed.push.not_before) == (1, UNIX + 60.5)
        assert play.later(60.4) == []
        (sent,) = play.later(0.2)
        assert isinstance(sent, SendPush)
        assert sent.push.id == entered.id

    def test_a_call_goes_again_at_once_on_another_connection(self) -> None:
        play = Play()
        entered = play.sends(Urgency.CALL)
        _, again = play.says(Later(reason="ServiceUnavailable"), entered, connection=7)
        assert isinstance(again, SendPush)
        assert (again.avoid, again.push.id, again.push.attempts) == (7, entered.id, 1)
        assert kinds(play.says(Later(reason="ServiceUnavailable"), entered)) == [PushPostponed]
        assert kinds(play.later(4.0)) == [SendPush]

    def test_one_that_cannot_be_tried_in_time_ends_at_once(self) -> None:
        play = Play()
        entered = play.sends(ttl=30.0)
        outputs = play.says(Later(reason="ServiceUnavailable", after=31.0), entered)
        assert outputs == [ended(entered, State.EXPIRED, "ServiceUnavailable")]

    def test_a_pause_of_a_device_holds_back_all_of_its_pushes_and_no_others(self) -> None:
        play = Play(streams=1)
        first = play.sends(token="t")
        second = play.waits(token="t")
        other = play.waits(token="u")
        later = Later(reason="TooManyRequests", scope=Scope.TOKEN, at_least=60.0)
        _, sent = play.says(later, first)
        assert isinstance(sent, SendPush)
        assert sent.push.id == other.id
        assert play.says(Delivered(), other) == [ended(other, State.SENT)]
        assert play.later(89.0) == []
        (sent,) = play.later(2.0)
        assert isinstance(sent, SendPush)
        assert sent.push.id == first.id
        assert second.is_queued

    def test_a_newer_push_takes_the_place_of_one_that_comes_back(self) -> None:
        play = Play()
        older = play.sends(token="t", collapse="k")
        play.waits(token="t", collapse="k", not_before=UNIX + 5)
        outputs = play.says(Later(reason="x"), older)
        assert outputs[1:] == [ended(older, State.REPLACED)]


class TestNoAnswer:
    def test_what_was_not_processed_goes_again_at_once_and_counts_nothing(self) -> None:
        """RFC 9113 sections 6.8 and 8.7: it makes no duplicate."""
        play = Play()
        entered = play.sends()
        (again,) = play.is_silent(entered, was_processed=False, connection=3)
        assert isinstance(again, SendPush)
        assert (again.push.attempts, again.avoid) == (0, 3)
        assert (play.lane.counts.untouched, play.lane.counts.unknown) == (1, 0)

    def test_a_provider_that_processes_nothing_gets_a_pause(self) -> None:
        play = Play()
        entered = play.sends(ttl=40.0)
        for _ in range(FREE_RESENDS):
            assert kinds(play.is_silent(entered, was_processed=False)) == [SendPush]
        assert play.is_silent(entered, was_processed=False) == []
        sent = 0
        while play.lane.waiting:
            outputs = play.later(1.0)
            if SendPush in kinds(outputs):
                sent += 1
                play.is_silent(entered, was_processed=False)
        assert 2 <= sent < 20
        assert outputs[-1] == ended(entered, State.EXPIRED, "not-processed")

    def test_any_answer_makes_resends_free_again(self) -> None:
        play = Play()
        entered = play.sends()
        for _ in range(FREE_RESENDS):
            play.is_silent(entered, was_processed=False)
        play.says(Later(reason="x", at_once=True), entered)
        assert kinds(play.is_silent(entered, was_processed=False)) == [SendPush]

    def test_so_does_a_silence(self) -> None:
        play = Play()
        entered = play.sends()
        for _ in range(FREE_RESENDS):
            play.is_silent(entered, was_processed=False)
        play.is_silent(entered)
        assert kinds(play.is_silent(entered, was_processed=False)) == [SendPush]

    def test_what_nobody_knows_of_goes_again_with_the_same_id(self) -> None:
        play = Play()
        entered = play.sends()
        postponed, again = play.is_silent(entered, connection=3)
        assert isinstance(postponed, PushPostponed)
        assert isinstance(again, SendPush)
        assert (again.push.id, again.push.attempts, again.avoid) == (entered.id, 1, 3)
        assert kinds(play.is_silent(entered)) == [PushPostponed], "and then after a while"
        assert play.lane.counts.unknown == 2

    def test_what_is_lost_with_one_connection_is_one_failure(self) -> None:
        play = Play()
        flying = [play.sends() for _ in range(50)]
        for each in flying:
            play.is_silent(each, connection=3)
        assert play.lane.health.state is BreakerState.CLOSED
        for each in flying[:10]:
            play.is_silent(each)
        assert play.lane.health.state is BreakerState.OPEN


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


class TestCredential:
    def test_a_stale_token_is_refreshed_once_and_the_push_goes_again(self) -> None:
        play = Play()
        entered, other = play.sends(), play.sends()
        outputs = play.says(CredentialStale(reason="ExpiredProviderToken"), entered)
        assert outputs == [RefreshCredential(lane="apns", reason="ExpiredProviderToken")]
        assert play.says(CredentialStale(reason="ExpiredProviderToken"), other) == []
        play.waits()
        assert play.sent() == [], "nothing goes out with a token that is stale"
        play.lane.credential_renewed(0.0)
        sent = play.sent()
        assert [each.push.id for each in sent][:2] == [entered.id, other.id]
        assert {each.push.attempts for each in sent} == {0}

    def test_an_answer_to_what_was_sent_with_the_old_token_renews_nothing(self) -> None:
        play = Play()
        entered, slow = play.sends(), play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_renewed(0.0)
        play.sent()
        assert kinds(play.says(CredentialStale(reason="x"), slow)) == [SendPush]

    def test_a_fresh_token_that_is_no_better_suspends_the_lane(self) -> None:
        """A wrong clock: no provider is to be asked for tokens in a circle."""
        play = Play()
        entered = play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_renewed(0.0)
        play.sent()
        (raised,) = play.says(CredentialStale(reason="x"), entered)
        assert raised == TroubleRaised(lane="apns", trouble=Trouble.SUSPENDED, reason="x")

    def test_a_token_that_was_good_may_become_stale_again(self) -> None:
        play = Play()
        for _ in range(3):
            entered = play.sends()
            assert kinds(play.says(CredentialStale(reason="x"), entered)) == [RefreshCredential]
            play.lane.credential_renewed(play.now)
            play.sent()
            play.says(Delivered(), entered)

    def test_a_success_of_an_old_token_says_nothing_of_the_fresh_one(self) -> None:
        play = Play()
        entered, slow = play.sends(), play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_renewed(0.0)
        play.sent()
        play.says(Delivered(), slow)
        assert kinds(play.says(CredentialStale(reason="x"), entered)) == [TroubleRaised]

    def test_no_fresh_token_suspends_the_lane(self) -> None:
        play = Play()
        entered = play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_failed("token-service-down", 0.0)
        (raised,) = play.lane.take()
        assert raised == TroubleRaised(
            lane="apns", trouble=Trouble.SUSPENDED, reason="token-service-down"
        )
        assert kinds(play.later(181.0)) == [SendPush], "the probe shows when it is over"

    def test_a_token_that_never_comes_suspends_the_lane(self) -> None:
        play = Play()
        entered = play.sends()
        play.says(CredentialStale(reason="x"), entered)
        assert play.later(29.0) == []
        (raised,) = play.later(2.0)
        assert raised == TroubleRaised(
            lane="apns", trouble=Trouble.SUSPENDED, reason="no-fresh-token"
        )

    def test_a_probe_that_finds_it_stale_may_ask_again(self) -> None:
        """It heals by itself when the token service was what was broken."""
        play = Play()
        entered = play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_renewed(0.0)
        play.sent()
        play.says(CredentialStale(reason="x"), entered)
        play.later(181.0)
        assert kinds(play.says(CredentialStale(reason="x"), entered)) == [RefreshCredential]
        play.lane.credential_renewed(play.now)
        assert len(play.sent()) == 1
        assert TroubleOver(lane="apns", trouble=Trouble.SUSPENDED) in play.says(
            Delivered(), entered
        )


class TestSuspicion:
    def test_many_suspicious_dead_tokens_are_not_buried_and_somebody_is_told(self) -> None:
        """More than 1 % of a lane: rather the configuration than the devices."""
        play = Play()
        dead = TokenDead(reason="DeviceTokenNotForTopic", is_suspicious=True)
        found: list[LaneOutput] = []
        for _ in range(FEWEST + 5):
            found += play.says(dead, play.sends())
        assert kinds(found[: FEWEST - 1]) == [TokenDied] * (FEWEST - 1)
        assert found[FEWEST - 1] == TroubleRaised(
            lane="apns", trouble=Trouble.SUSPICIOUS, reason="dead-tokens"
        )
        for each in found[FEWEST:]:
            assert isinstance(each, PushEnded)
            assert (each.state, each.reason) == (State.REJECTED, "DeviceTokenNotForTopic")

    def test_certain_ones_are_buried_all_the_same(self) -> None:
        play = Play()
        for _ in range(FEWEST):
            play.says(TokenDead(reason="x", is_suspicious=True), play.sends())
        assert kinds(play.says(TokenDead(reason="Unregistered"), play.sends())) == [TokenDied]

    def test_some_are_believed_only_once_a_token_has_lived(self) -> None:
        """push.md 3.5: Huawei says the same of all tokens where the application's id is wrong."""
        play = Play()
        dead = TokenDead(reason="80300007", is_suspicious=True, needs_living=True)
        (before,) = play.says(dead, play.sends())
        assert isinstance(before, PushEnded)
        assert (before.state, before.reason) == (State.REJECTED, "80300007")
        play.says(Delivered(), play.sends())
        assert kinds(play.says(dead, play.sends())) == [TokenDied]

    def test_a_few_among_many_are_believed(self) -> None:
        play = Play()
        dead = TokenDead(reason="x", is_suspicious=True)
        for number in range(6000):
            entered = play.sends()
            outcome = dead if number % 200 == 199 else Delivered()
            (output,) = play.says(outcome, entered)
            assert isinstance(output, TokenDied if outcome is dead else PushEnded)

    def test_it_is_over_when_they_have_become_few(self) -> None:
        play = Play()
        for _ in range(FEWEST):
            play.says(TokenDead(reason="x", is_suspicious=True), play.sends())
        found: list[LaneOutput] = []
        for _ in range(4100):
            found += play.says(Delivered(), play.sends())
        overs = [each for each in found if isinstance(each, TroubleOver)]
        assert overs == [TroubleOver(lane="apns", trouble=Trouble.SUSPICIOUS)]


class TestContents:
    RULES = {"outbox": OutboxRules(held=1000)}

    def test_what_waits_beyond_some_room_is_left_to_the_store(self) -> None:
        play = Play(streams=0, **self.RULES)
        pushes = [play.waits(content="x" * 300) for _ in range(10)]
        assert [each.push is not None for each in pushes] == [True] + [False] * 9
        play.lane.offers(100, 0.0)
        sent = play.sent()
        assert [each.push.id for each in sent] == [each.id for each in pushes]
        assert all(each.push.notification.content for each in sent)
        assert play.lane.counts.fetched == 9

    def test_free_streams_are_gathered_while_contents_are_fetched(self) -> None:
        """One look into the store for many, instead of one for each; but calls do not wait."""
        play = Play(streams=0, **self.RULES)
        for _ in range(10):
            play.waits(content="x" * 1000)
        play.lane.offers(3, 0.0)
        first, second, third = (each.push.id for each in play.sent())
        for name in (first, second):
            play.lane.answered(name, Delivered(), 0.0)
        assert SendPush not in kinds(play.lane.take())
        assert kinds(play.later(0.0)) == [SendPush] * 2
        play.lane.answered(third, Delivered(), 0.0)
        play.lane.take()
        play.sends(Urgency.CALL)
        play.waits(Urgency.CALL)
        (*_, fourth) = play.lane._outbox.flights
        play.lane.answered(fourth, Delivered(), 0.0)
        assert kinds(play.lane.take()) == [PushEnded, SendPush]

    def test_one_that_comes_back_is_left_to_it_too(self) -> None:
        play = Play(**self.RULES)
        entered = play.sends(content="x" * 2000)
        (postponed,) = play.says(Later(reason="x"), entered)
        assert isinstance(postponed, PushPostponed)
        play.stored[entered.id] = postponed.push
        assert entered.push is None
        (sent,) = play.later(5.0)
        assert isinstance(sent, SendPush)
        assert sent.push.attempts == 1

    def test_what_is_not_stored_yet_is_held(self) -> None:
        play = Play(streams=0, **self.RULES)
        made = waiting(call(99, content="x" * 2000), 99, 0.0, UNIX)
        play.lane.add(made, 0.0)
        assert made.push is not None

    def test_a_store_that_cannot_be_read_is_asked_again(self) -> None:
        play = Play(streams=0, **self.RULES)
        pushes = [play.waits(content="x" * 600) for _ in range(3)]
        stored, play.stored = play.stored, None
        play.lane.offers(100, 0.0)
        assert play.sent() == []
        assert play.lane.waiting == 3
        play.waits()
        assert play.sent() == []
        play.stored = stored
        sent = play.later(1.0)
        assert [each.push.id for each in sent if isinstance(each, SendPush)][:3] == [
            each.id for each in pushes
        ]

    def test_a_store_that_cannot_be_read_uses_up_no_probe(self) -> None:
        play = Play(**self.RULES)
        for _ in range(10):
            play.says(Later(reason="x", after=900.0), play.sends())
        stored, play.stored = play.stored, None
        waits = play.waits(content="x" * 2000)
        assert waits.push is None
        assert play.later(1.0) == []
        play.stored = stored
        play.stored[waits.id] = push(play.number, unix=UNIX)
        assert SendPush in kinds(play.later(2.0))

    def test_a_content_that_is_lost_ends_its_push(self) -> None:
        """A row that cannot be unsealed: said, rather than waited for until it expires."""
        play = Play(streams=0, **self.RULES)
        lost, kept = play.waits(content="x" * 2000), play.waits(content="x" * 2000)
        assert (lost.push, kept.push) == (None, None)
        del play.stored[lost.id]
        play.lane.offers(1, 0.0)
        assert play.lane.take() == [ended(lost, State.REJECTED, "content-lost")]
        (sent,) = play.later(0.0)
        assert isinstance(sent, SendPush)
        assert sent.push.id == kept.id


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
