"""A conversation: two sides send numbered packets at a steady pace, and count what they hear."""

import contextlib
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence

from attrs import define, field

from tests.interop.turn.wires import PATIENCE

SIZE = 160
"""Octets of a voice packet."""

SILENCE = 1.0
"""Seconds without a packet after which none comes that the last one has overtaken."""


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

    def has_ended(self, other: "Side") -> bool:
        """Tell whether the other has heard what this side said last."""
        return len(self.sent) - 1 in other.numbers

    def lost(self, other: "Side") -> list[int]:
        """Which packets of this side the other has not heard; none is there twice."""
        assert len(set(other.numbers)) == len(other.numbers)
        return sorted(set(range(len(self.sent))) - set(other.numbers))


Event = tuple[float, Callable[[], None]]


def talk(
    one: Side, other: Side, pace: float, events: Sequence[Event], seconds: float
) -> list[float]:
    """Talk for some seconds, at some of which something happens.

    As much is said before and after each event on a slow machine, which takes longer for it.

    Returns:
        Monotonic seconds: of each event when it began and when it was over.
    """
    due, marks = time.monotonic(), []
    for at, act in (*events, (seconds, None)):
        while len(one.sent) < at * pace:
            now = time.monotonic()
            if now >= due:
                one.say()
                other.say()
                due = max(due + 1 / pace, now)
            _listen(one, other, max(0.0, due - now))
        if act is not None:
            marks.append(time.monotonic())
            act()
            marks.append(time.monotonic())
    _hear_out(one, other)
    return marks


def listen_until(one: Side, other: Side, is_so: Callable[[], object]) -> None:
    """Hear what is on its way until something is so; it has to be some time."""
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, "it does not come"
        _listen(one, other, SILENCE)


def _hear_out(one: Side, other: Side) -> None:
    """Hear what is on its way: all of it, or what there is when the last has come."""
    until = time.monotonic() + PATIENCE
    while (one.lost(other) or other.lost(one)) and time.monotonic() < until:
        before = len(one.numbers) + len(other.numbers)
        _listen(one, other, SILENCE)
        has_come = len(one.numbers) + len(other.numbers) > before
        if not has_come and one.has_ended(other) and other.has_ended(one):
            return


def _listen(one: Side, other: Side, seconds: float) -> None:
    select.select([*one.sockets(), *other.sockets()], [], [], seconds)
    one.listen()
    other.listen()
