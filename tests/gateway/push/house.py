"""A house full of lanes: a pipeline, its store, and a clock that only tests move."""

from collections.abc import Callable
from typing import Any

from attrs import define, field

from procall_mobility.gateway.push.lane.outputs import Drained, RefreshCredential, SendPush, Wanted
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.protocols.push.exchange import NoAnswer
from procall_mobility.protocols.push.outcomes import Delivered, Outcome
from tests.gateway.push.fakes import KEY, UNIX, Apps, Sessions
from tests.gateway.push.memory import MemoryStore


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
