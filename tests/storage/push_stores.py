"""Queues of pushes in a folder, with a clock and a disk that only tests move."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, evolve, field
from twisted.internet.task import Clock

from procall_mobility.gateway.push.ports import Ending, PushStore, QueuedPush, State
from procall_mobility.storage.passwords import Entropy
from procall_mobility.storage.push_bounds import Bounds
from procall_mobility.storage.push_opening import open_push_store
from procall_mobility.storage.push_store import DurablePushStore
from tests.gateway.push.fakes import UNIX, call, push
from tests.storage.entropy import counting_entropy

PAGE = 1000
ONE, TWO, THREE = (push(number).id for number in (1, 2, 3))


@define
class Disk:
    """The port `Elsewhere`: what is to be run there waits until told to."""

    waiting: list[tuple[Callable[[], Any], Callable[[Any], None]]] = field(factory=list)
    groups: int = 0
    """How many were run."""

    def run(self, function: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.waiting.append((function, done))

    def work(self) -> None:
        """Run what there is."""
        waiting, self.waiting = self.waiting, []
        for function, done in waiting:
            self.groups += 1
            done(function())

    def close(self) -> None:
        self.work()


@define
class Queue:
    """An open queue, and all that it lives by."""

    folder: Path
    entropy: Entropy = field(factory=counting_entropy)
    bounds: Bounds = field(factory=Bounds)
    unix: float = UNIX
    clock: Clock = field(factory=Clock)
    disk: Disk = field(factory=Disk)
    makes_key: bool = True
    store: DurablePushStore = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.store = open_push_store(
            self.path,
            self.key,
            makes_key=self.makes_key,
            bounds=self.bounds,
            clock=self.clock,
            wall_clock=lambda: self.unix,
            entropy=self.entropy,
            elsewhere=lambda: self.disk,
        )

    @property
    def path(self) -> Path:
        return self.folder / "push.sqlite"

    @property
    def key(self) -> Path:
        return self.folder / "push.key"

    def settle(self, seconds: float = 0.0) -> None:
        """Let time pass until all is written that is due by then."""
        self.clock.advance(seconds or 0.02)
        while self.disk.waiting:
            self.disk.work()
            self.clock.advance(0)

    def add(self, *pushes: QueuedPush) -> bool:
        """Add pushes in one piece and return what is said of them."""
        said: list[bool] = []
        self.store.add(pushes, said.append)
        self.settle()
        (durable,) = said
        return durable

    def end(self, *ids: str, state: State = State.SENT, reason: str | None = None) -> None:
        """Let pushes of acme end, and write it."""
        self.store.end([ending(each, state, reason, at=self.unix) for each in ids])
        self.settle()

    def loaded(self) -> list[str]:
        """Return the ids of all that is in the queue, as a start finds them."""
        found: list[str] = []
        while page := self.store.load(found[-1] if found else None, PAGE):
            found += [push.id for push in page]
        return found

    def again(self) -> "Queue":
        """Return what another start finds."""
        self.store.close()
        return evolve(self, clock=Clock(), disk=Disk())

    def crashed(self, folder: Path) -> "Queue":
        """Return what a start finds in the files as they are now."""
        shutil.copytree(self.folder, folder)
        return evolve(self, folder=folder, clock=Clock(), disk=Disk())


def ending(
    push: str,
    state: State = State.SENT,
    reason: str | None = None,
    *,
    customer: str = "acme",
    at: float = UNIX,
) -> Ending:
    return Ending(id=push, customer=customer, state=state, reason=reason, at=at)


def ended(store: PushStore, customer: str, push: str) -> Ending | None:
    return store.known(customer, [push]).get(push)


def is_queued(store: PushStore, customer: str, push: str) -> bool:
    return store.known(customer, [push]) == {push: None}


def tell(queue: Queue, said: list, number: int, *, urgent: bool = False) -> None:
    made = (call if urgent else push)(number)
    queue.store.add([made], lambda kept: said.append((number, kept)))
