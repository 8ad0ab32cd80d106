"""Keeps a lane from hammering a provider that is down, throttles, or knows our credential no more.

```
           failures           time is up             answers
  CLOSED ------------> OPEN ------------> HALF_OPEN ---------> CLOSED
     ^                  ^                     |
     |                  +---- a failure ------+
  credential refused at any time: SUSPENDED, one probe every few minutes --- answer ---> HALF_OPEN
```

Half-open is a slow start: one request, then two, four ... until nothing is held back any more.
Answers to requests sent before the last change for the worse say nothing new, and are not counted.
"""

import enum
from collections.abc import Callable
from typing import Final

from attrs import frozen

from procall_mobility.gateway.push.lane.retry import MOST_DOUBLINGS, Dice

MOST_FAILURES: Final = 10
"""A failure adds one and a success takes one away; so many open the breaker."""

RAMP: Final = 64
"""As many answers in flight at a time, all good, close it: seven round trips after the first."""


class State(enum.Enum):
    """Of a breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"
    SUSPENDED = "suspended"


CLOSED: Final = State.CLOSED
"""Asked for with each push: to find a member of an enumeration takes as long as a call."""


@frozen(kw_only=True)
class BreakerRules:
    """Seconds."""

    first: float = 1.0
    """How long it stays open; doubles while probes fail."""
    longest: float = 60.0
    probe_every: float = 180.0
    """Between probes of a suspended lane: providers take many wrong log-ons for an attack."""
    call_every: float = 1.0
    """Between calls that are let through while the provider fails: nothing tells more about it,
    and a call has no time to wait."""


class Breaker:
    """Of one lane."""

    def __init__(self, rules: BreakerRules, dice: Dice, changed: Callable[[State], None]) -> None:
        """`changed` is told every new state."""
        self._rules = rules
        self._dice = dice
        self._changed = changed
        self.state = State.CLOSED
        """What it is; nobody else changes it."""
        self._epoch = 0
        self._failures = 0
        self._strikes = 0
        self._until = 0.0
        self._call_at = 0.0
        self._window = 0
        self._flying = 0

    @property
    def epoch(self) -> int:
        """Return what `sent` returns for requests of now."""
        return self._epoch

    @property
    def strikes(self) -> int:
        """How often in a row it has changed for the worse since all was well."""
        return self._strikes

    def may_send(self, now: float, *, is_call: bool = False) -> bool:
        """Whether one more request may go out."""
        if self.state is CLOSED:
            return True
        match self.state:
            case State.HALF_OPEN:
                return self._flying < self._window
            case State.OPEN if is_call and now >= self._call_at:
                return self._flying == 0
        # A probe of a suspended lane counts until its time comes again, answered or not.
        return now >= self._until and (self.state is State.SUSPENDED or self._flying == 0)

    def sent(self, now: float) -> int:
        """Note a request; returns what `answered` wants to know again."""
        if self.state is not CLOSED:
            self._sent_in_trouble(now)
        self._flying += 1
        return self._epoch

    def answered(self, epoch: int, went_well: bool | None, now: float) -> None:
        """Note what came of a request; None where it says nothing about the provider."""
        if epoch != self._epoch:
            return
        self._flying -= 1
        if went_well is None:
            return
        if not went_well:
            self._failed(now)
        elif self.state is CLOSED:
            self._failures = max(0, self._failures - 1)
        elif self.state is State.HALF_OPEN:
            self._widen()
        else:
            self._begin_slowly()

    def unsent(self, epoch: int, now: float) -> None:
        """Take a request back that did not go out after all: the next may go in its place."""
        if epoch != self._epoch:
            return
        self._flying -= 1
        if self.state is State.SUSPENDED:
            self._until = now
        elif self.state is State.OPEN:
            self._call_at = now

    def delay(self, epoch: int, seconds: float, now: float) -> None:
        """Send nothing for a while: the provider asks for it, calls or not."""
        if self.state is State.SUSPENDED:
            return
        until = now + seconds
        if epoch == self._epoch:
            self._worse(State.OPEN)
            self._until = self._call_at = until
        elif self.state is State.OPEN:
            self._until = max(self._until, until)
            self._call_at = max(self._call_at, until)

    def suspend(self, epoch: int, now: float) -> None:
        """Send next to nothing until a probe is answered: the credential is refused."""
        if epoch == self._epoch:
            self._worse(State.SUSPENDED)
            self._until = now + self._rules.probe_every

    def resume(self, now: float) -> None:
        """Let a suspended lane probe at once: its credential is another one."""
        if self.state is State.SUSPENDED:
            self._until = now

    def probe(self, now: float) -> None:
        """Wait no longer: an operator says that the provider is well again."""
        if self.state in (State.OPEN, State.SUSPENDED):
            self._until = self._call_at = min(self._until, now)

    def wake_at(self, *, has_calls: bool) -> float | None:
        """When a request may go out that may not now; None if that depends on answers."""
        match self.state:
            case State.OPEN if not self._flying:
                return min(self._until, self._call_at) if has_calls else self._until
            case State.SUSPENDED:
                return self._until
        return None

    def _sent_in_trouble(self, now: float) -> None:
        match self.state:
            case State.OPEN if now < self._until:
                self._call_at = now + self._rules.call_every
            case State.OPEN:
                self._begin_slowly()
            case State.SUSPENDED:
                self._until = now + self._rules.probe_every

    def _failed(self, now: float) -> None:
        if self.state is State.CLOSED:
            self._failures += 1
            if self._failures < MOST_FAILURES:
                return
        elif self.state is State.SUSPENDED:
            return
        doubled = self._rules.first * 2.0 ** min(self._strikes, MOST_DOUBLINGS)
        seconds = min(self._rules.longest, doubled)
        self._worse(State.OPEN)
        # Half of it is dice: our nodes shall not come back together.
        self._until = now + seconds * (1.0 + self._dice()) / 2
        self._call_at = min(self._until, now + self._rules.call_every)

    def _worse(self, state: State) -> None:
        self._epoch += 1
        self._flying = 0
        self._strikes += 1
        self._turn(state)

    def _begin_slowly(self) -> None:
        self._window = 1
        self._turn(State.HALF_OPEN)

    def _widen(self) -> None:
        """Let two go for each that came back well."""
        self._window += 1
        if self._window > RAMP:
            self._failures = self._strikes = 0
            self._turn(State.CLOSED)

    def _turn(self, state: State) -> None:
        self.state = state
        self._changed(state)
