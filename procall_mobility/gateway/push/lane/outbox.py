"""What a lane has to send: its queue, what is in flight, and contents fetched when needed."""

from collections.abc import Callable, Sequence
from typing import Final

from attrs import define, frozen

from procall_mobility.gateway.push.lane.counts import LaneCounts
from procall_mobility.gateway.push.lane.fairness import Weight
from procall_mobility.gateway.push.lane.health import LaneHealth, Mark
from procall_mobility.gateway.push.lane.outputs import (
    ConnectNow,
    DeviceHome,
    LaneOutput,
    PushAstray,
    PushEnded,
    SendPush,
)
from procall_mobility.gateway.push.lane.queue import PushQueue
from procall_mobility.gateway.push.latest import Latest
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.trace import Stage
from procall_mobility.gateway.push.waiting import CALL, Waiting
from procall_mobility.protocols.push.notification import Urgency

MOST_AT_ONCE: Final = 128
"""Pushes sent in one go: their contents are fetched and sealed within some milliseconds, then
others have a turn."""

UNREADABLE_FOR: Final = 1.0
"""Seconds until a store that cannot be read is asked again."""

HURRY_EVERY: Final = 2.0
"""Seconds between attempts to connect while calls wait: a provider that comes back is found in
time, and one that does not has nothing to complain of."""

NOT_STORED: Final = "not-stored"
CONTENT_LOST: Final = "content-lost"

Fetch = Callable[[Sequence[str]], list[QueuedPush] | None]

IsHome = Callable[[bytes], bool]
"""Whether a device has a session of its own, by its digest."""

IsOff = Callable[[str], bool]
"""Whether nothing of a customer goes out."""


@frozen(kw_only=True)
class OutboxRules:
    """Seconds, and octets."""

    patience: float = 15.0
    """Google asks for ten at least."""
    patience_for_calls: float = 4.0
    """A phone may ring after another attempt, if that is made soon."""
    held: int = 4_000_000
    """Of content in memory: some thousand pushes.  What waits beyond it is left to the store."""


@define(eq=False)
class Flight:
    """A push that was sent, and what is remembered of the lane with it."""

    waiting: Waiting
    mark: Mark

    @property
    def push(self) -> QueuedPush:
        """The push, whose content is in memory while it flies."""
        assert self.waiting.push is not None
        return self.waiting.push


class Outbox:
    """Of one lane; `say` takes what is to be sent, and what has ended without being sent."""

    def __init__(
        self,
        lane: str,
        rules: OutboxRules,
        health: LaneHealth,
        counts: LaneCounts,
        *,
        weight: Weight,
        fetch: Fetch,
        is_home: IsHome,
        is_off: IsOff,
        say: Callable[[LaneOutput], None],
    ) -> None:
        self.queue = PushQueue(weight)
        self.flights: dict[str, Flight] = {}
        self.is_draining = False
        """Whether nothing but calls goes out."""
        self.is_closed = False
        """Whether the lane is no more: what waits is routed anew when its time has come."""
        self._lane = lane
        self._rules = rules
        self._health = health
        self._counts = counts
        self._fetch = fetch
        self._is_home = is_home
        self._is_off = is_off
        self._say = say
        self._latest = Latest()
        self._readable_at = 0.0
        self._hurry_at = 0.0
        self._has_more = False

    @property
    def has_waiting(self) -> bool:
        """Whether pushes wait for this lane."""
        return len(self.queue) > 0 and not self.is_closed

    def take(self, waiting: Waiting, now: float) -> None:
        """Send a push at once, or when its turn has come."""
        if (
            not self.is_closed
            and self._may_send(now, waiting.urgency)
            and waiting.push is not None
            and not waiting.is_forsaken
            and not waiting.is_outdated
            and self.queue.is_passed_by(waiting, now)
        ):
            self._launch(Flight(waiting, self._health.sent(now)), now)
            return
        self.add(waiting, now)
        self.send(now)
        self.let_go(waiting)

    def add(self, waiting: Waiting, now: float) -> None:
        """Queue a push; one that could not be stored has come back for the last time."""
        if waiting.is_forsaken:
            self.end(waiting, State.REJECTED, NOT_STORED)
            return
        if waiting.is_outdated:
            self.end(waiting, State.REPLACED)
            return
        replaced = self.queue.add(waiting, now)
        if replaced is not None:
            self.end(replaced, State.REPLACED)

    def supersede(self, newer: Waiting) -> None:
        """Send nothing that is older than a push of the same key, which goes another way."""
        replaced = self.queue.supersede(newer)
        if replaced is not None:
            self.end(replaced, State.REPLACED)
        self._latest.outdate(newer)

    def end(self, waiting: Waiting, state: State, reason: str | None = None) -> None:
        """Tell that a push has ended."""
        self._say(PushEnded(waiting=waiting, state=state, reason=reason))

    def let_go(self, waiting: Waiting) -> None:
        """Leave the content of a push that has to wait to the store, if there is much of it."""
        if self.queue.held > self._rules.held and waiting.is_queued and waiting.is_durable:
            self.queue.let_go(waiting)

    def send(self, now: float) -> None:
        """Send what may go, and end what has expired."""
        if not self.queue.alive:
            self._has_more = False
            return
        for waiting in self.queue.due(now):
            self.end(waiting, State.EXPIRED, waiting.trouble)
        due = self.queue.wake_at()
        self._has_more = due is not None and due <= now
        if self._calls_in_vain and now >= self._hurry_at:
            self._hurry_at = now + HURRY_EVERY
            self._say(ConnectNow(lane=self._lane))
        if now < self._readable_at:
            self._has_more = True
            return
        flights = self._picked(now)
        missing = [each.waiting.id for each in flights if each.waiting.push is None]
        if missing:
            read = self._fetch(missing)
            if read is None:
                self._put_back(flights, now)
                return
            self._counts.fetched += len(missing)
            content = {push.id: push for push in read}
            for each in flights:
                each.waiting.push = each.waiting.push or content.get(each.waiting.id)
        for each in flights:
            self._launch(each, now)

    def returned(self, push: str) -> Flight | None:
        """Take out a flight of which it is known what has come of it; None where there is none."""
        flight = self.flights.pop(push, None)
        if flight is not None and flight.waiting.key is not None:
            self._latest.landed(flight.waiting)
        return flight

    def landed(self, now: float) -> None:
        """Send the next: a stream is free.

        While contents are to be fetched, free streams are gathered until our turn comes again:
        one look into the store for many pushes, instead of one for each.  Calls do not wait.
        """
        if self.queue.absent and not self.queue.calls:
            self._has_more = True
        else:
            self.send(now)

    def wake_at(self) -> float | None:
        """When `send` has something to do."""
        if self._has_more:
            return self._readable_at
        if not len(self.queue):
            return self._health.refresh_by
        ready = self.queue.calls if self.is_draining else self.queue.ready
        at = self._health.wake_at(
            has_waiting=self.has_waiting,
            has_ready=ready > 0 and self._health.streams > len(self.flights),
            has_calls=self.queue.calls > 0,
        )
        hurry = self._hurry_at if self._calls_in_vain else None
        times = [each for each in (at, hurry, self.queue.wake_at()) if each is not None]
        return min(times, default=None)

    @property
    def _calls_in_vain(self) -> bool:
        """Whether calls wait for nothing but a connection."""
        return self.queue.calls > 0 and not self._health.streams and not self.is_closed

    def _picked(self, now: float) -> list[Flight]:
        picked: list[Flight] = []
        room = MOST_AT_ONCE if self.is_closed else self._health.streams - len(self.flights)
        for _ in range(MOST_AT_ONCE):
            if not self.queue.ready or len(picked) >= room:
                return picked
            calls_only = not (self.is_closed or self._may_send(now, Urgency.ALERT))
            if calls_only and not self._may_send(now, Urgency.CALL):
                return picked
            waiting = self.queue.pop(now, calls_only=calls_only)
            if waiting is None:
                return picked
            if waiting.expires <= now:
                self.end(waiting, State.EXPIRED, waiting.trouble)
            else:
                picked.append(Flight(waiting, self._health.sent(now)))
        self._has_more = True
        return picked

    def _may_send(self, now: float, urgency: Urgency) -> bool:
        """Whether a push of a class may go out.

        While the provider fails, a call now and then does, as a probe; and at the end only calls.
        """
        is_call = urgency is CALL
        return (
            len(self.flights) < self._health.streams
            and (is_call or not self.is_draining)
            and now >= self._readable_at
            and self._health.may_send(now, is_call=is_call)
        )

    def _put_back(self, flights: list[Flight], now: float) -> None:
        """Wait for a store that cannot be read."""
        self._readable_at = now + UNREADABLE_FOR
        self._has_more = True
        for each in flights:
            self._health.unsent(each.mark, now)
            self.add(each.waiting, now)

    def _launch(self, flight: Flight, now: float) -> None:
        waiting, rules = flight.waiting, self._rules
        if waiting.push is None:
            self._health.unsent(flight.mark, now)
            self.end(waiting, State.REJECTED, CONTENT_LOST)
            self._has_more = True  # Its stream is free for the next.
            return
        if self.is_closed or self._is_off(waiting.customer):
            self._health.unsent(flight.mark, now)
            self._say(PushAstray(waiting=waiting, push=waiting.push))
            self._has_more = True
            return
        if waiting.asks_device and self._is_home(waiting.device):
            self._health.unsent(flight.mark, now)
            self._say(DeviceHome(waiting=waiting))
            self._has_more = True
            return
        if waiting.trace is not None:
            waiting.trace.add(Stage.HANDED_OVER, now, self._lane)
        self.flights[waiting.id] = flight
        if waiting.key is not None:
            self._latest.sent(waiting)
        self._counts.requests += 1
        self._say(
            SendPush(
                lane=self._lane,
                push=waiting.push,
                has_moved=waiting.has_moved,
                avoid=waiting.avoid,
                patience=rules.patience_for_calls if waiting.urgency is CALL else rules.patience,
            )
        )
