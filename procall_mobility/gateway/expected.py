"""Customers whose servers are on their way here: who asks for one of them waits a while.

Their links have ended in another process, on purpose.  Clients are told by look-ups and log-ons
that a server is not here, and then try again for quite some time; so they are not told at once.
"""

from collections.abc import Callable, Iterable

from attrs import define, field

from procall_mobility.gateway.alarms import Alarm, Alarms

HELD_FOR = 8.0
"""Seconds a request waits at most: all published clients give up after ten (Wire 1.1)."""

MOST_HELD = 20_000
"""Requests that wait at once; of a crowd, the rest is told at once."""

Again = Callable[[float], None]
"""Serves a request that has waited, at a time."""


@define(eq=False)
class Expected:
    """Who is expected, and who waits for them."""

    alarms: Alarms
    _until: dict[str, float] = field(factory=dict, init=False)
    _held: dict[str, list[Alarm]] = field(factory=dict, init=False)
    _count: int = field(default=0, init=False)

    def expect(self, customers: Iterable[str], until: float) -> None:
        """Expect the links of customers, until a time."""
        self._until.update(dict.fromkeys(customers, until))

    def arrived(self, customer: str, now: float) -> None:
        """Serve those who have waited for a customer's server."""
        self._until.pop(customer, None)
        for each in list(self._held.pop(customer, ())):
            each.ring(now)

    def hold(self, customer: str, again: Again, now: float) -> bool:
        """Have a request wait and then be served; False when there is nothing to wait for."""
        until = self._until.get(customer)
        if until is None:
            return False
        if until <= now:
            del self._until[customer]
            return False
        if self._count >= MOST_HELD:
            return False
        held = self._held.setdefault(customer, [])

        def served(later: float) -> None:
            held.remove(alarm)
            self._count -= 1
            again(later)

        alarm = self.alarms.set(min(now + HELD_FOR, until), served)
        held.append(alarm)
        self._count += 1
        return True
