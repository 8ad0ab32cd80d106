"""Which way a push goes: to the device's own session first, and by its lane where there is none.

A session is looked for when a push comes, before every further attempt, and for all that waits as
soon as the device's session is there: waking it is what many pushes are for.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.push.lanes import Lanes
from procall_mobility.gateway.push.ledger import Ledger
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.gateway.push.sessions import SessionOffers
from procall_mobility.gateway.push.trace import PushTraces, Stage
from procall_mobility.gateway.push.waiting import Waiting

MOST_AT_ONCE: Final = 16
"""Pushes that waited and are given to a session at a time; the next go when one was taken."""


class Dispatch:
    """Of all pushes."""

    def __init__(
        self,
        rules: PushRules,
        ports: PushPorts,
        alarms: Alarms,
        ledger: Ledger,
        lanes: Lanes,
        traces: PushTraces,
        settle: Callable[[float], None],
    ) -> None:
        self._ports = ports
        self._ledger = ledger
        self._lanes = lanes
        self._traces = traces
        self._settle = settle
        self._offers = SessionOffers(
            ports.presence, rules.sessions, alarms, ports.clock, self._said
        )
        self._noted: deque[Waiting] = deque()
        self.is_over = False
        """Whether sessions are given nothing more."""
        lanes.at_home = self.send

    @property
    def is_busy(self) -> bool:
        """Whether sessions have not confirmed everything."""
        return len(self._offers) > 0

    def send(self, waiting: Waiting, now: float) -> None:
        """Send a push after those that were noted: none may come after a newer one of its key."""
        self.send_noted(now)
        self._give(waiting, now)

    def note(self, waiting: Waiting) -> None:
        """Send a push with all others of this turn."""
        self._noted.append(waiting)

    def send_noted(self, now: float) -> None:
        """Send what was noted; nothing of it can have ended meanwhile."""
        while self._noted:
            self._give(self._noted.popleft(), now)

    def came(self, device: bytes, now: float) -> None:
        """Give a session that is there, perhaps again, what waits for its device."""
        self._traces.came(device, now)
        self._offer_waiting(device, now)

    def _give(self, waiting: Waiting, now: float) -> None:
        """Give a push, whose content is at hand, to its device's session, or to its lane."""
        if waiting.key is not None:
            self._offers.outdate(waiting)
        if not self._offer(waiting, now):
            self._lanes.touch(waiting.lane, now).add(waiting, now)

    def _offer_waiting(self, device: bytes, now: float) -> None:
        if self.is_over or not self._ports.presence.knows(device):
            return
        # Thousands may wait for a device, and this is done for each that its session has taken.
        lanes = self._lanes.all.values()
        found = [each for lane in lanes for each in lane.waiting_for(device, MOST_AT_ONCE)]
        found.sort(key=lambda each: each.order)
        found = found[:MOST_AT_ONCE]
        for waiting, push in zip(found, self._contents(found), strict=True):
            if push is None:
                continue  # Its lane finds that out, too.
            lane = self._lanes.touch(waiting.lane, now)
            # A session that ends over one gives others back, which may send those after it.
            if not lane.withdraw(waiting):
                continue
            waiting.push = push
            if not self._offer(waiting, now):
                lane.add(waiting, now)

    def _contents(self, found: list[Waiting]) -> list[QueuedPush | None]:
        absent = [each.id for each in found if each.push is None]
        read = self._ports.store.fetch(absent) if absent else []
        content = {push.id: push for push in read or ()}
        return [each.push or content.get(each.id) for each in found]

    def _offer(self, waiting: Waiting, now: float) -> bool:
        waiting.asks_device = False
        if self.is_over or not self._ports.presence.knows(waiting.device):
            return False
        if not self._offers.offer(waiting, now):
            return False
        if waiting.key is not None:
            self._lanes.touch(waiting.lane, now).supersede(waiting)
        if waiting.trace is not None:
            waiting.trace.add(Stage.OFFERED, now)
        return True

    def _said(self, waiting: Waiting, is_taken: bool, now: float) -> None:
        if not self._ledger.has(waiting):
            return
        if waiting.trace is not None:
            waiting.trace.add(Stage.TAKEN if is_taken else Stage.NOT_TAKEN, now)
        lane = self._lanes.touch(waiting.lane, now)
        if not is_taken:
            lane.add(waiting, now)
        elif not lane.is_flying(waiting):
            # What flies has its own end; the device sorts out the second one by its id.
            lane.withdraw(waiting)
            lane.counts.in_session += 1
            self._lanes.end(waiting, State.SENT)
        if is_taken:
            self._offer_waiting(waiting.device, now)
        self._settle(now)
