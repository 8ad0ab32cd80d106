"""Whether the daemon can do its work now, and if not, why."""

from collections.abc import Callable
from typing import Any, Final

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

STORE: Final = "store"
KEPT_FOR: Final = 1.0
"""Seconds an answer is good for: anybody on this machine may ask as often as it likes."""

PATIENCE: Final = 3.0
"""Seconds the store may take: two files, each of which waits a second for another writer."""

SLOW: Final = f"the disk has not answered for {PATIENCE:g} s"


@frozen
class Obstacle:
    """Something that is in the way."""

    check: str
    """Which check found it: `listeners`, `store`, `stopping`."""
    text: str
    """In plain words."""


Look = Callable[[], list[Obstacle]]


@define(eq=False, kw_only=True)
class Readiness:
    """Asks all who know."""

    looks: tuple[Look, ...]
    """Those that take no time."""
    store: "Callable[[], Deferred[str | None]]"
    """Tells why nothing can be written, where that is so; later, as a disk may be slow."""
    now: Callable[[], float] = field(repr=False)
    later: Callable[[float, Callable[[], None]], Any] = field(repr=False)
    """Has something done in some seconds; returns what can be cancelled."""
    _is_asking: bool = field(default=False, init=False)
    _is_slow: bool = field(default=False, init=False)
    """Whether the store has not answered in time, and not since."""
    _last: tuple[float, str | None] | None = field(default=None, init=False)
    """When the store was asked, and what it said."""
    _asked: "list[Deferred[str | None]]" = field(factory=list, init=False)

    def obstacles(self) -> "Deferred[list[Obstacle]]":
        """Return all that is in the way; nothing: it is ready."""
        found = [obstacle for look in self.looks for obstacle in look()]

        def told(why: str | None) -> list[Obstacle]:
            return found if why is None else [*found, Obstacle(STORE, why)]

        return self._store().addCallback(told)

    def _store(self) -> "Deferred[str | None]":
        if self._last is not None and self.now() < self._last[0] + KEPT_FOR:
            return succeed(self._last[1])
        if self._is_slow:
            return succeed(SLOW)
        asked: Deferred[str | None] = Deferred()
        self._asked.append(asked)
        if not self._is_asking:
            self._is_asking = True
            patience = self.later(PATIENCE, self._give_up)
            self.store().addErrback(_name).addCallback(self._known, patience)
        return asked

    def _known(self, why: str | None, patience: Any) -> None:
        if not self._is_slow:
            patience.cancel()
        self._is_asking = self._is_slow = False
        self._last = self.now(), why
        self._tell(why)

    def _give_up(self) -> None:
        self._is_slow = True
        self._tell(SLOW)

    def _tell(self, why: str | None) -> None:
        asked, self._asked = self._asked, []
        for each in asked:
            each.callback(why)


def _name(failure: Failure) -> str | None:
    return f"it cannot be looked at ({type(failure.value).__name__})"
