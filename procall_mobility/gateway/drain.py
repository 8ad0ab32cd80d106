"""The end of the daemon, decided: what is waited for, how long, and what is said of it."""

from collections.abc import Callable
from typing import Final

from attrs import astuple, frozen

from procall_mobility.gateway.moving import Move
from procall_mobility.gateway.reasons import Reason

LOOK_SOON: Final = 0.05
LOOK_LATER: Final = 0.5
"""Seconds between looks at what remains: in the first ones, and then."""

SOON: Final = 10.0
"""Seconds after which an end is a long one."""

SAY_EVERY: Final = 60.0
"""Seconds between lines about a long one."""


@frozen(kw_only=True)
class DrainRules:
    """Times, in seconds."""

    on_stop: float = 20.0
    on_hand_over: float = 14_400.0
    spread: float = 10.0
    """Over which a crowd is moved."""
    patience: float = 20.0
    """That is waited for the answers to calls."""

    def move(self, reason: Reason, within: float, dice: Callable[[], float]) -> Move:
        """Return how clients and servers are moved when all has to be over within some time."""
        return Move(
            reason=reason,
            patience=min(self.patience, within / 2),
            # The crowd of each customer follows its server.
            spread=min(self.spread, within / 4),
            dice=dice,
        )


@frozen(kw_only=True)
class Remains:
    """What is still under way."""

    sessions: int = 0
    links: int = 0
    relays: int = 0
    """Allocations: calls, mostly."""
    pushes: bool = False
    """Whether pushes are not put away yet."""

    def __bool__(self) -> bool:
        return any(astuple(self))

    def __str__(self) -> str:
        counted = {"relays": self.relays, "sessions": self.sessions, "links": self.links}
        said = [f"{count} {name}" for name, count in counted.items() if count]
        return ", ".join([*said, *(["pushes"] if self.pushes else [])]) or "nothing"


@frozen(kw_only=True)
class Waits:
    """It has to be waited for something, which is worth a line."""

    remains: Remains
    seconds: float
    """How long at most."""


@frozen(kw_only=True)
class Over:
    """It is over."""

    remains: Remains
    """What is cut off."""
    seconds: float
    """How long it has taken."""


class Drain:
    """The machine; it looks at what remains again and again."""

    def __init__(self, count: Callable[[], Remains], within: float, now: float) -> None:
        """Begin; `count` tells what remains."""
        self._count = count
        self._since = now
        self.until = now + within
        self._outputs: list[Waits | Over] = []
        self._say_at = now
        self._look_at: float | None = now
        self.wake(now)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to wait for."""
        return self._look_at is None

    def take(self) -> list[Waits | Over]:
        """Return the outputs since the last call, in order."""
        outputs, self._outputs = self._outputs, []
        return outputs

    def wake_at(self) -> float | None:
        """When `wake` wants to be called next."""
        return self._look_at

    def wake(self, now: float) -> None:
        """Look at what remains."""
        if self._look_at is None or now < self._look_at:
            return
        remains = self._count()
        if not remains or now >= self.until:
            self._end(remains, now)
            return
        lasts = now - self._since
        if now >= self._say_at:
            self._outputs.append(Waits(remains=remains, seconds=self.until - now))
            # Once at the beginning, once when it takes long, and then from time to time.
            self._say_at = now + (SOON if lasts < SOON else SAY_EVERY)
        self._look_at = min(self.until, now + (LOOK_SOON if lasts < SOON else LOOK_LATER))

    def hurry(self, within: float, now: float) -> None:
        """Have it over within some time, if that is sooner."""
        if self._look_at is not None:
            self.until = min(self.until, now + within)
            self._look_at = min(self.until, self._look_at)

    def cut(self, now: float) -> None:
        """End it now, whatever remains."""
        if self._look_at is not None:
            self._end(self._count(), now)

    def _end(self, remains: Remains, now: float) -> None:
        self._look_at = None
        self._outputs.append(Over(remains=remains, seconds=now - self._since))
