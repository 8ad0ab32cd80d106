"""All lanes: what they tell is written down, and their alarms are set."""

from collections.abc import Callable
from typing import Final

from attrs import evolve

from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.push.environments import Environments
from procall_mobility.gateway.push.lane.counts import LaneCounts
from procall_mobility.gateway.push.lane.lane import Lane
from procall_mobility.gateway.push.lane.outbox import NOT_STORED
from procall_mobility.gateway.push.lane.outputs import (
    DeviceHome,
    LaneOutput,
    PushAstray,
    PushEnded,
    PushPostponed,
    SendPush,
    TokenDied,
    TokenElsewhere,
    Wanted,
)
from procall_mobility.gateway.push.lane_table import LaneTable
from procall_mobility.gateway.push.ledger import Ledger
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.gateway.push.trace import Stage
from procall_mobility.gateway.push.waiting import Waiting
from procall_mobility.protocols.push.outcomes import TokenDead

TURN: Final = 0.001
"""Seconds until work that was broken off goes on: others have a turn in between."""

UNKNOWN_APP: Final = "unknown-app"

BURIED_AT_ONCE: Final = 256
"""Pushes that end with their token in one go; what waits beyond them asks its provider again."""


class Lanes:
    """Lanes come into being when there are pushes or connections for them (`LaneTable`)."""

    def __init__(
        self,
        rules: PushRules,
        ports: PushPorts,
        ledger: Ledger,
        environments: Environments,
        alarms: Alarms,
        say: Callable[[Wanted], None],
    ) -> None:
        self._rules = rules
        self._ports = ports
        self._ledger = ledger
        self._environments = environments
        self._alarms = alarms
        self._say = say
        self._table = LaneTable(
            rules.table,
            ports.routes,
            alarms,
            make=self._made,
            load=ledger.load,
            left=self._left,
            cut=lambda lane, now: self.touch(lane.name, now).offers(0, now),
            say=say,
        )
        self.all = self._table.all
        """The lanes by name."""
        self.admits = self._table.admits
        """Tells whether a customer's new push finds its lane, or a place for it, and makes it."""
        self.get = self._table.get
        """Returns a lane; the customer that may be named has the new push it is for."""
        self._wakes: dict[str, Alarm] = {}
        self._touched: dict[str, Lane] = {}
        self._is_draining = False
        self.at_home: Callable[[Waiting, float], None] = lambda waiting, now: None
        """Takes the pushes of devices whose session is there when they are due."""

    @property
    def past(self) -> LaneCounts:
        """Return what was counted of lanes that are no more."""
        return self._table.past

    @property
    def in_flight(self) -> int:
        """How many pushes were sent and not answered."""
        return sum(lane.in_flight for lane in self._table)

    @property
    def are_busy(self) -> bool:
        """Whether something is in flight, or a call may be at any moment."""
        return any(lane.in_flight or (lane.calls and lane.health.streams) for lane in self._table)

    def touch(self, name: str, now: float) -> Lane:
        """Return a lane whose state is about to change; `settle` looks after what follows."""
        lane = self.all.get(name)
        if lane is None:
            lane = self.get(name, now)
        self._touched[name] = lane
        return lane

    def drain(self, now: float) -> None:
        """Send nothing more but calls."""
        self._is_draining = True
        for name in self.all:
            self.touch(name, now).drain(now)

    def routed(self, now: float) -> None:
        """Open lanes that are there all the time, and close those that have no reason to be."""
        routes = self._ports.routes
        for name in {*self.all, *routes.standing()}:
            lane = self.touch(name, now)
            if routes.serves(name):
                self._table.reopen(lane, now)
            else:
                self._table.close(lane, now)

    def settle(self, now: float) -> None:
        """Write down what is new, what lanes have told, and what that brings forth in others."""
        self._ledger.add()
        while self._touched:
            _, lane = self._touched.popitem()
            self._arrange(lane, now)
            outputs = iter(lane.take())
            try:
                for output in outputs:
                    if isinstance(output, SendPush):  # By far the most frequent, like the next.
                        self._say(output)
                    elif isinstance(output, PushEnded) and not output.waiting.has_moved:
                        self.end(output.waiting, output.state, output.reason)
                    else:
                        self._follow(lane, output, now)
            except BaseException:
                # Whoever was told of an end has failed: the other ends are told next time.
                lane.tell_again(list(outputs))
                self._touched[lane.name] = lane
                raise
            self._table.used(lane, now)
        self._ledger.flush()

    def _follow(self, lane: Lane, output: LaneOutput, now: float) -> None:
        match output:
            case PushEnded(waiting=waiting, state=state, reason=reason):
                if waiting.has_moved and waiting.push is not None and state is State.SENT:
                    self._environments.found(waiting.device, waiting.push.sandbox)
                self.end(waiting, state, reason)
            case PushPostponed(push=push):
                self._ledger.postpone(push)
            case DeviceHome(waiting=waiting):
                self.at_home(waiting, now)
            case PushAstray():
                self._astray(output, now)
            case TokenDied():
                self._token_died(lane, output)
            case TokenElsewhere():
                self._token_elsewhere(lane, output, now)
            case _:
                self._say(output)

    def end(self, waiting: Waiting, state: State, reason: str | None = None) -> None:
        """Write down how a push has ended."""
        if waiting.trace is not None:
            stage = Stage.NOT_STORED if reason == NOT_STORED else Stage.ENDED
            waiting.trace.end(stage, state, self._ports.clock(), reason)
        if self._ledger.end(waiting, state, reason):
            self.all[waiting.lane].counts.ended(state)
            self._ports.book.ended(waiting, state, reason)

    def _astray(self, told: PushAstray, now: float) -> None:
        """Route a push anew: its application has another credential now."""
        name = self._ports.routes.lane(told.push)
        if name is None:
            self.end(told.waiting, State.REJECTED, UNKNOWN_APP)
        else:
            self._move(told.waiting, name, now)

    def _move(self, waiting: Waiting, name: str, now: float) -> None:
        self._ledger.move(waiting, name)
        waiting.avoid = None
        self.get(name, now, waiting.customer)
        lane = self.touch(name, now)
        self._table.reopen(lane, now, waiting.customer)
        lane.add(waiting, now)

    def _token_died(self, lane: Lane, told: TokenDied) -> None:
        push, unix = told.push, self._ports.wall_clock()
        since = unix if told.since is None else min(unix, told.since)
        token = push.notification.token
        self._ports.store.bury(push.customer, push.app, token, told.reason, unix, since)
        self.end(told.waiting, State.TOKEN_GONE, told.reason)
        # Nothing more is accepted for it, and no provider is to be asked for what was before.
        for each in lane.waiting_for(told.waiting.device, BURIED_AT_ONCE):
            lane.withdraw(each)
            self.end(each, State.TOKEN_GONE, told.reason)

    def _token_elsewhere(self, lane: Lane, told: TokenElsewhere, now: float) -> None:
        """Try the provider's other environment, once."""
        waiting = told.waiting
        if self._ports.routes.is_off(waiting.customer) and not waiting.has_moved:
            # Where it waits now is no environment; both are tried when it goes out again.
            self._astray(PushAstray(waiting=waiting, push=told.push), now)
            return
        other = None if waiting.has_moved else self._other_environment(told.push, lane.name)
        if other is None:
            # Where all tokens look wrong, it is the application that is in the wrong place.
            dead = TokenDead(reason=told.reason, is_suspicious=not waiting.has_moved)
            self.touch(lane.name, now).bad_token(waiting, told.push, dead)
            return
        moved, name = other
        waiting.has_moved, waiting.push = True, moved
        lane.counts.moved += 1
        if waiting.trace is not None:
            waiting.trace.add(Stage.MOVED, now, name, None, told.reason)
        self._ledger.postpone(moved)
        self._move(waiting, name, now)

    def _other_environment(self, push: QueuedPush, lane: str) -> tuple[QueuedPush, str] | None:
        """Return a push as it goes to another environment than its lane's, and that lane."""
        for sandbox in (True, False):
            moved = evolve(push, sandbox=sandbox)
            name = self._ports.routes.lane(moved)
            if name is not None and name != lane:
                return moved, name
        return None

    def _made(self, name: str, now: float) -> Lane:
        ports = self._ports
        lane = Lane(
            name,
            self._rules.lane,
            weight=lambda customer: ports.share_of(customer).weight,
            fetch=ports.store.fetch,
            is_home=ports.presence.knows,
            is_off=ports.routes.is_off,
            wall_clock=ports.wall_clock,
            dice=ports.dice,
        )
        if not ports.routes.is_rest(name):
            lane.offers(0, now)  # If that stays so, somebody is told.
        if self._is_draining:
            lane.drain(now)
        return lane

    def _left(self, lane: Lane, now: float) -> None:
        """See that nobody comes back to a lane that is no more, and it is nobody's trouble."""
        lane.health.lane_closed()
        for output in lane.take():
            self._follow(lane, output, now)
        self._touched.pop(lane.name, None)
        alarm = self._wakes.pop(lane.name, None)
        if alarm is not None:
            alarm.cancel()

    def _arrange(self, lane: Lane, now: float) -> None:
        """See that a lane is woken early enough; too early does no harm."""
        at = lane.wake_at()
        if at is None:
            return
        at = max(at, now + TURN)
        alarm = self._wakes.get(lane.name)
        if alarm is not None and alarm.is_set:
            if alarm.at <= at:
                return
            alarm.cancel()
        name = lane.name
        self._wakes[name] = self._alarms.set(at, lambda later: self.touch(name, later).wake(later))
