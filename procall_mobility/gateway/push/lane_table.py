"""Which lanes there are: some stand as long as their application, others come when needed.

Where tokens name whom to call, each host or origin has a lane of its own, so that a dead one is
no matter to the others.  Such a lane is there on demand: it opens with the first push, and closes
when it has had none for a while, or when another one needs its place.

Pushes to places that are all dead wait long, and whoever has many of them could hold every lane.
So when all are taken, a customer below its share gets one of whoever has the most: a lane's
connections end, its pushes stay where they are, and wait until there is a place for it again.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import frozen

from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.push.lane.counts import LaneCounts
from procall_mobility.gateway.push.lane.lane import Lane
from procall_mobility.gateway.push.lane.outputs import CloseLane, OpenLane, Wanted
from procall_mobility.gateway.push.lane_guests import Guests
from procall_mobility.gateway.push.routes import Routes

NOBODY: Final = ""
"""Whoever opened a lane for a push that had been accepted before."""


@frozen(kw_only=True)
class TableRules:
    """Of lanes on demand: strangers name the hosts, and each costs a connection."""

    most: int = 1000
    """A file descriptor or two for each, of the 65,536 the service may have."""
    most_of_one: int = 500
    """Of one customer: half of them are left for the others."""
    idle_for: float = 300.0
    """Seconds without a push until one closes.  Push services close idle connections as well."""
    stuck_after: float = 60.0
    """Seconds without a connection until a lane gives its place to another one of its customer."""
    turn_every: float = 5.0
    """Seconds between looks for places, while lanes wait for one."""
    turns: int = 32
    """Lanes that get one at a time: each has to be looked for, and opens a connection."""


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
        cut: Callable[[Lane, float], None],
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
            cut: is told of a lane that has no connections for a while.
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
        self._cut = cut
        self._say = say
        self._lanes: dict[str, Lane] = {}
        self.all: Final[Mapping[str, Lane]] = self._lanes
        """The lanes by name."""
        self._guests = Guests(rules.most)
        self._sweep: Alarm = Alarm()
        self._turn: Alarm = Alarm()

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._lanes.values())

    def admits(self, name: str, customer: str, now: float) -> bool:
        """Tell whether a customer's new push finds its lane, or a place for it; and make that.

        The lane of pushes that were accepted may wait for one, and be refused new ones so long.
        """
        routes = self._routes
        if name in routes.standing() or name in self._guests.seated or routes.is_rest(name):
            return True
        if name in self._guests.waiting:
            if self._finds_place(customer, now):
                self._seat(name, customer, now)
                return True
            return False
        if self._guests.of(customer) >= self._rules.most_of_one:
            return self._makes_room(now, customer)
        return self._finds_place(customer, now)

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

    def reopen(self, lane: Lane, now: float, customer: str = NOBODY) -> None:
        """Let pushes go by a lane again."""
        if lane.is_closed:
            lane.reopen()
            self._opened(lane.name, customer, now)

    def close(self, lane: Lane, now: float) -> None:
        """Let no more pushes go by a lane: what waits there is routed anew."""
        if not lane.is_closed:
            lane.close(now)
            if lane.name not in self._guests.waiting and not self._routes.is_rest(lane.name):
                self._say(CloseLane(lane=lane.name))
            self._guests.leave(lane.name)

    def used(self, lane: Lane, now: float) -> None:
        """Look at a lane after something has happened in it."""
        if self._load(lane.name):
            self._guests.used(lane.name, now)
        elif lane.is_closed or self._routes.is_rest(lane.name):
            self._drop(lane, now)
        elif lane.name in self._guests.waiting:
            self._let_go(lane.name, now)

    # Inside -------------------------------------------------------------------------------

    def _opened(self, name: str, customer: str, now: float) -> None:
        if self._routes.is_rest(name):
            return
        if name in self._routes.standing():
            self._say(OpenLane(lane=name))
        elif self._guests.is_full:
            # Its pushes were accepted before, or come from another lane: they have to wait.
            self._guests.wait(name, customer)
            self._turn_later(now)
        else:
            self._seat(name, customer, now)

    def _seat(self, name: str, customer: str, now: float) -> None:
        self._guests.seat(name, customer, now)
        if not self._sweep.is_set:
            self._sweep = self._alarms.set(now + self._rules.idle_for, self._look)
        self._say(OpenLane(lane=name))

    def _unseat(self, name: str, now: float) -> None:
        """End a lane's connections; those of its pushes that are in flight have time to land."""
        self._guests.unseat(name)
        self._say(CloseLane(lane=name))
        self._cut(self._lanes[name], now)
        self._turn_later(now)

    def _finds_place(self, customer: str, now: float) -> bool:
        """Tell whether there is a place for one more lane of a customer, and make it free."""
        if not self._guests.is_full or self._makes_room(now):
            return True
        giver = self._guests.giver(customer)
        if giver is None:
            return False
        self._unseat(self._least_missed(giver), now)
        return True

    def _least_missed(self, customer: str) -> str:
        """Return which of a customer's lanes does least now: one that has no connection, if any,
        and of these the one that had most time to get one.
        """

        def missed(name: str, since: float) -> tuple[bool, bool, float]:
            lane = self._lanes[name]
            return lane.in_flight > 0, lane.health.streams > 0, since

        seats = self._guests.seats_of(customer)
        return min(seats, key=lambda each: missed(each[0], each[1].since))[0]

    def _gives_way(self, customer: str, now: float) -> bool:
        """Free the place of a customer's lane that has long tried in vain to connect."""
        until = now - self._rules.stuck_after
        for name, guest in self._guests.seats_of(customer):
            lane = self._lanes[name]
            if guest.since <= until and not lane.in_flight and not lane.health.streams:
                self._unseat(name, now)
                return True
        return False

    def _turn_later(self, now: float) -> None:
        if not self._turn.is_set:
            self._turn = self._alarms.set(now + self._rules.turn_every, self._take_turns)

    def _take_turns(self, now: float) -> None:
        """Give places to lanes that wait, as there are some for their customers."""
        hopeless: set[str] = set()
        turns = self._rules.turns
        for name, customer in list(self._guests.waiting.items()):
            if not turns:
                break
            if customer in hopeless:
                continue
            if self._finds_place(customer, now) or self._gives_way(customer, now):
                self._seat(name, customer, now)
                turns -= 1
            else:
                hopeless.add(customer)
        if self._guests.waiting:
            self._turn_later(now)

    def _makes_room(self, now: float, customer: str | None = None) -> bool:
        """Close the lane that has been without pushes for longest, if there is any."""
        for name, guest in self._guests.seated.items():
            if not self._load(name) and customer in (None, guest.customer):
                self._let_go(name, now)
                return True
        return False

    def _look(self, now: float) -> None:
        """Close what has had no pushes for long."""
        idle_for = self._rules.idle_for
        seated = self._guests.seated
        for name, guest in list(seated.items()):
            # The very sum the alarm is set to: whatever is rounded, it does not ring in vain.
            if guest.used_at + idle_for > now:
                break
            if self._load(name):
                self._guests.used(name, now)
            else:
                self._let_go(name, now)
        if seated:
            oldest = next(iter(seated.values())).used_at
            self._sweep = self._alarms.set(oldest + idle_for, self._look)

    def _let_go(self, name: str, now: float) -> None:
        lane = self._lanes[name]
        self.close(lane, now)
        self._drop(lane, now)

    def _drop(self, lane: Lane, now: float) -> None:
        del self._lanes[lane.name]
        self.past.add(lane.counts)
        self._left(lane, now)
