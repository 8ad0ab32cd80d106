"""The access book on a clock that stands still, and what it writes of an event."""

import datetime
import json
from typing import Any

from procall_mobility.gateway.access import AccessEntry, Event, User
from procall_mobility.gateway.reasons import Reason
from procall_mobility.operations.access_log import AccessLog
from procall_mobility.operations.rendering import Pseudonyms

HERE = datetime.timezone(datetime.timedelta(hours=1))
NOON = datetime.datetime(2026, 11, 22, 9, 14, 3, 250_000, HERE).timestamp()
NAMES = Pseudonyms(b"key of this node")


class Lines:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.reopened = 0
        self.closed = 0

    def write(self, line: str, priority: int) -> None:
        self.lines.append(line)

    def reopen(self) -> None:
        self.reopened += 1

    def close(self) -> None:
        self.closed += 1


def book(sink: Lines, *, is_json: bool = False) -> AccessLog:
    return AccessLog(
        sink,
        NAMES,
        lambda: NOON,
        lambda unix: datetime.datetime.fromtimestamp(unix, HERE),
        json=is_json,
    )


def line(**members: Any) -> str:
    sink = Lines()
    book(sink).write(AccessEntry(**members))
    (only,) = sink.lines
    return only


def facts(**members: Any) -> Any:
    sink = Lines()
    book(sink, is_json=True).write(AccessEntry(**members))
    (only,) = sink.lines
    return json.loads(only)


OPENED: dict[str, Any] = {
    "event": Event.SESSION_OPENED,
    "customer": "acme",
    "client": "203.0.113.57",
    "app": "mobile",
    "user": User("alice@acme.example"),
    "via": "node1",
}
LOST: dict[str, Any] = {
    "event": Event.LINK_LOST,
    "customer": "acme",
    "via": "node1",
    "duration": 22_345.0,
    "reason": Reason.PING_TIMEOUT,
    "note": "other link: up",
}
