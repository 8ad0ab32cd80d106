"""Calls to a customer's server that somebody other than a WebSocket client waits for."""

from collections.abc import Callable

from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.links import Link
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.messages import (
    Error,
    Invoke,
    JsonValue,
    Payload,
    Reject,
    Result,
)
from procall_mobility.protocols.rose.operations import OPERATIONS

Answer = Result | Error | Reject
WhenAnswered = Callable[[Answer, float], None]
WhenFailed = Callable[[Reason, float], None]


class ServerCall:
    """One call that is answered, times out, or fails with its link; exactly one of the three."""

    def __init__(
        self,
        alarm: Alarm,
        when_answered: WhenAnswered,
        when_failed: WhenFailed,
        when_late: WhenAnswered | None,
    ) -> None:
        self._alarm = alarm
        self._when_late = when_late
        self._when_answered = when_answered
        self._when_failed = when_failed

    def answered(self, operation: str | None, answer: Answer, now: float) -> None:
        """Take the server's answer (the port `Caller`), even one that comes too late."""
        if self._alarm.is_set:
            self._alarm.cancel()
            self._when_answered(answer, now)
        elif self._when_late is not None:
            self._when_late(answer, now)

    def fails(self, reason: Reason, now: float) -> None:
        """Give up, because there will be no answer."""
        if self._alarm.is_set:
            self._alarm.cancel()
            self._when_failed(reason, now)


class ServerCalls:
    """Makes such calls, and fails them when their link is lost."""

    def __init__(self, alarms: Alarms, timeout: float) -> None:
        self._alarms = alarms
        self.timeout = timeout
        """Seconds for calls made from now on."""
        self._waiting: dict[Link, set[ServerCall]] = {}

    def make(
        self,
        link: Link,
        operation: str,
        argument: Payload,
        session_id: str | None,
        when_answered: WhenAnswered,
        when_failed: WhenFailed,
        now: float,
        *,
        when_late: WhenAnswered | None = None,
    ) -> None:
        """Call `operation` at the server of `link`.

        One of the two callbacks comes, perhaps before this returns.  `when_late` gets an answer
        that comes after the call was given up.
        """

        def answered(answer: Answer, later: float) -> None:
            self._settled(link, call)
            when_answered(answer, later)

        def failed(reason: Reason, later: float) -> None:
            self._settled(link, call)
            when_failed(reason, later)

        def times_out(later: float) -> None:
            failed(Reason.SERVER_TIMEOUT, later)

        call = ServerCall(
            self._alarms.set(now + self.timeout, times_out), answered, failed, when_late
        )
        self._waiting.setdefault(link, set()).add(call)
        invoke = OPERATIONS.resolve(Invoke(0, 0, operation, argument, session_id))
        if link.wire.call(invoke, call):
            link.sent += 1
        else:
            call.fails(Reason.SERVER_BUSY, now)

    def forget_answer(self, link: Link, operation: str, argument: JsonValue, now: float) -> None:
        """Call an operation whose answer changes nothing."""
        self.make(link, operation, argument, None, _nothing_answered, _nothing_failed, now)

    def link_lost(self, link: Link, now: float) -> None:
        """Fail everything that waits for `link`."""
        for call in list(self._waiting.pop(link, ())):
            call.fails(Reason.LINK_LOST, now)

    def _settled(self, link: Link, call: ServerCall) -> None:
        waiting = self._waiting.get(link, set())
        waiting.discard(call)
        if not waiting:
            # What is called over a lost link fails at once, and must not keep it.
            self._waiting.pop(link, None)


def _nothing_answered(answer: Answer, now: float) -> None:
    """Take an answer nobody needs."""


def _nothing_failed(reason: Reason, now: float) -> None:
    """Take a failure nobody minds."""
