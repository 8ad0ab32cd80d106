"""Takes up what the last run has left, a little at a time: others have a turn in between."""

from collections.abc import Callable
from typing import Final

from attrs import define, field

from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.push.entrance import Entrance
from procall_mobility.gateway.push.lane.outbox import UNREADABLE_FOR
from procall_mobility.gateway.push.lane.outputs import NotTakenUp, Wanted
from procall_mobility.gateway.push.lanes import TURN, UNKNOWN_APP, Lanes
from procall_mobility.gateway.push.ledger import Ledger
from procall_mobility.gateway.push.ports import NotReadable, QueuedPush, State
from procall_mobility.gateway.push.rules import PushPorts
from procall_mobility.gateway.push.trace import PushTraces, Stage
from procall_mobility.protocols.push.notification import Urgency

ROWS_AT_ONCE: Final = 250
"""Rows read in one go at start: some milliseconds."""

NOWHERE: Final = "nowhere"
"""The lane in whose counts pushes end whose application is no more."""


@define(eq=False, kw_only=True)
class Restoring:
    """Reads the queue to its end, unless it is stopped."""

    _ports: PushPorts
    _alarms: Alarms
    _entrance: Entrance
    _ledger: Ledger
    _lanes: Lanes
    _traces: PushTraces
    _say: Callable[[Wanted], None]
    is_over: bool = field(default=False, init=False)
    """Whether everything was read."""
    is_stopped: bool = field(default=False, init=False)

    def go_on(self, after: str | None, now: float) -> None:
        """Read the rows after one, and see to it that the others are read.

        Should reading fail, it is tried again after a while.  A row that cannot be taken up stays
        where it is, for the next start, and costs no other.
        """
        again = self._alarms.set(now + UNREADABLE_FOR, lambda later: self.go_on(after, later))
        try:
            rows = self._ports.store.load(after, ROWS_AT_ONCE)
        except NotReadable:
            return
        again.cancel()
        unix = self._ports.wall_clock()
        for push in rows:
            if push.id in self._ledger.open:
                continue
            try:
                self._take_up(push, now, unix)
            except Exception as fault:  # noqa: BLE001  # Whatever it is, the others go on.
                self._say(NotTakenUp(push=push.id, fault=fault))
        if not rows:
            self.is_over = True
        elif not self.is_stopped:
            last = rows[-1].id
            self._alarms.set(now + TURN, lambda later: self.go_on(last, later))

    def _take_up(self, push: QueuedPush, now: float, unix: float) -> None:
        waiting, name = self._entrance.restored(push, now, unix)
        self._lanes.get(name or NOWHERE, now, push.customer)
        lane = self._lanes.touch(name or NOWHERE, now)
        self._ledger.enter(waiting, lane.name)
        lane.counts.restored += 1
        if waiting.urgency is Urgency.CALL:
            waiting.trace = self._traces.begin(push, waiting.device, now, Stage.RESTORED)
        if name is None:
            self._lanes.end(waiting, State.REJECTED, UNKNOWN_APP)
        else:
            lane.add(waiting, now)
