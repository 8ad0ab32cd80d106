"""What waits in one lane: not before its time, not after it, and no older beside a newer one.

Every push has one place in a heap of times: when it becomes ready, then when it expires.  What has
left the queue is swept out of the heap when it is the majority, so that all of this takes
O(log n) and grows with nothing but what really waits.
"""

import heapq
from collections import OrderedDict

from procall_mobility.gateway.push.lane.devices import Devices
from procall_mobility.gateway.push.lane.fairness import SWEPT_FROM, FairQueue, Weight
from procall_mobility.gateway.push.waiting import Alarm, Key, Waiting

MOST_PAUSES = 10_000
"""Devices that are left alone for a while, as their provider asks; the first is forgotten, and
the provider will ask again."""

MOST_DUE = 256
"""Pushes whose time has come that are looked at in one go; a hundred thousand may expire at the
same second, and others shall have a turn in between."""


class PushQueue:
    """The waiting pushes of a lane."""

    def __init__(self, weight: Weight) -> None:
        self._ready = FairQueue(weight)
        self._times: list[Alarm] = []
        self._newest: dict[Key, Waiting] = {}
        self._devices = Devices()
        self._pauses: OrderedDict[bytes, float] = OrderedDict()
        self.alive = 0
        """How many wait."""
        self.held = 0
        """Octets of the pushes whose content is in memory."""
        self.absent = 0
        """Pushes whose content is not."""

    def __len__(self) -> int:
        return self.alive

    @property
    def ready(self) -> int:
        """How many wait for nothing but their turn."""
        return len(self._ready)

    @property
    def calls(self) -> int:
        """How many of these are calls."""
        return self._ready.calls

    def add(self, push: Waiting, now: float) -> Waiting | None:
        """Take a push in.

        Returns the one that is in no queue because a newer one of the same key is: mostly one
        that waited, or `push` itself when it has come back from an attempt too late.
        """
        older = None
        if push.key is not None:
            older = self._newest.get(push.key)
            if older is not None:
                if older.order > push.order:
                    return push
                self.remove(older)
            self._newest[push.key] = push
        self.alive += 1
        self._devices.add(push)
        if push.push is None:
            self.absent += 1
        else:
            self.held += push.octets
        self._place(push, now)
        return older

    def supersede(self, newer: Waiting) -> Waiting | None:
        """Take out what is older than a push of the same key that is not to be queued."""
        older = None if newer.key is None else self._newest.get(newer.key)
        if older is None or older.order >= newer.order:
            return None
        self.remove(older)
        return older

    def is_passed_by(self, push: Waiting, now: float) -> bool:
        """Whether a push need not queue: nobody waits, and it may go now."""
        if self.alive or not push.not_before <= now < push.expires:
            return False
        return self._pauses.get(push.device, now) <= now

    def of(self, device: bytes, most: int) -> list[Waiting]:
        """Return the oldest of what waits for a device."""
        return self._devices.of(device, most)

    def pop(self, now: float, *, calls_only: bool = False) -> Waiting | None:
        """Take out the push whose turn it is, and that is not to wait for its device.

        It may have expired, when there was no time yet to take out all that have.
        """
        while (push := self._ready.pop(now, calls_only=calls_only)) is not None:
            until = self._pauses.get(push.device, now)
            if until <= now:
                self._left(push)
                return push
            push.not_before = until
            self._place(push, now)
        return None

    def remove(self, push: Waiting) -> None:
        """Take out a push that is queued."""
        self._left(push)
        if push.is_ready:
            self._ready.removed(push)

    def delayed(self, customer: str | None) -> list[Waiting]:
        """Return what waits for its time, in no order; of one customer or of all."""
        return [
            push
            for *_, push in (alarm for alarm in self._times if alarm[2].alarm is alarm)
            if not push.is_ready and customer in (None, push.customer)
        ]

    def hurry(self, push: Waiting, now: float) -> None:
        """Let a queued push wait for nothing but its turn, and leave its device alone no more."""
        if push.is_queued and not push.is_ready:
            self._pauses.pop(push.device, None)
            push.not_before = now
            self._place(push, now)

    def let_go(self, push: Waiting) -> None:
        """Leave the content of a queued push to the store."""
        if push.push is not None:
            push.push = None
            self.held -= push.octets
            self.absent += 1

    def pause(self, device: bytes, until: float) -> None:
        """Send nothing to a device for a while."""
        until = max(until, self._pauses.pop(device, until))
        self._pauses[device] = until
        while len(self._pauses) > MOST_PAUSES:
            self._pauses.popitem(last=False)

    def due(self, now: float) -> list[Waiting]:
        """Take out pushes that have expired; others become ready.  There may be more of both."""
        expired = []
        for _ in range(MOST_DUE):
            if not self._times or self._times[0][0] > now:
                break
            alarm = heapq.heappop(self._times)
            push = alarm[2]
            if push.alarm is not alarm:
                continue
            if push.expires <= now:
                self.remove(push)
                expired.append(push)
            else:
                self._place(push, now)
        return expired

    def wake_at(self) -> float | None:
        """When `due` has something to do."""
        while self._times and self._times[0][2].alarm is not self._times[0]:
            heapq.heappop(self._times)
        return self._times[0][0] if self._times else None

    def _place(self, push: Waiting, now: float) -> None:
        """Make a push ready, or have it looked at when it is."""
        push.is_ready = push.not_before <= now
        at = push.expires if push.is_ready else min(push.not_before, push.expires)
        push.alarm = alarm = (at, push.order, push)
        heapq.heappush(self._times, alarm)
        if push.is_ready:
            self._ready.add(push, now)
        if len(self._times) > SWEPT_FROM + 2 * self.alive:
            self._times = [each for each in self._times if each[2].alarm is each]
            heapq.heapify(self._times)

    def _left(self, push: Waiting) -> None:
        push.alarm = None
        self.alive -= 1
        self._devices.remove(push)
        if push.push is None:
            self.absent -= 1
        else:
            self.held -= push.octets
        if push.key is not None:
            del self._newest[push.key]
