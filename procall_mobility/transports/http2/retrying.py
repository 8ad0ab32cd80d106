"""How long to wait before the next attempt to connect: full jitter, doubled with each failure."""

from collections.abc import Callable

from attrs import frozen


@frozen(kw_only=True)
class RetryRules:
    """Bounds of the wait in seconds."""

    first: float = 1.0
    longest: float = 60.0


class Retrying:
    """Counts failures.  Random waits keep a provider's clients from coming back all at once."""

    def __init__(self, rules: RetryRules, dice: Callable[[], float]) -> None:
        self._rules = rules
        self._dice = dice
        self._failures = 0

    @property
    def has_failed(self) -> bool:
        """Whether the last attempt came to nothing."""
        return self._failures > 0

    def failed(self) -> float:
        """Note a failure, and return how many seconds to wait: up to the bound, often less."""
        self._failures += 1
        # Beyond 2 ** 32 seconds the bound is no other, and the number would only grow.
        bound = self._rules.first * 2.0 ** min(self._failures - 1, 32)
        return self._dice() * min(self._rules.longest, bound)

    def succeeded(self) -> None:
        """Forget all failures."""
        self._failures = 0
