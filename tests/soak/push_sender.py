"""A daemon's life with the queue of pushes, to be killed at any moment: accepts, sends, says so.

It also takes up what lives before it have left, so that the queue does not grow from life to life.

Run as a program with the queue's folder and the number of its first push.  Each line of its output
is a fact, written before anything can follow from it: `accepting ID`, `accepted ID`, `sent ID`.
"""

import os
import random
import sys
import time
from pathlib import Path

from twisted.internet import reactor

from procall_mobility.gateway.push.ports import Ending, State
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.storage.push_bounds import Bounds
from procall_mobility.storage.push_opening import open_push_store
from procall_mobility.storage.push_store import DurablePushStore
from procall_mobility.storage.push_thread import WriterThread
from tests.gateway.push.fakes import push

EVERY = 0.001
"""Seconds between arrivals."""

CALLS = 0.2
"""Share of pushes that wait for no company."""

CHECKPOINT = 50
"""Pages of the log."""

SENT = 0.7
"""Share of pushes that the provider takes soon; the others stay in the queue."""

PAGE = 500
"""Pushes that are taken up at a time."""


def tell(word: str, *ids: str) -> None:
    """Write facts that a kill cannot take back."""
    os.write(1, "".join(f"{word} {each}\n" for each in ids).encode())


class Sender:
    """Accepts pushes without end."""

    def __init__(self, store: DurablePushStore, first: int) -> None:
        self._store = store
        self._dice = random.Random(first)
        self._first = self._next = first

    def take_up(self, after: str | None = None) -> None:
        """Send what was left, by and by, while others come."""
        left = [each.id for each in self._store.load(after, PAGE)]
        older = [each for each in left if each < push(self._first).id]
        self._send_some(older)
        if older:
            reactor.callLater(0, self.take_up, older[-1])

    def accept(self) -> None:
        """Accept some pushes."""
        urgency = Urgency.CALL if self._dice.random() < CALLS else Urgency.ALERT
        count = self._dice.choice((1, 1, 1, 5, 40))
        pushes = [push(self._next + offset, urgency) for offset in range(count)]
        self._next += count
        ids = [each.id for each in pushes]
        tell("accepting", *ids)
        self._store.add(pushes, lambda kept: self._accepted(ids) if kept else tell("refused"))
        reactor.callLater(EVERY, self.accept)

    def _accepted(self, ids: list[str]) -> None:
        tell("accepted", *ids)
        self._send_some(ids)

    def _send_some(self, ids: list[str]) -> None:
        sent = [each for each in ids if self._dice.random() < SENT]
        reactor.callLater(self._dice.random() * 0.02, self._sent, sent)

    def _sent(self, ids: list[str]) -> None:
        tell("sent", *ids)
        self._store.end(
            [Ending(id=each, customer="acme", state=State.SENT, at=time.time()) for each in ids]
        )


def main(folder: Path, first: int) -> None:
    store = open_push_store(
        folder / "push.sqlite",
        folder / "push.key",
        makes_key=True,
        bounds=Bounds(),
        clock=reactor,
        wall_clock=time.time,
        entropy=os.urandom,
        elsewhere=lambda: WriterThread(reactor.callFromThread),
    )
    # So that kills hit the log while it is written to its place, which is rare otherwise.
    writer = store._commits._writer._connection
    writer.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
    sender = Sender(store, first)
    reactor.callWhenRunning(sender.accept)
    reactor.callWhenRunning(sender.take_up)
    reactor.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
