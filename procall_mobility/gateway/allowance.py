"""How often something may happen: a token bucket."""


class Allowance:
    """`rate` per second on average, `burst` at once; time is monotonic seconds."""

    __slots__ = ("_burst", "_rate", "_since", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._since = now

    def change(self, rate: float, burst: float) -> None:
        """Allow so much from now on."""
        self._rate = rate
        self._burst = burst

    def take(self, now: float) -> bool:
        """Use one up; False when there is none left."""
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._since) * self._rate)
        self._since = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True
