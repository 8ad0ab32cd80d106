"""push.md section 1: a breaker for each lane; authentication errors suspend it, and keep all."""

import pytest

from procall_mobility.gateway.push.lane.breaker import (
    MOST_FAILURES,
    RAMP,
    Breaker,
    BreakerRules,
    State,
)


class Play:
    """A breaker, the time, and what it has told."""

    def __init__(self, dice: float = 0.0) -> None:
        self.now = 0.0
        self.states: list[State] = []
        self.breaker = Breaker(BreakerRules(), lambda: dice, self.states.append)

    def sends(self, *, is_call: bool = False) -> int:
        assert self.breaker.may_send(self.now, is_call=is_call)
        return self.breaker.sent(self.now)

    def answered(self, went_well: bool | None, times: int = 1) -> None:
        for _ in range(times):
            self.breaker.answered(self.sends(), went_well, self.now)

    def opened(self) -> "Play":
        self.answered(False, MOST_FAILURES)
        assert self.breaker.state is State.OPEN
        return self

    def half_open(self) -> "Play":
        self.opened()
        self.now = self.wake_at()
        return self

    def suspended(self) -> "Play":
        self.breaker.suspend(self.sends(), self.now)
        assert self.breaker.state is State.SUSPENDED
        return self

    def wake_at(self, *, has_calls: bool = False) -> float:
        at = self.breaker.wake_at(has_calls=has_calls)
        assert at is not None
        return at


def test_a_closed_one_holds_nothing_back() -> None:
    play = Play()
    for _ in range(1000):
        play.sends()
    assert play.breaker.wake_at(has_calls=True) is None


class TestUnsent:
    """A push may be withdrawn, rejected by ourselves, or given to a session at the last moment."""

    def test_another_probes_a_suspended_lane_in_its_place(self) -> None:
        play = Play().suspended()
        play.now = play.wake_at()
        play.breaker.unsent(play.sends(), play.now)
        assert play.wake_at() == play.now
        play.sends()
        assert play.wake_at() > play.now

    def test_another_call_goes_out_while_the_provider_fails(self) -> None:
        play = Play(dice=0.9).half_open()
        play.answered(False)
        play.now = play.wake_at(has_calls=True)
        play.breaker.unsent(play.sends(is_call=True), play.now)
        assert play.breaker.state is State.OPEN
        play.sends(is_call=True)

    def test_a_slow_start_takes_another_one(self) -> None:
        play = Play().half_open()
        play.breaker.unsent(play.sends(), play.now)
        assert play.breaker.state is State.HALF_OPEN
        play.sends()

    def test_of_before_the_last_change_nothing_follows(self) -> None:
        play = Play()
        early = play.sends()
        play.suspended()
        before = play.wake_at()
        play.breaker.unsent(early, play.now)
        assert play.wake_at() == before


class TestOpening:
    def test_many_failures_open_it(self) -> None:
        play = Play()
        play.answered(False, MOST_FAILURES - 1)
        assert play.breaker.state is State.CLOSED
        play.answered(False)
        assert play.breaker.state is State.OPEN
        assert not play.breaker.may_send(0.0)

    def test_successes_make_up_for_failures(self) -> None:
        play = Play()
        for _ in range(100):
            play.answered(False)
            play.answered(True)
        assert play.breaker.state is State.CLOSED

    def test_what_shows_nothing_counts_nothing(self) -> None:
        play = Play()
        play.answered(None, 100)
        assert play.breaker.state is State.CLOSED

    @pytest.mark.parametrize(("dice", "seconds"), [(0.0, 0.5), (0.5, 0.75), (0.999, 0.9995)])
    def test_it_stays_open_for_a_time_that_dice_spread(self, dice: float, seconds: float) -> None:
        """So that our nodes do not come back together."""
        play = Play(dice).opened()
        assert play.wake_at() == seconds

    def test_the_time_doubles_while_probes_fail_up_to_a_minute(self) -> None:
        play, times = Play(), []
        play.opened()
        for _ in range(9):
            times.append((play.wake_at() - play.now) * 2)
            play.now = play.wake_at()
            play.answered(False)
        assert times == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]

    def test_answers_to_what_was_sent_before_say_nothing_new(self) -> None:
        """A hundred requests lost at once are one bad moment."""
        play = Play()
        epochs = [play.sends() for _ in range(100)]
        for epoch in epochs:
            play.breaker.answered(epoch, False, play.now)
        assert play.states == [State.OPEN]
        assert play.wake_at() == 0.5
        play.breaker.answered(epochs[0], True, play.now)
        assert play.breaker.state is State.OPEN


class TestHalfOpen:
    def test_one_probe_is_let_through(self) -> None:
        play = Play().half_open()
        play.sends()
        assert not play.breaker.may_send(play.now)
        assert play.breaker.wake_at(has_calls=True) is None, "its answer wakes us"

    def test_it_begins_slowly_and_then_closes(self) -> None:
        """FCM asks for it: no full load on a provider that has just come back."""
        play = Play().half_open()
        rounds = []
        flying = [play.sends()]
        while play.breaker.state is not State.CLOSED:
            rounds.append(len(flying))
            for epoch in flying:
                play.breaker.answered(epoch, True, play.now)
            flying = []
            while play.breaker.state is not State.CLOSED and play.breaker.may_send(play.now):
                flying.append(play.sends())
        assert rounds == [1, 2, 4, 8, 16, 32, 64][: len(rounds)]
        assert sum(rounds) >= RAMP - 1
        assert play.breaker.strikes == 0
        play.answered(False, MOST_FAILURES - 1)
        assert play.breaker.state is State.CLOSED, "its failures are forgotten"

    def test_a_failure_opens_it_again(self) -> None:
        play = Play().half_open()
        play.answered(True)
        play.answered(False)
        assert play.breaker.state is State.OPEN
        assert play.wake_at() - play.now == 1.0

    def test_what_shows_nothing_frees_the_way_for_the_next_probe(self) -> None:
        play = Play().half_open()
        play.answered(None)
        play.sends()


class TestCallsThroughAnOpenOne:
    def test_one_call_a_second_is_let_through_as_a_probe(self) -> None:
        play = Play(0.999)
        for _ in range(6):
            play.half_open() if play.breaker.state is State.CLOSED else play.answered(False)
            play.now = play.wake_at() if play.breaker.state is State.OPEN else play.now
        play.answered(False)
        opened = play.now
        assert play.wake_at() - opened > 10
        assert play.wake_at(has_calls=True) - opened == 1.0
        assert not play.breaker.may_send(play.now, is_call=True)
        play.now += 1.0
        assert not play.breaker.may_send(play.now)
        probe = play.sends(is_call=True)
        assert not play.breaker.may_send(play.now + 5, is_call=True), "one at a time"
        assert play.breaker.wake_at(has_calls=True) is None
        play.breaker.answered(probe, True, play.now)
        assert play.breaker.state is State.HALF_OPEN

    def test_a_call_that_says_nothing_leaves_it_open(self) -> None:
        play = Play(0.999)
        for _ in range(5):
            play.half_open() if play.breaker.state is State.CLOSED else play.answered(False)
            play.now = play.wake_at()
        play.answered(False)
        play.now += 1.0
        probe = play.sends(is_call=True)
        play.breaker.answered(probe, None, play.now)
        assert play.breaker.state is State.OPEN
        assert play.wake_at(has_calls=True) == play.now + 1.0


class TestPauses:
    def test_a_pause_the_provider_asks_for_holds_for_calls_too(self) -> None:
        play = Play()
        play.breaker.delay(play.sends(), 30.0, play.now)
        assert play.breaker.state is State.OPEN
        assert not play.breaker.may_send(29.9, is_call=True)
        assert play.breaker.may_send(30.0)
        assert play.wake_at(has_calls=True) == 30.0

    def test_the_longest_of_several_holds_and_counts_once(self) -> None:
        play = Play()
        first, second, third = play.sends(), play.sends(), play.sends()
        play.breaker.delay(first, 30.0, 0.0)
        play.breaker.delay(second, 60.0, 0.0)
        play.breaker.delay(third, 10.0, 0.0)
        assert play.wake_at(has_calls=True) == 60.0
        assert play.breaker.strikes == 1

    def test_an_old_one_is_no_matter_when_all_is_well_again(self) -> None:
        play = Play()
        old = play.sends()
        play.opened()
        play.now = play.wake_at()
        play.answered(True)
        play.breaker.delay(old, 60.0, play.now)
        assert play.breaker.state is State.HALF_OPEN


class TestSuspension:
    def test_one_probe_every_few_minutes(self) -> None:
        play = Play().suspended()
        assert not play.breaker.may_send(179.9, is_call=True)
        assert play.wake_at() == 180.0
        play.now = 180.0
        play.sends()
        assert not play.breaker.may_send(359.0), "answered or not"
        assert play.wake_at() == 360.0
        play.now = 360.0
        play.sends()

    def test_a_probe_that_is_refused_leaves_it_so(self) -> None:
        play = Play().suspended()
        play.now = 180.0
        play.breaker.suspend(play.sends(), play.now)
        assert play.breaker.state is State.SUSPENDED
        assert play.wake_at() == 360.0

    def test_a_failing_provider_says_nothing_about_the_credential(self) -> None:
        play = Play().suspended()
        play.now = 180.0
        play.answered(False)
        assert play.breaker.state is State.SUSPENDED

    def test_nor_does_a_pause(self) -> None:
        play = Play().suspended()
        play.now = 180.0
        play.breaker.delay(play.sends(), 1.0, play.now)
        assert play.breaker.state is State.SUSPENDED

    def test_a_probe_that_is_answered_ends_it_slowly(self) -> None:
        play = Play().suspended()
        play.now = 180.0
        play.answered(True)
        assert play.breaker.state is State.HALF_OPEN
        assert play.states == [State.SUSPENDED, State.HALF_OPEN]

    def test_refusals_of_what_was_in_flight_move_nothing(self) -> None:
        play = Play()
        epochs = [play.sends() for _ in range(10)]
        for second, epoch in enumerate(epochs):
            play.breaker.suspend(epoch, float(second))
        assert play.wake_at() == 180.0

    def test_another_credential_is_tried_at_once(self) -> None:
        play = Play().suspended()
        play.now = 10.0
        play.breaker.resume(play.now)
        play.answered(True)
        assert play.breaker.state is State.HALF_OPEN

    def test_another_credential_matters_only_to_a_suspended_lane(self) -> None:
        play = Play()
        play.breaker.delay(play.sends(), 30.0, play.now)
        play.breaker.resume(1.0)
        assert not play.breaker.may_send(1.0)
