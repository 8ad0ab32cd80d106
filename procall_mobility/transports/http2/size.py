"""How many connections to have: the warm ones, and more while they are needed."""

from collections.abc import Iterable


class Size:
    """One number, moved by need and by time."""

    def __init__(self, warm: int, most: int, linger: float, grows_from: int = 2) -> None:
        """Begin with the warm ones.

        Args:
            warm: so many there are always.
            most: so many at most.
            linger: seconds without need that shrink it by one.
            grows_from: requests that each connection must carry before there are more of them.
        """
        self._warm = warm
        self._most = most
        self._linger = linger
        self._grows_from = grows_from
        self._pressed_at = 0.0
        self.wanted = warm
        """How many connections there should be."""

    @property
    def is_grown(self) -> bool:
        """Whether there are more than the warm ones."""
        return self.wanted > self._warm

    def press(self, limits: Iterable[int], now: float) -> bool:
        """Hear that no connection has capacity; tell whether there should be one more.

        Where a provider allows one stream it wants to see a success first (APNs does): more
        connections would be no cure, and look like an attack.
        """
        self._pressed_at = now
        if self.wanted >= self._most or not all(limit >= self._grows_from for limit in limits):
            return False
        self.wanted += 1
        return True

    def shrink(self, now: float) -> bool:
        """Tell whether one connection was not needed for long, and may go."""
        if not self.is_grown or now - self._pressed_at < self._linger:
            return False
        self.wanted -= 1
        return True
