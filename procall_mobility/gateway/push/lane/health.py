"""Whether a lane may send: its connections, its credential, its provider, and who is told."""

from collections.abc import Callable
from typing import Final

from attrs import define, field, frozen

from procall_mobility.gateway.push.lane import retry
from procall_mobility.gateway.push.lane.breaker import CLOSED, Breaker, BreakerRules, State
from procall_mobility.gateway.push.lane.credential import CredentialState, Reaction
from procall_mobility.gateway.push.lane.outputs import (
    LaneOutput,
    RefreshCredential,
    Trouble,
    TroubleOver,
    TroubleRaised,
)
from procall_mobility.gateway.push.lane.retry import Dice, RetryRules
from procall_mobility.gateway.push.lane.suspicion import Suspicion
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.protocols.push.outcomes import Later, TokenDead

NOT_REFRESHED: Final = "no-fresh-token"
NO_CONNECTION: Final = "no-connection"


@frozen(kw_only=True)
class HealthRules:
    """Seconds."""

    retry: RetryRules = field(factory=RetryRules)
    breaker: BreakerRules = field(factory=BreakerRules)
    refresh_within: float = 30.0
    """A fresh token is one request to the provider's other service."""
    unreachable_after: float = 30.0
    """Connections are made again within seconds; what takes longer is worth a look."""


@define
class Mark:
    """What is remembered of the lane with a request; not frozen, as there is one for each."""

    epoch: int
    generation: int
    at: float
    """When it was sent."""


class LaneHealth:
    """Of one lane; `say` takes what somebody outside is to do or to know."""

    def __init__(
        self, lane: str, rules: HealthRules, dice: Dice, say: Callable[[LaneOutput], None]
    ) -> None:
        self.streams = 0
        """How many requests the connections carry at a time."""
        self.troubles: dict[Trouble, str] = {}
        """What is wrong, and why."""
        self._lane = lane
        self._rules = rules
        self._dice = dice
        self._say = say
        self._breaker = Breaker(rules.breaker, dice, self._turned)
        self._credential = CredentialState()
        self._suspicion = Suspicion()
        self._has_living = False
        self._blamed: int | None = None
        self._taken_at = float("-inf")
        """Of the latest request that showed the credential to be good, when it was sent."""
        self._cut_at: float | None = None
        self._reason = ""

    @property
    def state(self) -> State:
        """Return the state of the breaker."""
        return self._breaker.state

    @property
    def refresh_by(self) -> float | None:
        """Return when a fresh token has taken too long, while one is awaited."""
        return self._credential.until

    # Sending ------------------------------------------------------------------------------

    def offers(self, streams: int, now: float) -> None:
        """Note how many requests the connections carry; 0 while there is none."""
        self.streams = streams
        if streams:
            self._cut_at = None
            self._over(Trouble.UNREACHABLE)
        elif self._cut_at is None:
            self._cut_at = now

    def may_send(self, now: float, *, is_call: bool = False) -> bool:
        """Whether one more request may go out, as far as it is not a matter of streams."""
        if self._credential.until is not None:
            return False
        breaker = self._breaker
        return breaker.state is CLOSED or breaker.may_send(now, is_call=is_call)

    def sent(self, now: float) -> Mark:
        """Note a request; the mark is wanted with its answer."""
        return Mark(self._breaker.sent(now), self._credential.generation, now)

    def probe(self, now: float) -> None:
        """Let one request go out at once, if none may; and believe again that tokens are dead.

        Where few pushes are sent, it would take months until those of before weigh little.
        """
        self._breaker.probe(now)
        self._suspicion.forget()
        self._over(Trouble.SUSPICIOUS)

    # Answers ------------------------------------------------------------------------------

    def went_well(self, mark: Mark, now: float) -> None:
        """Note an answer of a provider that does its work, whatever it says of the push."""
        self._blamed = None
        self._taken_at = max(self._taken_at, mark.at)
        self._credential.proved(mark.generation)
        self._breaker.answered(mark.epoch, True, now)

    def said_nothing(self, mark: Mark, now: float) -> None:
        """Note that a request has shown nothing about the provider."""
        self._breaker.answered(mark.epoch, None, now)

    def unsent(self, mark: Mark, now: float) -> None:
        """Note that a request did not go out after all."""
        self._breaker.unsent(mark.epoch, now)

    def failed(self, mark: Mark, now: float) -> None:
        """Note an answer of a provider that does not do its work."""
        self._breaker.answered(mark.epoch, False, now)

    def was_silent(self, mark: Mark, connection: int | None, now: float) -> None:
        """Note a request without an answer.

        What was lost with one connection counts once: it is one thing that failed.
        """
        is_known = connection is not None and connection == self._blamed
        self._blamed = connection
        self._breaker.answered(mark.epoch, None if is_known else False, now)

    def asked_for_pause(self, mark: Mark, later: Later, now: float) -> None:
        """Note that the provider wants nothing from this lane for a while."""
        strikes, rules = self._breaker.strikes, self._rules.retry
        wait = retry.delay(later, Urgency.ALERT, strikes, float("inf"), rules, self._dice)
        self._breaker.delay(mark.epoch, wait, now)

    def refused(self, mark: Mark, reason: str, now: float) -> None:
        """Note that the provider refuses the credential."""
        self._suspend(mark.epoch, reason, now)

    def has_taken(self, since: float | None) -> bool:
        """Tell whether a request was taken that was sent after some time."""
        return since is not None and self._taken_at > since

    def found_stale(self, mark: Mark, reason: str, now: float) -> None:
        """Note that the provider finds our token too old."""
        until = now + self._rules.refresh_within
        reaction = self._credential.stale(mark.generation, until)
        if reaction is Reaction.SUSPEND:
            self._suspend(mark.epoch, reason, now)
            return
        self._breaker.answered(mark.epoch, None, now)
        if reaction is Reaction.REFRESH:
            self._say(RefreshCredential(lane=self._lane, reason=reason))

    def found_living(self) -> None:
        """Count a token that lives."""
        self._has_living = True
        if self._suspicion.note(suspicious=False):
            self._suspected()

    def believes(self, dead: TokenDead) -> bool:
        """Count a verdict on a token; whether it is to be believed."""
        if self._suspicion.note(suspicious=dead.is_suspicious):
            self._suspected()
        if dead.needs_living and not self._has_living:
            return False
        return not (dead.is_suspicious and self._suspicion.is_raised)

    def _suspected(self) -> None:
        if self._suspicion.is_raised:
            self._raise(Trouble.SUSPICIOUS, "dead-tokens")
        else:
            self._over(Trouble.SUSPICIOUS)

    # The credential -----------------------------------------------------------------------

    def renewed(self, now: float) -> None:
        """Note a fresh token, or another credential."""
        self._credential.renewed()
        self._breaker.resume(now)

    def not_renewed(self, reason: str, now: float) -> None:
        """Note that there is no fresh token: nothing can be sent without one."""
        self._credential.failed()
        self._suspend(self._breaker.epoch, reason, now)

    def _suspend(self, epoch: int, reason: str, now: float) -> None:
        if epoch != self._breaker.epoch:
            return  # It was sent before the last change for the worse.
        self._reason = reason
        self._breaker.suspend(epoch, now)

    # Time ---------------------------------------------------------------------------------

    def wake(self, now: float, *, has_waiting: bool) -> None:
        """Do what is due."""
        if self._credential.until is not None and self._credential.until <= now:
            self.not_renewed(NOT_REFRESHED, now)
        alarm = self._alarm_at(has_waiting=has_waiting)
        if alarm is not None and alarm <= now:
            self._raise(Trouble.UNREACHABLE, NO_CONNECTION)

    def wake_at(self, *, has_waiting: bool, has_ready: bool, has_calls: bool) -> float | None:
        """When `wake` has something to do, or more may be sent."""
        times = [self._alarm_at(has_waiting=has_waiting), self._credential.until]
        if has_ready and self._credential.until is None:
            times.append(self._breaker.wake_at(has_calls=has_calls))
        return min((at for at in times if at is not None), default=None)

    def lane_closed(self) -> None:
        """Raise nothing any more for a lane that is no more."""
        self._cut_at = None
        for trouble in list(self.troubles):
            self._over(trouble)

    def _alarm_at(self, *, has_waiting: bool) -> float | None:
        if self._cut_at is None or not has_waiting or Trouble.UNREACHABLE in self.troubles:
            return None
        return self._cut_at + self._rules.unreachable_after

    def _turned(self, state: State) -> None:
        if state is State.SUSPENDED:
            self._raise(Trouble.SUSPENDED, self._reason)
        else:
            self._over(Trouble.SUSPENDED)

    def _raise(self, trouble: Trouble, reason: str) -> None:
        if trouble not in self.troubles:
            self._say(TroubleRaised(lane=self._lane, trouble=trouble, reason=reason))
        self.troubles[trouble] = reason

    def _over(self, trouble: Trouble) -> None:
        if self.troubles.pop(trouble, None) is not None:
            self._say(TroubleOver(lane=self._lane, trouble=trouble))
