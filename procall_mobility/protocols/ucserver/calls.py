"""The calls we have made over one link and that are not answered yet (Wire 5.4, multiplexing)."""

from collections import OrderedDict
from typing import Protocol

from attrs import frozen

from procall_mobility.protocols.rose.messages import HIGHEST_INVOKE_ID, Error, Reject, Result

MOST_CALLS = 50_000
"""Half of the 99,998 ids, so that a free one is always near."""

FORGOTTEN_AFTER = 120.0
"""Seconds; the most patient published client waits 20 (Wire 2.7)."""


class Caller(Protocol):
    """Who waits for the answer to a call over a link."""

    def answered(self, operation: str | None, answer: Result | Error | Reject, now: float) -> None:
        """Take the answer; its payload is JSON, its invoke id means nothing here."""


@frozen
class Nobody:
    """Waits for nothing: that there is an answer was all that mattered."""

    def answered(self, operation: str | None, answer: Result | Error | Reject, now: float) -> None:
        """Take the answer."""


@frozen
class Call:
    """One unanswered call: who waits, what it asks, and since when (monotonic seconds)."""

    caller: Caller
    operation: str | None
    since: float


class CallTable:
    """Invoke ids of one link, from 1 to 99,998, given out in turn and never twice at once."""

    def __init__(self, most: int = MOST_CALLS) -> None:
        self._most = most
        self._calls: OrderedDict[int, Call] = OrderedDict()
        self._last = 0

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, caller: Caller, operation: str | None, now: float) -> int | None:
        """Note a call and return its id, or None when the table is full."""
        self._expire(now)
        if len(self._calls) >= self._most:
            return None
        while True:
            self._last = self._last % HIGHEST_INVOKE_ID + 1
            if self._last not in self._calls:
                break
        self._calls[self._last] = Call(caller, operation, now)
        return self._last

    def answered(self, invoke_id: int) -> Call | None:
        """Remove and return the call with this id, or None when there is none."""
        return self._calls.pop(invoke_id, None)

    def _expire(self, now: float) -> None:
        while self._calls:
            oldest = next(iter(self._calls.values()))
            if now - oldest.since < FORGOTTEN_AFTER:
                return
            self._calls.popitem(last=False)
