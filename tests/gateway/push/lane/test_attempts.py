"""When a lane sends a push again: after an answer that says later, and after none (push.md 3)."""

from procall_mobility.gateway.push.lane.breaker import State as BreakerState
from procall_mobility.gateway.push.lane.outputs import PushPostponed, SendPush
from procall_mobility.gateway.push.lane.retries import FREE_RESENDS
from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Delivered, Later, Scope
from tests.gateway.push.fakes import UNIX
from tests.gateway.push.lane.play import Play, ended, kinds


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

    def test_nor_does_it_go_out_after_a_newer_one_that_was_quicker(self) -> None:
        """A call that is over must not ring again because its first push was lost."""
        play = Play()
        ring, over, last = (play.sends(token="t", collapse="k") for _ in range(3))
        assert play.says(Delivered(), over, last) == [
            ended(over, State.SENT),
            ended(last, State.SENT),
        ]
        assert play.is_silent(ring)[1:] == [ended(ring, State.REPLACED)]
        again = play.sends(token="t", collapse="k")
        assert SendPush in kinds(play.is_silent(again)), "nothing newer flew meanwhile"

    def test_even_if_it_has_gone_out_last(self) -> None:
        """Its device's session had it for a while, and did not take it."""
        play = Play()
        play.number = 5
        newer = play.sends(token="t", collapse="k")
        play.number = 1
        older = play.sends(token="t", collapse="k")
        assert play.says(Delivered(), newer) == [ended(newer, State.SENT)]
        assert play.is_silent(older)[1:] == [ended(older, State.REPLACED)]


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
