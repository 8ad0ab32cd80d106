"""When requests have waited long enough; of most requests nobody ever asks again."""

import heapq

SLACK = 256
"""Forgotten entries that may lie about, beyond as many as there are live ones."""


class Deadlines:
    """Numbers with a time each; adding and removing are cheap, and memory follows the live."""

    def __init__(self) -> None:
        self._live: dict[int, float] = {}
        self._heap: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._live)

    def add(self, number: int, at: float) -> None:
        """Note a number that is not there yet."""
        self._live[number] = at
        heapq.heappush(self._heap, (at, number))

    def remove(self, number: int) -> None:
        """Forget a number; one that is not there is no fault."""
        self._live.pop(number, None)
        if len(self._heap) > 2 * len(self._live) + SLACK:
            self._heap = [(at, live) for live, at in self._live.items()]
            heapq.heapify(self._heap)

    def next(self) -> float | None:
        """Return the earliest time; None when there is none."""
        heap = self._heap
        while heap and self._live.get(heap[0][1]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def due(self, now: float) -> list[int]:
        """Take out the numbers whose time has come, the earliest first."""
        found = []
        while (at := self.next()) is not None and at <= now:
            _, number = heapq.heappop(self._heap)
            del self._live[number]
            found.append(number)
        return found
