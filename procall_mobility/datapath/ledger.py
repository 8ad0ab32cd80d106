"""The slots of the ledger: whose each is, the kernel knows by number only."""

from collections import deque
from typing import Final

from procall_mobility.datapath.layout import ACCOUNT_WORDS

RESTS_FOR: Final = 1.0
"""Seconds until a slot that was given back is taken again: no packet on its way in the kernel,
which looked its flow up before, is counted for somebody else."""


class Ledger:
    """Hands out slots."""

    def __init__(self, words: memoryview) -> None:
        """Have as many as there is memory for."""
        self.words = words
        self._slots = len(words) // ACCOUNT_WORDS
        self._fresh = 0
        self._returned: list[int] = []
        self._resting: deque[tuple[float, int]] = deque()

    def __len__(self) -> int:
        """Return how many slots are in use."""
        return self._fresh - len(self._returned) - len(self._resting)

    def take(self, now: float) -> int | None:
        """Return a slot nobody has, and nobody had a moment ago; None when there is none."""
        self.rest(now)
        if self._resting and self._resting[0][0] <= now:
            return self._resting.popleft()[1]
        if self._fresh == self._slots:
            return None
        self._fresh += 1
        return self._fresh - 1

    def give_back(self, slot: int) -> None:
        """Return a slot."""
        self._returned.append(slot)

    def rest(self, now: float) -> None:
        """Let those rest that were given back: from the first moment known to be later."""
        if self._returned:
            self._resting += [(now + RESTS_FOR, slot) for slot in self._returned]
            self._returned.clear()
