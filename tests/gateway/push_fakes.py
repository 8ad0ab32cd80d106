"""A store in memory that can crash, a house full of lanes, and a clock that only tests move."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import define, evolve, field

from procall_mobility.gateway.push_outputs import Drained, RefreshCredential, SendPush, Wanted
from procall_mobility.gateway.push_pipeline import PushPipeline
from procall_mobility.gateway.push_ports import (
    Answered,
    Ending,
    Feedback,
    QueuedPush,
    State,
)
from procall_mobility.gateway.push_quota import PushShare
from procall_mobility.gateway.push_receipts import Receipt
from procall_mobility.gateway.push_rules import PushPorts, PushRules
from procall_mobility.gateway.push_waiting import device_of
from procall_mobility.protocols.push.exchange import NoAnswer
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.outcomes import Delivered, Outcome

UNIX = 1_800_000_000.0
KEY = b"key of this process"

Durable = Callable[[bool], None]


def push(
    number: int = 1,
    urgency: Urgency = Urgency.ALERT,
    *,
    customer: str = "acme",
    app: str = "phone",
    token: str | None = None,
    ttl: float = 3600.0,
    collapse: str | None = None,
    unix: float = UNIX,
    content: str = "sealed",
    **members: Any,
) -> QueuedPush:
    """One push; its id grows with its number, as UUIDs of version 7 do with time."""
    return QueuedPush(
        customer=customer,
        app=app,
        notification=Notification(
            id=f"{number:08x}-0000-7000-8000-000000000000",
            kind="chat",
            token=token or f"token-{number}",
            urgency=urgency,
            expires=unix + ttl,
            collapse=collapse,
            content={"data": content},
        ),
        accepted=unix,
        **{"not_before": unix, **members},
    )


def call(number: int = 1, **members: Any) -> QueuedPush:
    return push(number, Urgency.CALL, **{"ttl": 30.0, **members})


@define
class Shelf:
    """All there is to remember; one is on disk, one is what was told."""

    queued: dict[str, QueuedPush] = field(factory=dict)
    endings: dict[str, Ending] = field(factory=dict)
    tombs: dict[tuple[str, str, str], float] = field(factory=dict)
    feedback: list[tuple[str, Feedback]] = field(factory=list)
    answers: dict[tuple[str, str], tuple[bytes, bytes]] = field(factory=dict)


@define
class MemoryStore:
    """The port `PushStore`.  Nothing is durable before `commit`; what is not, a crash takes."""

    disk: Shelf = field(factory=Shelf)
    told: Shelf = field(factory=Shelf)
    groups: list[tuple[Callable[[Shelf], None], Durable | None]] = field(factory=list)
    ended: list[Ending] = field(factory=list)
    """Every ending that was told, in order; crashes included."""
    unreadable: bool = False
    broken: bool = False
    fetched: int = 0

    def commit(self) -> None:
        """Write everything in one transaction, and say so; or fail, if the disk is broken."""
        groups, self.groups = self.groups, []
        if self.broken:
            lost = [durable for _, durable in groups if durable is not None]
            self.told = _copy(self.disk)
            for change, durable in groups:
                if durable is None:
                    self._do(change)
            for durable in lost:
                durable(False)
            return
        for change, _ in groups:
            change(self.disk)
        for _, durable in groups:
            if durable is not None:
                durable(True)

    def crash(self) -> "MemoryStore":
        """Return what another start finds."""
        return MemoryStore(disk=self.disk, told=_copy(self.disk), ended=self.ended)

    def _do(self, change: Callable[[Shelf], None], durable: Durable | None = None) -> None:
        change(self.told)
        self.groups.append((change, durable))

    def add(
        self, pushes: Sequence[QueuedPush], durable: Durable, answered: Answered | None = None
    ) -> None:
        kept = tuple(pushes)

        def change(shelf: Shelf) -> None:
            for each in kept:
                shelf.queued.setdefault(each.id, each)
            if answered is not None:
                key = (answered.customer, answered.key)
                shelf.answers[key] = (answered.digest, answered.answer)

        self._do(change, durable)

    def end(self, endings: Sequence[Ending]) -> None:
        kept = tuple(endings)
        self.ended += kept

        def change(shelf: Shelf) -> None:
            for each in kept:
                shelf.queued.pop(each.id, None)
                shelf.endings[each.id] = each

        self._do(change)

    def postpone(self, pushes: Sequence[QueuedPush]) -> None:
        kept = tuple(pushes)

        def change(shelf: Shelf) -> None:
            for each in kept:
                if each.id in shelf.queued:
                    shelf.queued[each.id] = evolve(
                        shelf.queued[each.id],
                        not_before=each.not_before,
                        attempts=each.attempts,
                        sandbox=each.sandbox,
                    )

        self._do(change)

    def load(self, after: str | None, most: int) -> list[QueuedPush]:
        if self.unreadable:
            raise OSError("the disk is slow")
        ids = sorted(name for name in self.told.queued if after is None or name > after)
        return [self.told.queued[name] for name in ids[:most]]

    def fetch(self, ids: Sequence[str]) -> list[QueuedPush] | None:
        if self.unreadable:
            return None
        self.fetched += len(ids)
        return [self.told.queued[name] for name in ids if name in self.told.queued]

    def known(self, customer: str, pushes: Sequence[str]) -> dict[str, Ending | None]:
        found: dict[str, Ending | None] = {}
        for name in pushes:
            ending, queued = self.told.endings.get(name), self.told.queued.get(name)
            if ending is not None and ending.customer == customer:
                found[name] = ending
            elif queued is not None and queued.customer == customer:
                found[name] = None
        return found

    def bury(self, customer: str, app: str, token: str, reason: str, at: float) -> None:
        def change(shelf: Shelf) -> None:
            if (customer, app, token) in shelf.tombs:
                return
            shelf.tombs[customer, app, token] = at
            number = len(shelf.feedback) + 1
            dead = Feedback(number=number, app=app, token=token, reason=reason, at=at)
            shelf.feedback.append((customer, dead))

        self._do(change)

    def buried(self, customer: str, app: str, token: str) -> float | None:
        return self.told.tombs.get((customer, app, token))

    def dig_up(self, customer: str, app: str, token: str) -> None:
        self._do(lambda shelf: shelf.tombs.pop((customer, app, token), None) and None)

    def feedback(self, customer: str, after: int, most: int) -> list[Feedback]:
        if self.unreadable:
            raise OSError("the disk is slow")
        found = [dead for of, dead in self.told.feedback if of == customer and dead.number > after]
        return found[:most]

    def said(self, customer: str, key: str) -> tuple[bytes, bytes] | None:
        return self.told.answers.get((customer, key))

    def note(self, customer: str, key: str, digest: bytes, answer: bytes, at: float) -> None:
        def change(shelf: Shelf) -> None:
            shelf.answers[customer, key] = (digest, answer)

        self._do(change)


def _copy(shelf: Shelf) -> Shelf:
    return Shelf(
        queued=dict(shelf.queued),
        endings=dict(shelf.endings),
        tombs=dict(shelf.tombs),
        feedback=list(shelf.feedback),
        answers=dict(shelf.answers),
    )


@define
class Apps:
    """The port `Routes`: applications to lanes, and to those of the other environment."""

    lanes: dict[str, str] = field(factory=lambda: {"phone": "apns"})
    others: dict[str, str] = field(factory=dict)

    def lane(self, push: QueuedPush) -> str | None:
        return (self.others if push.sandbox else self.lanes).get(push.app)

    def standing(self) -> set[str]:
        return {*self.lanes.values(), *self.others.values()}

    def serves(self, lane: str) -> bool:
        return lane in self.standing()


@define
class Sessions:
    """The port `Presence`: tokens of acme's phones that are connected."""

    connected: set[str] = field(factory=set)
    offered: list[tuple[QueuedPush, Durable]] = field(factory=list)
    deaf: bool = False
    """Whether nobody can be given anything, though it was there a moment ago."""

    def knows(self, device: bytes) -> bool:
        return device in {device_of("acme", "phone", each, KEY) for each in self.connected}

    def offer(self, device: bytes, push: QueuedPush, taken: Durable, now: float) -> bool:
        if self.deaf or not self.knows(device):
            return False
        self.offered.append((push, taken))
        return True


@define(eq=False)
class PushHouse:
    """A pipeline, its store, its lanes and its time.  `commits` has the store write at once."""

    store: MemoryStore = field(factory=MemoryStore)
    apps: Apps = field(factory=Apps)
    sessions: Sessions = field(factory=Sessions)
    rules: PushRules = field(factory=PushRules)
    shares: dict[str, PushShare] = field(factory=dict)
    dice: Callable[[], float] = lambda: 0.5
    commits: bool = True
    now: float = 0.0
    wall: float = 0.0
    """By how much the wall clock was set."""
    pipeline: PushPipeline = field(init=False)
    sent: list[SendPush] = field(factory=list)
    """Sent and not yet answered or looked at."""
    sent_at: dict[str, float] = field(factory=dict)
    """When each push was sent last."""
    news: list[Wanted] = field(factory=list)
    """All other outputs."""

    def __attrs_post_init__(self) -> None:
        self.pipeline = self.built()

    def built(self) -> PushPipeline:
        return PushPipeline(
            self.rules,
            PushPorts(
                store=self.store,
                routes=self.apps,
                presence=self.sessions,
                share_of=lambda customer: self.shares.get(customer, PushShare()),
                wall_clock=self.unix,
                clock=lambda: self.now,
                dice=self.dice,
                key=KEY,
                stirred=lambda: None,
            ),
        )

    def unix(self) -> float:
        return UNIX + self.now + self.wall

    def lane(self, name: str = "apns") -> Any:
        return self.pipeline.lanes[name]

    def opens(self, streams: int = 100, *lanes: str) -> "PushHouse":
        for name in lanes or ("apns",):
            self.pipeline.offers(name, streams, self.now)
        self.run()
        return self

    def accepts(self, *pushes: QueuedPush, wait: float = 0.0) -> list[Receipt]:
        """Hand pushes in; the list fills when they are decided on."""
        receipts: list[Receipt] = []
        heard: list[bool] = []

        def hear(told: list[Receipt]) -> None:
            assert not heard, "told twice"
            heard.append(True)
            receipts.extend(told)

        self.pipeline.accept(pushes, hear, self.now, wait=wait)
        self.run()
        return receipts

    def run(self) -> None:
        """Take outputs, and let the store write."""
        for output in self.pipeline.take():
            if isinstance(output, SendPush):
                self.sent.append(output)
                self.sent_at[output.push.id] = self.now
            else:
                self.news.append(output)
        if self.commits and self.store.groups:
            self.store.commit()
            self.run()

    def taken(self) -> list[SendPush]:
        """What was sent since the last look."""
        self.run()
        sent, self.sent = self.sent, []
        return sent

    def ids(self) -> list[str]:
        return [each.push.id for each in self.taken()]

    def says(self, outcome: Outcome, *sent: SendPush, connection: int | None = None) -> None:
        """Answer some requests, or all."""
        for each in sent or self.taken():
            self.pipeline.answered(each.lane, each.push.id, outcome, self.now, connection)
        self.run()

    def delivers(self, *sent: SendPush) -> None:
        self.says(Delivered(), *sent)

    def says_nothing(
        self, *sent: SendPush, was_processed: bool | None = None, connection: int | None = None
    ) -> None:
        nothing = NoAnswer(was_processed=was_processed, why="reset")
        for each in sent or self.taken():
            self.pipeline.unanswered(each.lane, each.push.id, nothing, self.now, connection)
        self.run()

    def later(self, seconds: float) -> None:
        """Let time pass, and have the pipeline woken as often as it wants."""
        until = self.now + seconds
        at = self.pipeline.wake_at()
        while at is not None and at <= until:
            before = (at, self.pipeline.open)
            self.now = max(self.now, at)
            self.pipeline.wake(self.now)
            self.run()
            at = self.pipeline.wake_at()
            assert at is None or (at, self.pipeline.open) != before, "woken for nothing"
        self.now = until

    def restarts(self) -> None:
        """Crash, and start again from what is on disk."""
        self.store = self.store.crash()
        self.sent, self.news = [], []
        self.pipeline = self.built()
        self.pipeline.start(self.now)
        self.run()

    def endings(self) -> list[tuple[State, str | None]]:
        return [(each.state, each.reason) for each in self.store.ended]

    def ended(self) -> dict[str, State]:
        return {each.id: each.state for each in self.store.ended}

    def told(self, kind: type) -> list[Any]:
        return [each for each in self.news if isinstance(each, kind)]

    def renews(self) -> None:
        for each in self.told(RefreshCredential):
            self.pipeline.credential_renewed(each.lane, self.now)
        self.news = [each for each in self.news if not isinstance(each, RefreshCredential)]
        self.run()

    def is_drained(self) -> bool:
        return bool(self.told(Drained))


def numbers(pushes: Iterable[QueuedPush]) -> list[int]:
    return [int(each.id[:8], 16) for each in pushes]
