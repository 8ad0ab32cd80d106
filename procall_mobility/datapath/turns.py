"""Everybody's turn once a second, some at a time: no call keeps others waiting for long."""

from collections import deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

EVERY: Final = 1.0
"""Seconds between two turns of a member; a newcomer may wait for its first one twice as long."""

AT_A_TIME: Final = 200
"""Members; half a millisecond."""

MemberT = TypeVar("MemberT")


class Turns(Generic[MemberT]):
    """Members who have their turn one after the other, spread evenly over a second."""

    __slots__ = ("_is_in", "_waiting", "next")

    def __init__(self, is_in: Callable[[MemberT], bool]) -> None:
        """Let `is_in` tell who has left meanwhile, which is said in no other way."""
        self.next: float | None = None
        """When the next of them have their turn."""
        self._is_in = is_in
        self._waiting: deque[MemberT] = deque()

    def add(self, member: MemberT, now: float) -> None:
        """Let somebody have a turn from now on."""
        self._waiting.append(member)
        if self.next is None:
            self.next = now + EVERY

    def take(self, now: float) -> list[MemberT]:
        """Return whose turn it is; those who have left are forgotten."""
        if self.next is None or now < self.next:
            return []
        waiting = self._waiting
        size = len(waiting)
        count = min(size, AT_A_TIME)
        found = [each for each in [waiting.popleft() for _ in range(count)] if self._is_in(each)]
        waiting += found
        self.next = max(now, self.next + EVERY * count / size) if waiting else None
        return found
