"""Lets what is under way come to its end before the daemon does; docs/hand-over.md tells how."""

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from procall_mobility.composition.turn.relay import TurnRelay
from procall_mobility.gateway.drain import Drain, DrainRules, Over, Remains, Waits
from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.reasons import Reason
from procall_mobility.transports.pump import Household, Pump
from procall_mobility.transports.visits import Visits


@define(eq=False, kw_only=True)
class Draining:
    """The end of one daemon."""

    gateway: Gateway
    turn: TurnRelay | None
    """None when nobody may relay."""
    household: Household
    visits: Visits
    rules: DrainRules
    """May be replaced until it begins."""
    dice: Callable[[], float] = field(repr=False)
    wall_clock: Callable[[], float] = field(repr=False)
    tell: Callable[[Mapping[str, Any]], None] = field(default=lambda facts: None, init=False)
    """Is told what is waited for, now and then."""
    _drain: Drain | None = field(default=None, init=False)
    _pump: Pump[Waits | Over] | None = field(default=None, init=False)
    _ended: "Deferred[None]" = field(factory=Deferred, init=False)
    _waits_for_pushes: bool = field(default=False, init=False)
    _log = Logger()

    @property
    def has_begun(self) -> bool:
        """Whether it is waited for an end."""
        return self._drain is not None

    def begin(self, within: float, reason: Reason, pushes: "Deferred[Any]") -> "Deferred[None]":
        """Move everybody away, and wait until nothing is under way; asked again, just wait.

        Args:
            within: Seconds that it may take.
            reason: Why, for those who are moved.
            pushes: Fires when no push is under way.

        Returns:
            fires when it is over, or has taken too long.
        """
        if self._drain is not None:
            return self._ended  # Told to end in the midst of a hand-over.
        now = self.household.now()
        self.visits.end()
        self._waits_for_pushes = True
        pushes.addBoth(self._pushes_are_over)
        self.gateway.moving.begin(self.rules.move(reason, within, self.dice), now)
        self._drain = Drain(self.remains, within, now)
        self._pump = Pump(self._drain, self._perform, self.household)
        self._pump.run()
        return self._ended

    def hurry(self) -> None:
        """Wait no longer than when the daemon is told to stop."""
        if self._drain is not None and self._pump is not None:
            self._drain.hurry(self.rules.on_stop, self.household.now())
            self._pump.run()

    def cut(self) -> None:
        """Wait no longer."""
        if self._drain is not None and self._pump is not None:
            self._drain.cut(self.household.now())
            self._pump.run()

    def remains(self) -> Remains:
        """Return what is under way."""
        return Remains(
            sessions=len(self.gateway.sessions),
            links=len(self.gateway.links.all()),
            relays=0 if self.turn is None else len(self.turn.media.server.allocations),
            pushes=self._waits_for_pushes,
        )

    def facts(self) -> dict[str, Any] | None:
        """Return what is waited for, and until when; None while there is no end."""
        if self._drain is None:
            return None
        left = self._drain.until - self.household.now()
        remains = self.remains()
        return {
            "relays": remains.relays,
            "sessions": remains.sessions,
            "until": round(self.wall_clock() + left, 1),
        }

    # Inside -------------------------------------------------------------------------------

    def _pushes_are_over(self, result: Any) -> Any:
        self._waits_for_pushes = False
        return result

    def _perform(self, output: Waits | Over) -> None:
        match output:
            case Waits(remains=remains, seconds=seconds):
                self._log.info("draining", text=str(remains), seconds=round(seconds, 1))
                facts = self.facts()
                if facts is not None:
                    self.tell(facts)
            case Over(remains=remains, seconds=seconds):
                text = f"cut off: {remains}" if remains else "nothing was left"
                self._log.info("drained", text=text, seconds=round(seconds, 1))
                self._ended.callback(None)
            case _ as never:
                assert_never(never)
