"""Back-off after failed log-ons: every failure beyond the free ones doubles the wait."""

from collections import OrderedDict

from attrs import define, frozen

MOST_KEYS = 50_000
"""Addresses and names remembered; the least recent is forgotten first."""


@frozen(kw_only=True)
class BackOffRules:
    """`free` failures cost nothing; then `base` seconds, doubled each time up to `longest`.

    Failures are forgotten `forget_after` seconds after the last one.
    """

    free: int = 5
    base: float = 1.0
    longest: float = 300.0
    forget_after: float = 900.0


@define
class _Failures:
    count: int
    last: float
    until: float


class BackOff:
    """Remembers who failed.  Keys are addresses, or customer and user together."""

    def __init__(self, rules: BackOffRules) -> None:
        self.rules = rules
        """May be replaced at any time; waits that have begun go on."""
        self._failures: OrderedDict[object, _Failures] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def wait(self, key: object, now: float) -> float:
        """Return how many seconds `key` has to wait before its next attempt; 0 for none."""
        entry = self._failures.get(key)
        if entry is None:
            return 0.0
        if now - entry.last > self.rules.forget_after:
            del self._failures[key]
            return 0.0
        return max(0.0, entry.until - now)

    def knows(self, key: object, now: float) -> bool:
        """Tell whether `key` has failed lately."""
        entry = self._failures.get(key)
        return entry is not None and now - entry.last <= self.rules.forget_after

    def failed(self, key: object, now: float) -> None:
        """Note a failure."""
        count = 1
        entry = self._failures.pop(key, None)
        if entry is not None and now - entry.last <= self.rules.forget_after:
            count = entry.count + 1
        beyond = count - self.rules.free
        wait = 0.0
        if beyond > 0:
            wait = min(self.rules.longest, self.rules.base * 2.0 ** min(beyond - 1, 32))
        self._failures[key] = _Failures(count, now, now + wait)
        while len(self._failures) > MOST_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, key: object) -> None:
        """Forget the failures of `key`."""
        self._failures.pop(key, None)
