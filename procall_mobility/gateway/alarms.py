"""Deadlines of the gateway, so that its owner needs to keep only one alarm."""

import heapq
import itertools
from collections.abc import Callable

Action = Callable[[float], None]


class Alarm:
    """One deadline; `cancel` makes it never ring."""

    __slots__ = ("_action", "at")

    def __init__(self, at: float = 0.0, action: Action | None = None) -> None:
        """Ring at `at`; without an action there is nothing to ring for."""
        self.at = at
        self._action = action

    @property
    def is_set(self) -> bool:
        """Whether it may still ring."""
        return self._action is not None

    def cancel(self) -> None:
        """Forget it; what it would have kept alive is let go at once."""
        self._action = None

    def ring(self, now: float) -> None:
        """Act once."""
        action, self._action = self._action, None
        if action is not None:
            action(now)


class Alarms:
    """All deadlines, by time.  Cancelled ones are swept out when they are the majority."""

    def __init__(self, sooner: Callable[[], None]) -> None:
        """Call `sooner` whenever an alarm is set that rings before all others."""
        self._sooner = sooner
        self._heap: list[tuple[float, int, Alarm]] = []
        self._count = itertools.count()
        self._sweep_at = 64

    def __len__(self) -> int:
        return len(self._heap)

    def set(self, at: float, action: Action) -> Alarm:
        """Have `action(now)` called at monotonic second `at` or soon after."""
        alarm = Alarm(at, action)
        heapq.heappush(self._heap, (at, next(self._count), alarm))
        if len(self._heap) > self._sweep_at:
            self._heap = [entry for entry in self._heap if entry[2].is_set]
            heapq.heapify(self._heap)
            self._sweep_at = max(64, 2 * len(self._heap))
        if self._heap[0][2] is alarm:
            self._sooner()
        return alarm

    def wake_at(self) -> float | None:
        """When the next alarm rings."""
        while self._heap and not self._heap[0][2].is_set:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def wake(self, now: float) -> None:
        """Ring all that are due."""
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2].ring(now)
