"""Presence first: a device whose session is connected gets its push there."""

from collections.abc import Callable

from attrs import frozen

from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.push.latest import Latest
from procall_mobility.gateway.push.routes import Presence
from procall_mobility.gateway.push.waiting import CALL, Waiting

Answer = Callable[[Waiting, bool, float], None]


@frozen(kw_only=True)
class SessionRules:
    """Seconds until a push is sent by its provider too, because the session says nothing.

    A session may be dead without anybody knowing: a call cannot wait for that to be found out.
    """

    patience: float = 5.0
    patience_for_calls: float = 1.0


class SessionOffers:
    """The pushes that sessions were given, and have not confirmed."""

    def __init__(
        self,
        presence: Presence,
        rules: SessionRules,
        alarms: Alarms,
        clock: Callable[[], float],
        answer: Answer,
    ) -> None:
        """`answer` is told whether a session took a push: once False, and then True if late."""
        self._presence = presence
        self._rules = rules
        self._alarms = alarms
        self._clock = clock
        self._answer = answer
        self._open: dict[str, Alarm] = {}
        self._latest = Latest()

    def __len__(self) -> int:
        return len(self._open)

    def offer(self, waiting: Waiting, now: float) -> bool:
        """Offer a push to the device's session; False when there is none."""
        push = waiting.push
        assert push is not None, "offered with its content"
        if not self._presence.offer(
            waiting.device, push, lambda taken: self._answered(waiting, taken), now
        ):
            return False
        self._latest.sent(waiting)
        rules, is_call = self._rules, waiting.urgency is CALL
        patience = rules.patience_for_calls if is_call else rules.patience
        self._open[waiting.id] = self._alarms.set(
            now + patience, lambda later: self._time_up(waiting, later)
        )
        return True

    def outdate(self, newer: Waiting) -> None:
        """Note that what a session was given before is older than a push that goes out now."""
        self._latest.outdate(newer)

    def _answered(self, waiting: Waiting, taken: bool) -> None:
        alarm = self._open.pop(waiting.id, None)
        if alarm is not None:
            self._latest.landed(waiting)
            alarm.cancel()
        if taken or alarm is not None:
            self._answer(waiting, taken, self._clock())

    def _time_up(self, waiting: Waiting, now: float) -> None:
        del self._open[waiting.id]
        self._latest.landed(waiting)
        self._answer(waiting, False, now)
