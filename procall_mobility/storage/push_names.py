"""Tells of most pushes, without a look into the file, that nothing is known of them.

Customers' servers name their pushes, and each one that comes may have come before: its answer was
lost.  Hardly any has.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from procall_mobility.storage.errors import PushesNotReadable
from procall_mobility.storage.push_records import NAMED, PushRecords
from procall_mobility.storage.push_sieve import Sieve

PAGE: Final = 2000
"""Ids that are read at once: two milliseconds."""
PAUSE: Final = 0.01
"""Seconds until the next are, so that nobody waits for them: a million take ten seconds."""
AGAIN: Final = 1.0
"""Seconds until what could not be read is tried again."""

MOST: Final = 4_000_000
"""Ids after which all are gathered anew, without those that are forgotten: one in five others is
mistaken for one of them by then.  Where the file alone has so many, it is after as many more."""


class Names:
    """The ids of all pushes that are in the file, or were told and are not written yet.

    As long as they are being gathered, what was gathered before serves; at first, any push may be
    known.
    """

    def __init__(
        self,
        records: PushRecords,
        clock: IReactorTime,
        unwritten: Callable[[], Iterable[str]],
        most: int = MOST,
    ) -> None:
        """Begin to gather; `unwritten` returns the ids that were told and not written."""
        self._records = records
        self._clock = clock
        self._unwritten = unwritten
        self._most = most
        self._sieve: Sieve | None = None
        self._next: Sieve | None = None
        self._count = self._told = 0
        """All names, and those of them that were told while or since they were gathered."""
        self._timer: IDelayedCall | None = None
        self._gather()

    def close(self) -> None:
        """Read no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def among(self, names: Iterable[str]) -> list[str]:
        """Return those of some pushes that may be known; the others are not."""
        sieve = self._sieve
        return list(names if sieve is None else filter(sieve.__contains__, names))

    def add(self, names: Collection[str]) -> None:
        """Take in those of pushes that are told: they will be in the file."""
        if self._count > self._most and 2 * self._told > self._count and self._next is None:
            self._gather()  # Before they are taken in: they are nowhere yet.
        self._count += len(names)
        self._told += len(names)
        for sieve in (self._sieve, self._next):
            if sieve is not None:
                sieve.update(names)

    def _gather(self) -> None:
        # From now on it gets all that is told; what was told before is in the file, or here.
        self._next = Sieve(self._unwritten())
        self._count = self._told = 0
        self._read(NAMED, "")

    def _read(self, tables: Sequence[str], after: str) -> None:
        """Go on behind a row; a push goes from the first table to the second, if anywhere."""
        self._timer = None
        while tables:
            try:
                names = self._records.names(tables[0], after, PAGE)
            except PushesNotReadable:
                self._timer = self._clock.callLater(AGAIN, self._read, tables, after)
                return
            assert self._next is not None
            self._next.update(names)
            self._count += len(names)
            if len(names) == PAGE:
                self._timer = self._clock.callLater(PAUSE, self._read, tables, names[-1])
                return
            tables, after = tables[1:], ""
        self._sieve, self._next = self._next, None
