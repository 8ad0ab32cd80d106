"""A session: one logged-on client of one customer, with or without its WebSocket."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from attrs import define, field

from procall_mobility.gateway.access import User
from procall_mobility.gateway.alarms import Alarm
from procall_mobility.gateway.allowance import Allowance
from procall_mobility.gateway.links import Link
from procall_mobility.gateway.ports import ClientWire
from procall_mobility.protocols.rose.messages import (
    HIGHEST_INVOKE_ID,
    Error,
    Invoke,
    JsonValue,
    Message,
    Reject,
    Result,
)

ENVELOPE = 200
"""What a message weighs in a queue beside its payload; a rough, honest upper guess."""

FORGOTTEN_AFTER = 120.0
"""Seconds after which an unanswered call no longer counts; the link forgets it then too."""

WhenAnswered = Callable[[Result | Error | Reject, float], None]
"""Takes the client's answer to a call of ours."""

Asked = tuple[int, str | None]
"""The server's id of a call to a client, and the operation."""


def weight(message: Message) -> int:
    """Return about how many octets `message` takes while it waits."""
    match message:
        case Invoke(argument=JsonValue(text=text)):
            return ENVELOPE + len(text)
        case Result(result=JsonValue(text=text)):
            return ENVELOPE + len(text)
        case Error(error=JsonValue(text=text)):
            return ENVELOPE + len(text)
    return ENVELOPE


class SessionWatch(Protocol):
    """Watches sessions come and go."""

    def attached(self, session: "Session", now: float) -> None:
        """Note that a session has a WebSocket, or another one."""

    def detached(self, session: "Session") -> None:
        """Note that it has none any more; it may get another one."""

    def ended(self, session: "Session") -> None:
        """Note that a session is no more."""


class Unwatched:
    """Watches nothing."""

    def attached(self, session: "Session", now: float) -> None:
        """See nothing."""

    def detached(self, session: "Session") -> None:
        """See nothing."""

    def ended(self, session: "Session") -> None:
        """See nothing."""


@define(eq=False)
class Session:
    """One session.  `wire` is None while no WebSocket is attached."""

    id: str = field(repr=False)
    link: Link
    user: User
    app: str
    client: str
    since: float
    allowance: Allowance
    wire: ClientWire | None = None
    expiry: Alarm = field(factory=Alarm)
    """Rings when the session has been without a WebSocket for too long."""
    paused: bool = False
    """The client's connection takes nothing more for now."""
    logged_off: bool = False
    is_leaving: bool = False
    """Its client is about to be moved: no more is asked of it."""
    is_held: bool = False
    """Nothing is read from its WebSocket for that reason."""
    is_going: bool = False
    """Its link has ended, and its WebSocket will at a time of its own."""
    asked: list[int] = field(factory=list, repr=False)
    """What the client has asked of us and has no answer to: its invoke ids."""
    sent: int = 0
    received: int = 0
    queued: int = 0
    """Weight of `_waiting`."""
    _waiting: deque[tuple[Message, str | None]] = field(factory=deque, init=False)
    _calls: dict[int, float] = field(factory=dict, init=False)
    """The client's unanswered calls: its invoke id, and since when."""
    _calls_to_client: dict[int, Asked | WhenAnswered] = field(factory=dict, init=False)
    """Calls the client has not answered, by our id: the server's, and our own."""
    _last_id: int = field(default=0, init=False)

    @property
    def is_attentive(self) -> bool:
        """Whether the client takes at once what is sent to it."""
        return self.wire is not None and not self.paused and not self._waiting

    @property
    def is_awaited(self) -> bool:
        """Whether the server waits for an answer that the client can give."""
        return self.wire is not None and any(
            not callable(each) for each in self._calls_to_client.values()
        )

    @property
    def is_busy(self) -> bool:
        """Whether a call is unanswered, whoever has made it."""
        return bool(self._calls or self.asked) or self.is_awaited

    def hold_when_heard_out(self) -> None:
        """Read nothing more of the client, unless its server waits for an answer of it."""
        if self.wire is not None and not self.is_held and not self.is_awaited:
            self.is_held = True
            self.wire.hold()

    def deliver(self, message: Message, operation: str | None, most: int) -> bool:
        """Send or queue a message; False when more than `most` would wait."""
        if self.is_attentive and self.wire is not None:
            self.sent += 1
            self.wire.send(message, operation)
            return True
        heavier = self.queued + weight(message)
        if heavier > most:
            return False
        self.queued = heavier
        self._waiting.append((message, operation))
        return True

    def flush(self) -> None:
        """Send what waits, for as long as the client takes it."""
        while self._waiting and self.wire is not None and not self.paused:
            message, operation = self._waiting.popleft()
            self.queued -= weight(message)
            self.sent += 1
            self.wire.send(message, operation)

    def may_call(self, most: int, now: float) -> bool:
        """Whether the client has room for one more unanswered call."""
        if len(self._calls) >= most:
            self._calls = {
                key: since for key, since in self._calls.items() if now - since < FORGOTTEN_AFTER
            }
        return len(self._calls) < most

    def calls(self, invoke_id: int) -> bool:
        """Whether the client has an unanswered call with this id."""
        return invoke_id in self._calls

    def called(self, invoke_id: int, now: float) -> None:
        """Note a call of the client."""
        self._calls[invoke_id] = now

    def answered(self, invoke_id: int) -> bool:
        """Note an answer to the client; False when its call is no longer waited for."""
        return self._calls.pop(invoke_id, None) is not None

    def unanswered(self) -> tuple[list[int], list[Asked]]:
        """Return the client's calls and the server's without an answer, and wait no longer."""
        waiting = self._calls_to_client.values()
        found = [*self._calls, *self.asked], [each for each in waiting if not callable(each)]
        self._calls.clear()
        self._calls_to_client.clear()
        self.asked.clear()
        return found

    def server_called(self, invoke_id: int, operation: str | None, most: int) -> int | None:
        """Note a call of the server and return its id towards the client; None when full."""
        return self._expect((invoke_id, operation), most)

    def call(self, when_answered: WhenAnswered, most: int) -> int | None:
        """Note a call of ours and return its id towards the client; None when full."""
        return self._expect(when_answered, most)

    def client_answered(self, invoke_id: int) -> Asked | WhenAnswered | None:
        """Return what waits for an answer of the client."""
        return self._calls_to_client.pop(invoke_id, None)

    def forget_our_calls(self) -> None:
        """Wait no longer for answers to calls of ours: a client that is back may know none."""
        self._calls_to_client = {
            invoke_id: waiting
            for invoke_id, waiting in self._calls_to_client.items()
            if not callable(waiting)
        }

    def _expect(self, waiting: Asked | WhenAnswered, most: int) -> int | None:
        if len(self._calls_to_client) >= most:
            return None
        while True:
            self._last_id = self._last_id % HIGHEST_INVOKE_ID + 1
            if self._last_id not in self._calls_to_client:
                break
        self._calls_to_client[self._last_id] = waiting
        return self._last_id
