"""What happened to the push of a call, step by step: why a phone rang late, or not at all.

A trace is begun for pushes of class call alone; all others have none, and cost nothing.  It is
kept in memory for a while after the push has ended, and holds no token and no content.
"""

import enum
from collections import OrderedDict
from typing import Final, Protocol

from attrs import define, field

from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.push.ports import QueuedPush, State

KEPT: Final = 3600.0
"""Seconds a trace can be asked for: somebody who missed a call complains within the hour."""

MOST_TRACES: Final = 10_000
"""About 15 MB; where more calls come within the hour, the oldest are forgotten sooner."""

MOST_STEPS: Final = 64
"""Of one trace.  A call lives a minute at most, and is tried some ten times in it."""

WAKES_WITHIN: Final = 120.0
"""Seconds; a session that comes later was not woken by the push."""

MOST_WAKING: Final = 4
"""Pushes that woke one device: it rings, stops ringing, and rings again."""

MOST_AWAY: Final = 1000
"""Devices that are being woken; of more at once, the first ones' traces go without that step."""

SWEPT_EVERY: Final = 60.0
"""Seconds at least between looks for traces that are too old."""


class Stage(enum.StrEnum):
    """What a step is; the words of the interface."""

    ACCEPTED = "accepted"
    """It was taken in; times are told from here."""
    RESTORED = "restored"
    """It was taken in by an earlier run of the daemon, which times before are not known of."""
    DURABLE = "durable"
    """No crash loses it any more."""
    NOT_STORED = "not_stored"
    OFFERED = "offered_to_session"
    """The device has a session of its own here, and was given it there."""
    NOT_TAKEN = "not_taken_by_session"
    TAKEN = "taken_by_session"
    HANDED_OVER = "handed_over"
    """It was sent to the provider: once for each attempt."""
    PROVIDER_ANSWER = "provider_answer"
    NOT_SENT = "not_sent"
    """It was refused here, after it had been handed over to what speaks to the provider."""
    FAULT = "fault"
    """A mistake of ours kept it from being sent, or its answer from being understood."""
    NO_ANSWER = "no_answer"
    MOVED = "moved"
    """It goes by another lane now."""
    RETRIED = "retried_by_operator"
    ENDED = "ended"
    SESSION_BACK = "session_back"
    """The device's application was woken: its session is connected."""
    CALL_ANSWERED = "call_answered"


Step = tuple[float, str, str | None, int | None, str | None]
"""When (on the clock of `now`), the stage, by which lane, the provider's status, and why.

Nothing but texts and numbers, and no object of ours: the garbage collector looks through hundreds
of thousands of objects as it is, and need not look at these.
"""


class PushSteps(Protocol):
    """What others tell of the pushes of calls."""

    def step(
        self,
        customer: str,
        push: str,
        stage: Stage,
        now: float,
        *,
        lane: str | None = None,
        status: int | None = None,
        reason: str | None = None,
    ) -> bool:
        """Add a step to a push's trace; False, and nothing, where there is none."""


@define(eq=False, kw_only=True)
class Trace:
    """Of one push."""

    id: str
    customer: str
    app: str
    kind: str
    device: bytes = field(repr=False)
    """A digest; whoever shows it puts a stand-in in its place."""
    accepted: float
    """Unix seconds."""
    began: float
    """When it was taken in, on the clock of `now`."""
    state: State = State.QUEUED
    """What has become of the push."""
    steps: list[Step] = field(factory=list)
    left_out: int = 0
    """Steps in the middle of a trace that had too many."""

    @property
    def was_handed_over(self) -> bool:
        """Whether a provider was given it."""
        stages = [stage for _, stage, *_ in self.steps]
        return stages.count(Stage.HANDED_OVER) > stages.count(Stage.NOT_SENT)

    def add(
        self,
        stage: Stage,
        now: float,
        lane: str | None = None,
        status: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Add a step."""
        if len(self.steps) >= MOST_STEPS:
            del self.steps[MOST_STEPS // 2]
            self.left_out += 1
        self.steps.append((now, stage.value, lane, status, reason))

    def end(self, stage: Stage, state: State, now: float, reason: str | None) -> None:
        """Add the step the push has ended with; others may follow."""
        self.state = state
        self.add(stage, now, None, None, reason)


class PushTraces:
    """All traces, by customer and push: whoever takes another's id takes no trace from it."""

    def __init__(self, alarms: Alarms) -> None:
        """Take the alarms of whoever has time: old traces are to be forgotten by themselves."""
        self._alarms = alarms
        self._sweep = Alarm()
        self._traces: OrderedDict[tuple[str, str], Trace] = OrderedDict()
        self._away: OrderedDict[bytes, list[Trace]] = OrderedDict()
        """By device, those that may wake it."""

    def __len__(self) -> int:
        return len(self._traces)

    def begin(self, push: QueuedPush, device: bytes, now: float, stage: Stage) -> Trace:
        """Begin the trace of a push with its first step, and return it."""
        trace = Trace(
            id=push.id,
            customer=push.customer,
            app=push.app,
            kind=push.notification.kind,
            device=device,
            accepted=push.accepted,
            began=now,
        )
        trace.add(stage, now)
        key = (push.customer, push.id)
        self._traces.pop(key, None)
        self._traces[key] = trace
        self._wakes(trace)
        if len(self._traces) > MOST_TRACES:
            self._traces.popitem(last=False)
        if not self._sweep.is_set:
            self._sweep = self._alarms.set(now + KEPT, self._forget)
        return trace

    def step(
        self,
        customer: str,
        push: str,
        stage: Stage,
        now: float,
        *,
        lane: str | None = None,
        status: int | None = None,
        reason: str | None = None,
    ) -> bool:
        """Add a step to a push's trace; False, and nothing, where there is none."""
        trace = self.find(push, customer)
        if trace is None:
            return False
        trace.add(stage, now, lane, status, reason)
        return True

    def came(self, device: bytes, now: float) -> None:
        """Note that a device has a session again, in the traces of what may have woken it."""
        for trace in self._away.pop(device, ()):
            if trace.was_handed_over and now - trace.began <= WAKES_WITHIN:
                trace.add(Stage.SESSION_BACK, now)

    def find(self, push: str, customer: str | None = None) -> Trace | None:
        """Return a trace; None of a push that has none, or is not that customer's.

        Operators, who ask now and then, name no customer: they get the latest.
        """
        if customer is not None:
            return self._traces.get((customer, push))
        return next((each for each in reversed(self._traces.values()) if each.id == push), None)

    def _wakes(self, trace: Trace) -> None:
        latest = self._away.pop(trace.device, [])
        self._away[trace.device] = [*latest[1 - MOST_WAKING :], trace]
        if len(self._away) > MOST_AWAY:
            self._away.popitem(last=False)

    def _forget(self, now: float) -> None:
        """Forget what is too old; they lie in the order they were begun."""
        while self._traces:
            oldest = next(iter(self._traces.values()))
            if oldest.began + KEPT > now:
                at = max(oldest.began + KEPT, now + SWEPT_EVERY)
                self._sweep = self._alarms.set(at, self._forget)
                return
            self._traces.popitem(last=False)
