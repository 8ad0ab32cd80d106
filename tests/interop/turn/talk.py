"""A conversation: two sides send numbered packets at a steady pace, and count what they hear."""

import contextlib
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence

from attrs import define, field

SIZE = 160
"""Octets of a voice packet."""


@define
class Side:
    send: Callable[[bytes], None]
    heard: Callable[[], Iterable[bytes]]
    """Gives what has come since it was last asked."""
    sockets: Callable[[], list[socket.socket]]
    sent: list[float] = field(factory=list)
    """When each packet was sent, by its number."""
    numbers: list[int] = field(factory=list)
    """Of the packets heard, in order."""

    def say(self) -> None:
        data = struct.pack(">I", len(self.sent)).ljust(SIZE, b"\xa5")
        self.sent.append(time.monotonic())
        # The network may be down: it is lost.
        with contextlib.suppress(OSError):
            self.send(data)

    def listen(self) -> None:
        for data in self.heard():
            assert len(data) == SIZE
            self.numbers.append(struct.unpack_from(">I", data)[0])

    def lost(self, other: "Side") -> list[int]:
        """Which packets of this side the other has not heard; none is there twice."""
        assert len(set(other.numbers)) == len(other.numbers)
        return sorted(set(range(len(self.sent))) - set(other.numbers))


Event = tuple[float, Callable[[], None]]


def talk(
    one: Side, other: Side, pace: float, events: Sequence[Event], seconds: float
) -> list[float]:
    """Talk for some seconds, at some of which something happens.

    Returns:
        Monotonic seconds: of each event when it began and when it was over.
    """
    began = time.monotonic()
    due, marks = began, []
    for at, act in (*events, (seconds, None)):
        while (now := time.monotonic()) < began + at:
            if now >= due:
                one.say()
                other.say()
                due += 1 / pace
            _listen(one, other, max(0.0, min(due, began + at) - now))
        if act is not None:
            marks.append(time.monotonic())
            act()
            marks.append(time.monotonic())
    # What was sent last is on its way.
    for _ in range(10):
        _listen(one, other, 0.02)
    return marks


def _listen(one: Side, other: Side, seconds: float) -> None:
    select.select([*one.sockets(), *other.sockets()], [], [], seconds)
    one.listen()
    other.listen()
