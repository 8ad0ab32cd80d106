"""The runner on a clock, with a carrier and connections of which the test is the provider."""

from collections.abc import Callable
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from procall_mobility.gateway.push.applications.apps import PushApp, PushApps
from procall_mobility.gateway.push.applications.carriers import Attempt
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.applications.ways import Branch
from procall_mobility.gateway.push.gathering import at_once
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.gateway.push.routes import Nobody
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest, Result
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    LaneRefused,
    Outcome,
)
from procall_mobility.protocols.push.unsayable import NoText
from procall_mobility.transports.certificate_files import CertificateError
from procall_mobility.transports.pump import Household
from procall_mobility.transports.push_runner import PushRunner
from tests.gateway.push.fakes import UNIX
from tests.gateway.push.memory import MemoryStore

LANE = "lane"
OUTCOMES: dict[int, Outcome] = {
    200: Delivered(),
    401: CredentialStale(reason="old"),
    403: LaneRefused(reason="who are you"),
}


@define(eq=False)
class PlainCarrier:
    """A carrier whose provider says what it means by the status alone."""

    destination: Destination | None = Destination(host="push.example")
    token: str | None = "token"
    renews: bool | None = True
    renewed: int = 0

    def check(self, notification: Notification) -> None:
        """Take everything."""

    def is_ready(self, now: float) -> bool:
        return self.token is not None

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        if push.notification.token == "unsayable":
            raise NoText("no text")
        if push.notification.token == "faulty":
            raise ZeroDivisionError
        if self.token is None:
            return None
        return ProviderRequest(path=f"/{push.id}", headers=(), body=b"")

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        return OUTCOMES[answer.status]

    def traces(self, answer: Answer) -> dict[str, str]:
        return dict(answer.headers)

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        self.renewed += 1
        return self.renews


@define(eq=False)
class Line:
    """The connections of a lane, of which the test is the provider."""

    destination: Destination
    capacity_returned: Callable[[], None]
    capacity: int = 0
    streams: int = 0
    refuses: bool = False
    asked: list[tuple[ProviderRequest, Callable[[Result], None]]] = field(factory=list)
    avoided: list[int | None] = field(factory=list)
    stopped: Deferred[None] | None = None
    is_started: bool = False
    hurried: int = 0

    def start(self) -> None:
        self.is_started = True

    def request(
        self, request: ProviderRequest, done: Any, timeout: float, avoid: int | None = None
    ) -> int:
        if self.refuses:
            raise ValueError("a header field is none")
        self.capacity -= 1
        self.asked.append((request, done))
        self.avoided.append(avoid)
        return 7

    def hurry(self) -> None:
        self.hurried += 1

    def stop(self, within: float) -> Deferred[None]:
        self.stopped = Deferred()
        return self.stopped

    def opens(self, capacity: int = 10) -> None:
        self.streams = capacity
        self.capacity = capacity - len(self.asked)
        self.capacity_returned()

    def answers(self, result: Result | int) -> None:
        _, done = self.asked.pop(0)
        self.capacity += 1
        done(Answer(status=result, headers={}, body=b"") if isinstance(result, int) else result)


@define(eq=False)
class Stage:
    clock: Clock = field(factory=Clock)
    store: MemoryStore = field(factory=MemoryStore)
    carrier: PlainCarrier = field(factory=PlainCarrier)
    lines: list[Line] = field(factory=list)
    receipts: list[Receipt] = field(factory=list)
    apps: PushApps = field(factory=PushApps)
    wanted: list[bool] = field(factory=list)
    gathers: bool = False
    """Whether what follows from answers is done in the next turn of the reactor."""
    runner: PushRunner = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.registers("phone")
        pipeline = PushPipeline(
            PushRules(),
            PushPorts(
                store=self.store,
                routes=self.apps,
                presence=Nobody(),
                share_of=lambda _: PushShare(),
                wall_clock=self.unix,
                clock=self.clock.seconds,
                dice=lambda: 0.5,
                key=b"key of this process",
                stirred=lambda: self.runner.stirred(),  # noqa: PLW0108  # Not made yet.
                soon=(lambda act: self.clock.callLater(0, act)) if self.gathers else at_once,
            ),
        )
        household = Household(reactor=self.clock, now=self.clock.seconds)
        self.runner = PushRunner(pipeline, self.apps, household, self.client, self.unix)
        self.runner.token_wanted = lambda: self.wanted.append(True)
        self.runner.start()
        if self.carrier.destination is not None:
            self.line.opens()

    def unix(self) -> float:
        return UNIX + self.clock.seconds()

    def client(self, destination: Destination, capacity_returned: Callable[[], None]) -> Line:
        if destination.host == "weak.example":
            raise CertificateError("too weak")
        self.lines.append(Line(destination, capacity_returned))
        return self.lines[-1]

    @property
    def line(self) -> Line:
        return self.lines[-1]

    def registers(self, *names: str, lane: str = LANE) -> None:
        branches = {False: Branch(lane=lane, carrier=self.carrier)}
        self.apps.replace(
            [PushApp(name=name, ucsid=None, provider="x", branches=branches) for name in names]
        )

    def takes(self, each: QueuedPush) -> None:
        """Have a push accepted and written."""
        now = self.clock.seconds()
        self.runner.pipeline.accept([each], self.receipts.extend, now)
        self.clock.advance(0)  # The store is told of all that came in one turn.
        self.store.commit()

    def became(self, each: QueuedPush) -> tuple[State, str | None]:
        receipt = self.runner.pipeline.became(each.customer, each.id)
        assert receipt is not None
        return receipt.state, receipt.reason
