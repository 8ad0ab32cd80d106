"""Token buckets: one, and a table of them that never grows."""

from array import array

INFINITE = float("inf")
"""What a bucket without bound holds."""


class Bucket:
    """`rate` units a second, at most one second's worth at once; 0 is without bound."""

    __slots__ = ("_rate", "_since", "_tokens")

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._tokens = rate
        self._since = now

    def change(self, rate: float) -> None:
        """Fill at another rate from now on."""
        if not self._rate:
            self._tokens = rate  # What was without bound has not been counted.
        self._rate = rate

    def holds(self, now: float) -> float:
        """Return how many units may be taken now."""
        rate, grown = self._rate, self._tokens
        if not rate:
            return INFINITE
        if now > self._since:
            grown += (now - self._since) * rate
        # Written out: every draw of every flow asks several buckets, and functions take longer.
        if grown > rate:
            grown = rate
        self._tokens = grown
        self._since = now
        return grown

    def take(self, units: float) -> None:
        """Take what it holds."""
        self._tokens -= units


class BucketTable:
    """Buckets for whoever comes, in memory that was there from the start.

    Strangers who meet in one place share its bucket; who shares with whom is unknown outside, as
    the hash of a text differs from process to process.
    """

    def __init__(self, rate: float, burst: float, places: int = 4096) -> None:
        """Give each stranger `rate` units a second, `burst` at once."""
        self._rate = rate
        self._burst = burst
        self._places = places
        self._tokens = array("d", [burst]) * places
        self._since = array("d", [0.0]) * places

    def change(self, rate: float, burst: float) -> None:
        """Give each stranger so much from now on."""
        self._rate = rate
        self._burst = burst

    def take(self, who: str, now: float) -> bool:
        """Take one unit; False when there is none."""
        return self._take(hash(who) % self._places, now)

    def is_empty(self, who: str, now: float) -> bool:
        """Tell whether there is no unit, and take none."""
        place = hash(who) % self._places
        self._fill(place, now)
        return self._tokens[place] < 1.0

    def _take(self, place: int, now: float) -> bool:
        self._fill(place, now)
        if self._tokens[place] < 1.0:
            return False
        self._tokens[place] -= 1.0
        return True

    def _fill(self, place: int, now: float) -> None:
        grown = self._tokens[place] + max(0.0, now - self._since[place]) * self._rate
        self._tokens[place] = min(self._burst, grown)
        self._since[place] = now
