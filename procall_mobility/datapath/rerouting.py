"""Whose way is looked up again: everybody's after news of routes, and a few without any."""

from collections.abc import Callable, Collection
from itertools import islice
from typing import Final

from procall_mobility.datapath.turns import EVERY
from procall_mobility.protocols.turn.allocation import Channel

AT_A_TIME: Final = 25
"""Channels whose way is looked up again in one go; a millisecond or two."""

PAUSE: Final = 0.005
"""Seconds until the next go, while there is news to follow."""

MOST: Final = 1000
"""Channels whose way is looked up again in one second, after news of routes."""

REVISITED: Final = 50
"""Channels whose way is looked up again in each second without news: of a path whose MTU was
found to be less there is none, and packets too long for it would be lost."""


class Rerouting:
    """The channels whose turn it is, and those who wait; they may have been dropped since."""

    __slots__ = ("_has_news", "_left", "_second", "_unvisited", "_waiting", "next")

    def __init__(self, has_news: Callable[[], bool]) -> None:
        """Ask `has_news` once a second."""
        self.next: float | None = None
        """When `take` wants to be called again."""
        self._has_news = has_news
        self._second = 0.0
        """When the next second begins."""
        self._left = 0
        """How many may still be looked up in this one."""
        self._waiting: dict[Channel, None] = {}
        self._unvisited: list[Channel] = []

    def begin(self, now: float) -> None:
        """Have something to look after."""
        if self.next is None:
            self.next = self._second = now + EVERY

    def end(self) -> None:
        """Have nothing to look after any more."""
        self.next = None
        self._waiting.clear()
        self._unvisited.clear()

    def take(self, carried: Collection[Channel], now: float) -> list[Channel]:
        """Return whose way is to be looked up now."""
        if self.next is None or now < self.next:
            return []
        if now >= self._second:
            # First of all: whatever goes wrong below does so once a second, and not all the time.
            self.next = self._second = now + EVERY
            self._left = MOST
            if self._has_news():
                # Those who wait since earlier news come first: there may be more each second.
                self._waiting |= dict.fromkeys(carried)
            elif not self._waiting:
                self._waiting = dict.fromkeys(self._to_revisit(carried))
        found = list(islice(self._waiting, min(AT_A_TIME, self._left)))
        for channel in found:
            del self._waiting[channel]
        self._left -= len(found)
        is_more = self._waiting and self._left
        self.next = min(now + PAUSE, self._second) if is_more else self._second
        return found

    def _to_revisit(self, carried: Collection[Channel]) -> list[Channel]:
        if not self._unvisited:
            self._unvisited = list(carried)
        found = self._unvisited[-REVISITED:]
        del self._unvisited[-REVISITED:]
        return found
