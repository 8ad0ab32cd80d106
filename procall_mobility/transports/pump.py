"""Runs a machine on a reactor's clock: performs its outputs and keeps its one alarm."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from attrs import frozen
from twisted.internet.interfaces import IDelayedCall, IReactorTime

Now = Callable[[], float]
"""Monotonic seconds; the reactor's own clock is wall time and may jump."""

OutputT = TypeVar("OutputT")


class Sleeper(Protocol):
    """Something that wants to be woken."""

    def wake_at(self) -> float | None:
        """When `wake` wants to be called next."""

    def wake(self, now: float) -> None:
        """Do what is due."""


class Machine(Sleeper, Protocol[OutputT]):
    """A sleeper that says what it wants done."""

    def take(self) -> list[OutputT]:
        """Return the outputs since the last call, in order."""


@frozen(kw_only=True)
class Household:
    """The clocks everybody shares: the reactor's for alarms, and `now`."""

    reactor: IReactorTime
    now: Now


class AlarmClock:
    """The one alarm of a sleeper.

    An alarm that was set is left alone when the sleeper later wants to be woken later: waking too
    early is harmless, and moving an alarm with every message is not.
    """

    def __init__(self, sleeper: Sleeper, household: Household, woken: Callable[[], None]) -> None:
        """Call `woken` after each wake-up."""
        self._sleeper = sleeper
        self._reactor = household.reactor
        self._now = household.now
        self._woken = woken
        self._delayed: IDelayedCall | None = None
        self._rings_at = 0.0

    def arrange(self) -> None:
        """See that the alarm rings early enough."""
        wanted = self._sleeper.wake_at()
        if wanted is None:
            self.stop()
            return
        if self._delayed is not None:
            if self._rings_at <= wanted:
                return
            self.stop()
        self._rings_at = wanted
        self._delayed = self._reactor.callLater(max(0.0, wanted - self._now()), self._ring)

    def stop(self) -> None:
        """Forget the alarm."""
        delayed, self._delayed = self._delayed, None
        if delayed is not None:
            delayed.cancel()

    def _ring(self) -> None:
        self._delayed = None
        try:
            self._sleeper.wake(self._now())
            self._woken()
        finally:
            # A fault of one must not silence the alarms of all others; the reactor logs it.
            self.arrange()


class Pump(Generic[OutputT]):
    """Performs what a machine wants done, in order, also when performing brings forth more."""

    def __init__(
        self,
        machine: Machine[OutputT],
        perform: Callable[[OutputT], None],
        household: Household,
    ) -> None:
        self._machine = machine
        self._perform = perform
        self._alarm = AlarmClock(machine, household, self.run)
        self._running = False

    def run(self) -> None:
        """Perform all outputs; call it after every input."""
        if self._running:
            return
        self._running = True
        try:
            while outputs := self._machine.take():
                for output in outputs:
                    self._perform(output)
        finally:
            self._running = False
        self._alarm.arrange()

    def stop(self) -> None:
        """Forget the alarm; the machine's connection has gone."""
        self._alarm.stop()
