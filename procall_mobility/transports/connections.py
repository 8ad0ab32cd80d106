"""How many connections there may be: in total, from one address, and how fast."""

from collections import Counter, OrderedDict
from collections.abc import Callable

from procall_mobility.gateway.allowance import Allowance
from procall_mobility.protocols.stun.addresses import vicinity

MOST_RATED = 10_000
"""Addresses whose rate is remembered; a flood from more than these forgets the oldest."""


class Admission:
    """The place one connection takes; give it back by `leave`."""

    __slots__ = ("_connections", "_here", "_source")

    def __init__(self, connections: "Connections") -> None:
        self._connections = connections
        self._source: str | None = None
        self._here = True

    def counts_for(self, host: str) -> bool:
        """Count this connection for `host`; False when that has too many, or calls too fast.

        Call it once.
        """
        source = vicinity(host)
        if self._connections.claim(source):
            self._source = source
            return True
        return False

    def leave(self) -> None:
        """The connection has gone; a second call does nothing."""
        if self._here:
            self._here = False
            self._connections.release(self._source)


class Connections:
    """The book of open connections; it holds no more entries than there are connections."""

    def __init__(
        self,
        *,
        total: int,
        per_address: int,
        now: Callable[[], float],
        rate: float | None = None,
        burst: float = 20.0,
    ) -> None:
        """Bound connections.

        Args:
            total: open at once.
            per_address: open at once from one IPv4 address or one IPv6 /64.
            now: monotonic seconds.
            rate: new ones per second and address, on average; None does not look.
            burst: new ones of an address at once, before `rate` is felt.
        """
        self.most = total
        self._per_address = per_address
        self._now = now
        self._rate = rate
        self._burst = burst
        self.total = 0
        """How many are open."""
        self._by_source: Counter[str] = Counter()
        self._allowances: OrderedDict[str, Allowance] = OrderedDict()

    def change(self, *, total: int, per_address: int) -> None:
        """Let in so many from now on; whoever is here stays."""
        self.most = total
        self._per_address = per_address

    def of(self, host: str) -> int:
        """How many are open from the address `host`, or its IPv6 neighbours."""
        return self._by_source[vicinity(host)]

    def admit(self) -> Admission | None:
        """Take a place in the total; None when there is none left."""
        if self.total >= self.most:
            return None
        self.total += 1
        return Admission(self)

    def claim(self, source: str) -> bool:
        """Count one more for a source; an `Admission` calls this."""
        if self._by_source[source] >= self._per_address or not self._is_slow_enough(source):
            return False
        self._by_source[source] += 1
        return True

    def release(self, source: str | None) -> None:
        """Count one less; an `Admission` calls this."""
        self.total -= 1
        if source is not None:
            self._by_source[source] -= 1
            if not self._by_source[source]:
                del self._by_source[source]

    def _is_slow_enough(self, source: str) -> bool:
        if self._rate is None:
            return True
        now = self._now()
        allowance = self._allowances.pop(source, None)
        if allowance is None:
            allowance = Allowance(self._rate, self._burst, now)
            if len(self._allowances) >= MOST_RATED:
                self._allowances.popitem(last=False)
        self._allowances[source] = allowance
        return allowance.take(now)
