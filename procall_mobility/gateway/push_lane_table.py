"""Which lanes there are: some stand as long as their application, others come when needed.

Where tokens name whom to call, each host or origin has a lane of its own, so that a dead one is
no matter to the others.  Such a lane is there on demand: it opens with the first push, and closes
when it has had none for a while, or when another one needs its place.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import define, frozen

from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.push_counts import LaneCounts
from procall_mobility.gateway.push_lane import Lane
from procall_mobility.gateway.push_outputs import CloseLane, OpenLane, Wanted
from procall_mobility.gateway.push_routes import Routes

NOBODY: Final = ""
"""Whoever opened a lane for a push that had been accepted before."""


@frozen(kw_only=True)
class TableRules:
    """Of lanes on demand: strangers name the hosts, and each costs a connection."""

    most: int = 1000
    """A file descriptor or two for each, of the 65,536 the service may have."""
    most_of_one: int = 500
    """Opened by one customer: half of them are left for the others."""
    idle_for: float = 300.0
    """Seconds without a push until one closes.  Push services close idle connections as well."""


@define(eq=False)
class _Guest:
    """A lane on demand."""

    customer: str
    used_at: float


class LaneTable:
    """The lanes by name."""

    def __init__(
        self,
        rules: TableRules,
        routes: Routes,
        alarms: Alarms,
        *,
        make: Callable[[str, float], Lane],
        load: Callable[[str], int],
        left: Callable[[Lane, float], None],
        say: Callable[[Wanted], None],
    ) -> None:
        """Prepare.

        Args:
            rules: bounds.
            routes: knows which lanes have a reason to be.
            alarms: for the time after which lanes close.
            make: makes a lane.
            load: tells how many pushes a lane has that have not ended, wherever they are.
            left: is told of a lane that is no more.
            say: takes what is to be done about connections.
        """
        self.past = LaneCounts()
        """Of the lanes that are no more, all together."""
        self._rules = rules
        self._routes = routes
        self._alarms = alarms
        self._make = make
        self._load = load
        self._left = left
        self._say = say
        self._lanes: dict[str, Lane] = {}
        self._guests: OrderedDict[str, _Guest] = OrderedDict()
        """Lanes on demand that are open; those not used for long come first."""
        self._opened_by: Counter[str] = Counter()
        self._sweep: Alarm = Alarm()

    @property
    def all(self) -> Mapping[str, Lane]:
        """Return the lanes by name."""
        return self._lanes

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._lanes.values())

    def admits(self, name: str, customer: str, now: float) -> bool:
        """Tell whether a customer's new push finds its lane, or a place for it; and make that.

        Pushes that were accepted always do: there are no more of their lanes than were admitted.
        """
        if name in self._guests or name in self._routes.standing():
            return True
        if self._opened_by[customer] >= self._rules.most_of_one:
            return self._makes_room(now, customer)
        return len(self._guests) < self._rules.most or self._makes_room(now)

    def get(self, name: str, now: float, customer: str = NOBODY) -> Lane:
        """Return a lane.  One that no application's pushes go by is closed from the beginning."""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = self._make(name, now)
            if self._routes.serves(name):
                self._opened(name, customer, now)
            else:
                lane.close(now)
        return lane

    def reopen(self, lane: Lane, now: float) -> None:
        """Let pushes go by a lane again."""
        if lane.is_closed:
            lane.reopen()
            self._opened(lane.name, NOBODY, now)

    def close(self, lane: Lane, now: float) -> None:
        """Let no more pushes go by a lane: what waits there is routed anew."""
        if not lane.is_closed:
            lane.close(now)
            self._forget_guest(lane.name)
            self._say(CloseLane(lane=lane.name))

    def used(self, lane: Lane, now: float) -> None:
        """Look at a lane after something has happened in it."""
        guest = self._guests.get(lane.name)
        if self._load(lane.name):
            if guest is not None:
                guest.used_at = now
                self._guests.move_to_end(lane.name)
        elif lane.is_closed:
            self._drop(lane, now)

    # Inside -------------------------------------------------------------------------------

    def _opened(self, name: str, customer: str, now: float) -> None:
        if name not in self._routes.standing():
            self._guests[name] = _Guest(customer, now)
            self._opened_by[customer] += 1
            if not self._sweep.is_set:
                self._sweep = self._alarms.set(now + self._rules.idle_for, self._look)
        self._say(OpenLane(lane=name))

    def _forget_guest(self, name: str) -> None:
        guest = self._guests.pop(name, None)
        if guest is not None:
            self._opened_by[guest.customer] -= 1
            if not self._opened_by[guest.customer]:
                del self._opened_by[guest.customer]

    def _makes_room(self, now: float, customer: str | None = None) -> bool:
        """Close the lane that has been without pushes for longest, if there is any."""
        for name, guest in self._guests.items():
            if not self._load(name) and customer in (None, guest.customer):
                self._let_go(name, now)
                return True
        return False

    def _look(self, now: float) -> None:
        """Close what has had no pushes for long."""
        idle_for = self._rules.idle_for
        for name, guest in list(self._guests.items()):
            # The very sum the alarm is set to: whatever is rounded, it does not ring in vain.
            if guest.used_at + idle_for > now:
                break
            if self._load(name):
                guest.used_at = now
                self._guests.move_to_end(name)
            else:
                self._let_go(name, now)
        if self._guests:
            oldest = next(iter(self._guests.values())).used_at
            self._sweep = self._alarms.set(oldest + idle_for, self._look)

    def _let_go(self, name: str, now: float) -> None:
        lane = self._lanes[name]
        self.close(lane, now)
        self._drop(lane, now)

    def _drop(self, lane: Lane, now: float) -> None:
        del self._lanes[lane.name]
        self.past.add(lane.counts)
        self._left(lane, now)
