"""When each allocation wants to be looked at: one place in one heap for each."""

import heapq
import itertools

from procall_mobility.protocols.turn.allocation import Allocation

Place = list[object]
"""[when, number, allocation]; without its allocation it is only waiting to be dropped."""


class Deadlines:
    """The deadlines.  A later one moves nothing: the allocation is looked at early, and again."""

    def __init__(self) -> None:
        self._heap: list[list] = []  # type: ignore[type-arg]  # Mixed by nature.
        self._numbers = itertools.count()
        self._sweep_at = 1024

    def __len__(self) -> int:
        return len(self._heap)

    def set(self, allocation: Allocation, at: float) -> None:
        """Have an allocation looked at, at `at` or before."""
        place = allocation.alarm
        if place is not None:
            if place[0] <= at:
                return
            place[2] = None
        allocation.alarm = place = [at, next(self._numbers), allocation]
        heapq.heappush(self._heap, place)
        if len(self._heap) > self._sweep_at:
            self._heap = [each for each in self._heap if each[2] is not None]
            heapq.heapify(self._heap)
            self._sweep_at = max(1024, 2 * len(self._heap))

    def forget(self, allocation: Allocation) -> None:
        """Look at an allocation no more."""
        place, allocation.alarm = allocation.alarm, None
        if place is not None:
            place[2] = None

    def next(self) -> float | None:
        """When the first allocation wants to be looked at."""
        while self._heap and self._heap[0][2] is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[Allocation]:
        """Return the allocations to be looked at; they have no place any more."""
        found = []
        while self._heap and self._heap[0][0] <= now:
            allocation = heapq.heappop(self._heap)[2]
            if allocation is not None:
                allocation.alarm = None
                found.append(allocation)
        return found
