"""Keeps the garbage collector from looking through what lives long.

A full collection looks at every object there is, and stops everything else meanwhile: with a
hundred thousand pushes waiting for 190 ms, and a call that came just then rang so much later.  But
a push is in no cycle once it has left its queue: it is freed by its reference count.  So what has
been there since the start is put aside (`gc.freeze`), and a growing queue step by step: the
longest pause became 2 ms.

What is put aside and becomes part of a cycle, as connections do when they have ended, would stay
for ever.  Therefore everything is taken back when the queue has been worked off.

For the same reason what is young is looked through less often than Python does by itself: dozens
of pushes under way are many objects, and none of them is garbage.
"""

import gc
from collections.abc import Callable
from typing import Final, Protocol

STEP: Final = 10_000
"""Pushes that are put aside together.  A full collection of what they are made of takes 10 ms."""

YOUNG: Final = 10_000
"""Objects more than there were when garbage among the young ones was looked for last, until it is
again: a millisecond, and some megabytes at most.  Python's 700 cost three in a hundred of all that
is done for pushes."""

LOOK_EVERY: Final = 0.25
"""Seconds; about so many pushes are read back from the disk in the meantime."""


class Collector(Protocol):
    """What is used of the module `gc`."""

    def collect(self) -> int:
        """Look for garbage among everything that is not put aside."""

    def freeze(self) -> None:
        """Put everything aside that is there; it takes no time."""

    def unfreeze(self) -> None:
        """Take back all that was put aside."""

    def set_threshold(self, young: int, /) -> None:
        """Look for garbage among the young when there are so many more of them."""


def put_aside_the_start(collector: Collector = gc) -> None:
    """Put aside what is there before anybody has connected: modules, settings, services."""
    collector.collect()
    collector.freeze()
    collector.set_threshold(YOUNG)


class LongQueue:
    """Watches how many pushes wait."""

    def __init__(self, waiting: Callable[[], int], collector: Collector = gc) -> None:
        self._waiting = waiting
        self._collector = collector
        self._mark = 0
        self._is_aside = False

    def look(self) -> None:
        """Put aside what a long queue has grown by, and take it back when it has gone."""
        waiting = self._waiting()
        self._mark = min(self._mark, waiting)
        if waiting - self._mark >= STEP:
            self._collector.freeze()
            self._mark, self._is_aside = waiting, True
        elif self._is_aside and waiting < STEP // 2:
            self._collector.unfreeze()
            self._mark, self._is_aside = 0, False
