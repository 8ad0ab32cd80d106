"""Whose push is next: classes by priority, and customers of a class by weight.

Within a class this is start-time fair queueing (Goyal, Vin and Cheng, 1996): every customer has a
line, the line with the lowest tag is served, and its tag grows by one over the customer's weight.
Who was idle starts at the tag being served, so that nobody saves up turns.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable

from attrs import define, field

from procall_mobility.gateway.push.waiting import Waiting
from procall_mobility.protocols.push.notification import Urgency

AGED_AFTER = 5.0
"""Seconds a class may wait for higher ones; one that has not run empty for longer is aged."""

AGED_SHARE = 16
"""Every so many pushes one is of an aged class: background goes on under a flood of alerts, and
a call waits for one push in sixteen at most."""

SWEPT_FROM = 64
"""Removed pushes that may lie in a line before it is swept, beside as many as there are alive."""

Weight = Callable[[str], float]


@define(eq=False)
class _Line:
    """What one customer has waiting; removed ones lie there until they are passed or swept."""

    weight: float
    tag: float = 0.0
    alive: int = 0
    is_ranked: bool = False
    pushes: deque[Waiting] = field(factory=deque)

    def add(self, push: Waiting) -> None:
        """Put an older one that has come back in front, and others at the end.

        One for which the whole lane was refused is no longer in front: another may go through.
        """
        self.alive += 1
        if self.pushes and push.order < self.pushes[0].order and push.refused_at is None:
            self.pushes.appendleft(push)
        else:
            self.pushes.append(push)

    def pop(self) -> Waiting:
        self.alive -= 1
        while not (push := self.pushes.popleft()).is_queued:
            pass
        return push

    def removed(self) -> None:
        self.alive -= 1
        if len(self.pushes) > SWEPT_FROM + 2 * self.alive:
            self.pushes = deque(push for push in self.pushes if push.is_queued)


class ClassQueue:
    """The ready pushes of one class."""

    def __init__(self, weight: Weight) -> None:
        self._weight = weight
        self._lines: dict[str, _Line] = {}
        self._ranks: list[tuple[float, int, _Line]] = []
        self._numbers = itertools.count()
        self._served = 0.0
        self._alive = 0
        self.since = 0.0
        """When it was last empty."""
        self.passed = 0
        """Pushes of higher classes that went first since it is aged."""

    def __len__(self) -> int:
        return self._alive

    def add(self, push: Waiting, now: float) -> None:
        """Put a push into its customer's line."""
        if not self._alive:
            self.since, self.passed = now, 0
        line = self._lines.get(push.customer)
        if line is None:
            line = self._lines[push.customer] = _Line(self._weight(push.customer))
        line.add(push)
        self._alive += 1
        if not line.is_ranked:
            line.tag = max(line.tag, self._served)
            self._rank(line)

    def pop(self) -> Waiting:
        """Take the next push out; there must be one."""
        while True:
            tag, _, line = heapq.heappop(self._ranks)
            line.is_ranked = False
            if line.alive:
                break
        self._served = tag
        push = line.pop()
        line.tag = tag + 1.0 / line.weight
        if line.alive:
            self._rank(line)
        self._one_less()
        return push

    def removed(self, push: Waiting) -> None:
        """Note that a push here is queued no more."""
        self._lines[push.customer].removed()
        self._one_less()

    def _rank(self, line: _Line) -> None:
        line.is_ranked = True
        heapq.heappush(self._ranks, (line.tag, next(self._numbers), line))

    def _one_less(self) -> None:
        self._alive -= 1
        if not self._alive:
            # Everybody has got all: tags begin anew, and customers long gone are forgotten.
            self._lines.clear()
            self._ranks.clear()
            self._served = 0.0


class FairQueue:
    """The ready pushes of all classes."""

    def __init__(self, weight: Weight) -> None:
        """`weight` gives a customer's share, above 0; it is asked when a line begins."""
        self._classes = [ClassQueue(weight) for _ in Urgency]
        self._alive = 0

    def __len__(self) -> int:
        return self._alive

    @property
    def calls(self) -> int:
        """How many of these are calls."""
        return len(self._classes[Urgency.CALL])

    def add(self, push: Waiting, now: float) -> None:
        """Put a push into the line of its class and customer."""
        self._alive += 1
        self._classes[push.urgency].add(push, now)

    def removed(self, push: Waiting) -> None:
        """Note that a push here is queued no more."""
        self._alive -= 1
        self._classes[push.urgency].removed(push)

    def pop(self, now: float, *, calls_only: bool = False) -> Waiting | None:
        """Take out the push whose turn it is; None when there is none."""
        queue = self._classes[Urgency.CALL] if calls_only else self._next(now)
        if queue is None or not len(queue):
            return None
        self._alive -= 1
        return queue.pop()

    def _next(self, now: float) -> ClassQueue | None:
        first: ClassQueue | None = None
        for queue in self._classes:
            if not len(queue):
                continue
            if first is None:
                first = queue
            elif now - queue.since > AGED_AFTER:
                queue.passed += 1
                if queue.passed >= AGED_SHARE:
                    queue.passed = 0
                    return queue
        return first
