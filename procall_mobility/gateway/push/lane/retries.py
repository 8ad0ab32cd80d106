"""What a lane does with a push that did not go through: again at once, later, or not at all."""

from collections.abc import Callable
from typing import Final

from attrs import define, field

from procall_mobility.gateway.push.lane import retry
from procall_mobility.gateway.push.lane.counts import LaneCounts
from procall_mobility.gateway.push.lane.health import LaneHealth
from procall_mobility.gateway.push.lane.outbox import Flight, Outbox
from procall_mobility.gateway.push.lane.outputs import LaneOutput, PushPostponed
from procall_mobility.gateway.push.lane.retry import Dice, RetryRules
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.waiting import Waiting
from procall_mobility.protocols.push.outcomes import Later, Scope

FREE_RESENDS: Final = 3
"""Untouched pushes go again at once so often; a provider that goes on like that gets a pause."""

UNTOUCHED: Final = "not-processed"

MOST_ALONE: Final = 2
"""Refusals of the credential for one push, after others were taken with it: then it is the push.
There are some that alone are refused so; their lane shall not wait until they expire."""


@define(eq=False, kw_only=True)
class Retries:
    """Of one lane."""

    _rules: RetryRules
    _outbox: Outbox
    _health: LaneHealth
    _counts: LaneCounts
    _wall_clock: Callable[[], float] = field(repr=False)
    _dice: Dice = field(repr=False)
    _say: Callable[[LaneOutput], None] = field(repr=False)

    def later(self, flight: Flight, later: Later, now: float) -> None:
        """Do as the provider asks, or as its rules do."""
        is_asking = later.after is not None or later.at_least > 0
        if later.scope is Scope.LANE and is_asking:
            # The lane waits; its pushes are ready whenever it has waited.
            self._health.asked_for_pause(flight.mark, later, now)
            self._postpone(flight, later.reason, 0.0, now)
            return
        if later.scope is Scope.TOKEN:
            self._health.went_well(flight.mark, now)
        else:
            self._health.failed(flight.mark, now)
        self.retry(flight, later, now)

    def retry(self, flight: Flight, later: Later, now: float) -> None:
        """Try again after a delay, if the push lives that long."""
        waiting = flight.waiting
        wait = self._delay(waiting, later, flight.push.attempts, now)
        if later.scope is Scope.TOKEN:
            self._outbox.queue.pause(waiting.device, now + wait)
        if wait < waiting.expires - now:
            self._postpone(flight, later.reason, wait, now)
        else:
            self._outbox.end(waiting, State.EXPIRED, later.reason)

    def refused(self, flight: Flight, reason: str, now: float) -> None:
        """Keep a push for which the credential was refused, unless others are taken with it."""
        waiting = flight.waiting
        if self._health.has_taken(waiting.refused_at):
            waiting.refused_alone += 1
        waiting.refused_at = now
        if waiting.refused_alone >= MOST_ALONE:
            self._health.said_nothing(flight.mark, now)
            self._outbox.end(waiting, State.REJECTED, reason)
            return
        self._health.refused(flight.mark, reason, now)
        self.again(flight, reason, now)

    def untouched(self, flight: Flight, now: float) -> None:
        """Send again what was not processed; that is no attempt."""
        waiting = flight.waiting
        self._counts.untouched += 1
        waiting.resends += 1
        beyond = waiting.resends - FREE_RESENDS
        if beyond <= 0:
            self._health.said_nothing(flight.mark, now)
            self.again(flight, UNTOUCHED, now)
        else:
            self._health.failed(flight.mark, now)
            wait = self._delay(waiting, Later(reason=UNTOUCHED), beyond, now)
            self.again(flight, UNTOUCHED, now, wait)

    def again(self, flight: Flight, reason: str, now: float, wait: float = 0.0) -> None:
        """Queue a push again; whatever it failed for was no fault of its own."""
        flight.waiting.trouble = reason
        flight.waiting.not_before = now + wait
        self._outbox.add(flight.waiting, now)

    def _delay(self, waiting: Waiting, later: Later, attempts: int, now: float) -> float:
        left = waiting.expires - now
        return retry.delay(later, waiting.urgency, attempts, left, self._rules, self._dice)

    def _postpone(self, flight: Flight, reason: str, wait: float, now: float) -> None:
        """Count an attempt, and queue the push again."""
        self._counts.retried += 1
        flight.waiting.asks_device = True
        flight.waiting.push = push = flight.push.postponed(self._wall_clock() + wait)
        if not flight.waiting.is_forsaken:
            self._say(PushPostponed(push=push))
        self.again(flight, reason, now, wait)
