"""A lane: all pushes that go to one provider with one credential, into one environment.

It has its own queue, its own breaker and its own connections, so that what happens in one lane is
no matter in another.  Whoever runs the connections says how many streams they have (`offers`),
performs `SendPush`, and says exactly once what became of each (`answered`, `unanswered`).
"""

from collections.abc import Callable, Sequence
from typing import Final, assert_never

from procall_mobility.gateway.push.lane.counts import LaneCounts
from procall_mobility.gateway.push.lane.fairness import Weight
from procall_mobility.gateway.push.lane.health import LaneHealth
from procall_mobility.gateway.push.lane.outbox import Fetch, Flight, IsHome, IsOff, Outbox
from procall_mobility.gateway.push.lane.outputs import LaneOutput, TokenDied, TokenElsewhere
from procall_mobility.gateway.push.lane.retries import Retries
from procall_mobility.gateway.push.lane.retry import Dice
from procall_mobility.gateway.push.lane.rules import LaneRules
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.trace import Stage
from procall_mobility.gateway.push.waiting import Waiting
from procall_mobility.protocols.push.exchange import NoAnswer
from procall_mobility.protocols.push.outcomes import (
    FAULT,
    CredentialStale,
    Delivered,
    LaneRefused,
    Later,
    Outcome,
    Refused,
    TokenDead,
    WrongEnvironment,
)

NO_ANSWER: Final = "no-answer"
SENT: Final = State.SENT


class Lane:
    """One lane; `name` is unique, and tells nothing secret."""

    def __init__(
        self,
        name: str,
        rules: LaneRules,
        *,
        weight: Weight,
        fetch: Fetch,
        is_home: IsHome,
        is_off: IsOff,
        wall_clock: Callable[[], float],
        dice: Dice,
    ) -> None:
        self.name = name
        self.counts = LaneCounts()
        self._outputs: list[LaneOutput] = []
        self._say = say = self._outputs.append
        self.health = LaneHealth(name, rules.health, dice, say)
        self._outbox = Outbox(
            name,
            rules.outbox,
            self.health,
            self.counts,
            weight=weight,
            fetch=fetch,
            is_home=is_home,
            is_off=is_off,
            say=say,
        )
        self._retries = Retries(
            rules=rules.health.retry,
            outbox=self._outbox,
            health=self.health,
            counts=self.counts,
            wall_clock=wall_clock,
            dice=dice,
            say=say,
        )

    @property
    def waiting(self) -> int:
        """How many pushes wait."""
        return len(self._outbox.queue)

    @property
    def in_flight(self) -> int:
        """How many pushes were sent and not answered."""
        return len(self._outbox.flights)

    @property
    def calls(self) -> int:
        """How many calls wait for nothing but their turn."""
        return self._outbox.queue.calls

    @property
    def is_closed(self) -> bool:
        """Whether no pushes go by it any more."""
        return self._outbox.is_closed

    def take(self) -> list[LaneOutput]:
        """Return the outputs since the last call, in order."""
        outputs = self._outputs[:]
        self._outputs.clear()
        return outputs

    def tell_again(self, outputs: list[LaneOutput]) -> None:
        """Put back what was taken and not dealt with."""
        self._outputs[:0] = outputs

    # Pushes -------------------------------------------------------------------------------

    def add(self, waiting: Waiting, now: float) -> None:
        """Take a push in; it is new, or comes from another lane, a session, or the store."""
        waiting.lane = self.name
        self._outbox.take(waiting, now)

    def delayed(self, customer: str | None = None) -> list[Waiting]:
        """Return what waits for its time, of one customer or of all."""
        return self._outbox.queue.delayed(customer)

    def hurry(self, pushes: Sequence[Waiting], now: float) -> None:
        """Make pushes due now that wait here for their time."""
        for each in pushes:
            self._outbox.queue.hurry(each, now)
        self._outbox.send(now)

    def probe(self, now: float) -> None:
        """Try the provider at once, whatever it has refused before: somebody has looked at it."""
        self.health.probe(now)
        self._outbox.send(now)

    def is_flying(self, waiting: Waiting) -> bool:
        """Whether a push was sent and not answered."""
        return waiting.id in self._outbox.flights

    def waiting_for(self, device: bytes, most: int) -> list[Waiting]:
        """Return the oldest pushes that wait for a device."""
        return self._outbox.queue.of(device, most)

    def withdraw(self, waiting: Waiting) -> bool:
        """Forget a push that has not been sent; False when it is in flight, and stays."""
        if not waiting.is_queued:
            return False
        self._outbox.queue.remove(waiting)
        return True

    def supersede(self, newer: Waiting) -> None:
        """Send nothing older than a push of the same key that its device is given elsewhere."""
        self._outbox.supersede(newer)

    def drain(self, now: float) -> None:
        """Send nothing more but calls: everything else can wait for the next start."""
        self._outbox.is_draining = True
        self._outbox.send(now)

    def close(self, now: float) -> None:
        """Be no more: what waits, and what comes back, is told of as `PushAstray`."""
        self._outbox.is_closed = True
        self.health.lane_closed()
        self._outbox.send(now)

    def reopen(self) -> None:
        """Be a lane again."""
        self._outbox.is_closed = False

    # Connections --------------------------------------------------------------------------

    def offers(self, streams: int, now: float) -> None:
        """Note how many requests all connections together carry at a time.

        It may be fewer than there are in flight: then none goes out until enough are answered.
        """
        self.health.offers(streams, now)
        self._outbox.send(now)

    def credential_renewed(self, now: float) -> None:
        """Go on with a fresh token, or with another credential."""
        self.counts.refreshed += 1
        self.health.renewed(now)
        self._outbox.send(now)

    def credential_failed(self, reason: str, now: float) -> None:
        """Note that there is no fresh token."""
        self.health.not_renewed(reason, now)

    # Answers ------------------------------------------------------------------------------

    def answered(
        self,
        push_id: str,
        outcome: Outcome,
        now: float,
        connection: int | None = None,
        status: int | None = None,
    ) -> None:
        """Note what a provider's answer means; a second answer to the same means nothing."""
        flight = self._outbox.returned(push_id)
        if flight is None:
            return
        flight.waiting.resends = 0
        flight.waiting.avoid = connection
        if flight.waiting.trace is not None:
            reason = None if isinstance(outcome, Delivered) else outcome.reason
            flight.waiting.trace.add(_stage(outcome), now, self.name, status, reason)
        match outcome:
            case Delivered():
                self.health.went_well(flight.mark, now)
                self.health.found_living()
                self._outbox.end(flight.waiting, SENT)
            case Refused(is_ours=True):
                self.health.unsent(flight.mark, now)
                self._decided(flight, outcome)
            case TokenDead() | Refused() | WrongEnvironment():
                self.health.went_well(flight.mark, now)
                self._decided(flight, outcome)
            case Later():
                self._retries.later(flight, outcome, now)
            case CredentialStale():
                self.health.found_stale(flight.mark, outcome.reason, now)
                self._retries.again(flight, outcome.reason, now)
            case LaneRefused():
                self._retries.refused(flight, outcome.reason, now)
            case _ as never:
                assert_never(never)
        self._outbox.landed(now)
        self._outbox.let_go(flight.waiting)

    def unanswered(
        self, push_id: str, nothing: NoAnswer, now: float, connection: int | None = None
    ) -> None:
        """Note that no answer came."""
        flight = self._outbox.returned(push_id)
        if flight is None:
            return
        flight.waiting.avoid = connection
        if flight.waiting.trace is not None:
            flight.waiting.trace.add(Stage.NO_ANSWER, now, self.name, None, nothing.why)
        if nothing.was_processed is False:
            self._retries.untouched(flight, now)
        else:
            # It may have arrived: it goes again with the same id, by which the provider can tell.
            self.counts.unknown += 1
            flight.waiting.resends = 0
            self.health.was_silent(flight.mark, connection, now)
            self._retries.retry(flight, Later(reason=NO_ANSWER, at_once=True), now)
        self._outbox.landed(now)
        self._outbox.let_go(flight.waiting)

    def bad_token(self, waiting: Waiting, push: QueuedPush, dead: TokenDead) -> None:
        """End a push whose token is dead, and tell so if that can be believed."""
        if self.health.believes(dead):
            self._say(TokenDied(waiting=waiting, push=push, reason=dead.reason, since=dead.since))
        else:
            self._outbox.end(waiting, State.REJECTED, dead.reason)

    # Time ---------------------------------------------------------------------------------

    def wake(self, now: float) -> None:
        """Do what is due."""
        self.health.wake(now, has_waiting=self._outbox.has_waiting)
        self._outbox.send(now)

    def wake_at(self) -> float | None:
        """When to be woken next."""
        return self._outbox.wake_at()

    # Reactions ----------------------------------------------------------------------------

    def _decided(self, flight: Flight, outcome: TokenDead | Refused | WrongEnvironment) -> None:
        waiting = flight.waiting
        match outcome:
            case TokenDead():
                self.bad_token(waiting, flight.push, outcome)
            case Refused():
                self._outbox.end(waiting, State.REJECTED, outcome.reason)
            case WrongEnvironment():
                self._say(TokenElsewhere(waiting=waiting, push=flight.push, reason=outcome.reason))
            case _ as never:
                assert_never(never)


def _stage(outcome: Outcome) -> Stage:
    """Return what an outcome is in a trace: some are no answers of a provider's."""
    if outcome is FAULT:
        return Stage.FAULT
    is_ours = isinstance(outcome, Refused) and outcome.is_ours
    return Stage.NOT_SENT if is_ours else Stage.PROVIDER_ANSWER
