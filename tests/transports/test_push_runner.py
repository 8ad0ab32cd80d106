"""The runner performs what the pipeline wants: requests, tokens, troubles, the end."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, evolve, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from procall_mobility.gateway.push_apps import PushApp, PushApps
from procall_mobility.gateway.push_destinations import Destination
from procall_mobility.gateway.push_pipeline import PushPipeline
from procall_mobility.gateway.push_ports import QueuedPush, State
from procall_mobility.gateway.push_quota import PushShare
from procall_mobility.gateway.push_receipts import Receipt
from procall_mobility.gateway.push_routes import Nobody
from procall_mobility.gateway.push_rules import PushPorts, PushRules
from procall_mobility.gateway.push_ways import Branch
from procall_mobility.protocols.push.exchange import Answer, NoAnswer, ProviderRequest, Result
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
from tests.gateway.push_fakes import UNIX, MemoryStore, push

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

    def judge(
        self, request: ProviderRequest, answer: Answer, now: float, unix: float, *, token: str,
        has_moved: bool,
    ) -> Outcome:  # fmt: skip
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
        self.store.commit()

    def became(self, each: QueuedPush) -> tuple[State, str | None]:
        receipt = self.runner.pipeline.became(each.customer, each.id)
        assert receipt is not None
        return receipt.state, receipt.reason


def test_a_push_goes_out_by_its_lane_and_its_answer_is_judged() -> None:
    stage = Stage()
    assert (stage.line.destination.host, stage.line.is_started) == ("push.example", True)
    stage.takes(push(1))
    ((request, _),) = stage.line.asked
    assert request.path == f"/{push(1).id}"
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)


def test_an_answer_makes_no_room_while_the_transport_is_full() -> None:
    """What went out would not be taken, and be sent again at once, and again."""
    stage = Stage()
    for number in range(3):
        stage.takes(push(number))
    line = stage.line
    line.capacity = 0
    line.capacity_returned()
    stage.takes(push(3))
    line.answers(200)
    line.capacity = 0
    line.answers(200)
    assert [request.path for request, _ in line.asked] == [f"/{push(2).id}"]
    line.opens(10)
    assert len(line.asked) == 2


def test_no_more_goes_out_than_the_connections_carry() -> None:
    stage = Stage()
    stage.line.opens(2)
    for number in range(5):
        stage.takes(push(number))
    assert len(stage.line.asked) == 2
    stage.line.answers(200)
    assert len(stage.line.asked) == 2
    stage.line.opens(10)
    assert len(stage.line.asked) == 4


def test_what_was_not_processed_goes_again_at_once() -> None:
    stage = Stage()
    stage.takes(push(1))
    stage.line.answers(NoAnswer(was_processed=False, why="going away"))
    assert len(stage.line.asked) == 1
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)


def test_what_cannot_be_said_any_more_is_rejected() -> None:
    stage = Stage()
    stage.takes(push(1, token="unsayable"))
    assert stage.became(push(1)) == (State.REJECTED, "no-text")
    stage.line.refuses = True
    stage.takes(push(2))
    assert stage.became(push(2)) == (State.REJECTED, "unsayable")


def test_a_fault_in_speaking_to_a_provider_keeps_no_push_in_flight_for_ever() -> None:
    """It waits, and goes out again; what comes after it is not held up."""
    stage = Stage()
    with capturedLogs() as events:
        stage.takes(push(1, token="faulty"))
        stage.takes(push(2))
        stage.line.answers(418)
    assert [each["log_failure"].type for each in events] == [ZeroDivisionError, KeyError]
    assert stage.runner.pipeline.lanes[LANE].in_flight == 0
    stage.clock.advance(600.0)
    stage.line.answers(200)
    assert stage.became(push(2)) == (State.SENT, None)
    stage.clock.advance(7200.0)
    assert stage.became(push(1)) == (State.EXPIRED, "internal")


def test_a_push_whose_application_was_taken_away_is_rejected() -> None:
    stage = Stage()
    stage.line.opens(0)
    stage.takes(push(1))
    line = stage.line
    stage.registers("other")
    stage.runner.apps_changed()
    line.opens(10)
    assert stage.became(push(1)) == (State.REJECTED, "unknown-app")


def test_nothing_is_offered_before_there_is_a_token() -> None:
    stage = Stage(carrier=PlainCarrier(token=None))
    stage.takes(push(1))
    assert stage.line.asked == []
    stage.carrier.token = "token"
    stage.runner.token_arrived([LANE])
    assert len(stage.line.asked) == 1


def test_a_token_that_ends_while_pushes_wait_is_waited_for() -> None:
    stage = Stage()
    stage.carrier.token = None
    stage.takes(push(1))
    assert stage.line.asked == []
    stage.carrier.token = "token"
    stage.runner.token_arrived([LANE])
    assert len(stage.line.asked) == 1


@pytest.mark.parametrize("renews", [True, None])
def test_a_stale_token_is_renewed_or_fetched(renews: bool | None) -> None:
    stage = Stage(carrier=PlainCarrier(renews=renews))
    stage.takes(push(1))
    stage.line.answers(401)
    assert stage.carrier.renewed == 1
    assert stage.wanted == ([] if renews else [True])
    if renews is None:
        assert stage.line.asked == []
        stage.runner.token_arrived([LANE])
    assert len(stage.line.asked) == 1


def test_a_lane_whose_credential_is_refused_is_in_trouble_until_it_is_not() -> None:
    stage = Stage()
    stage.takes(push(1))
    stage.line.answers(403)
    assert stage.runner.trouble_of(LANE) == "who are you"
    (lane,) = stage.runner.account()
    assert (lane["lane"], lane["waiting"], lane["trouble"]) == (LANE, 1, "who are you")
    stage.runner.token_arrived([LANE])
    stage.line.answers(200)
    assert stage.runner.trouble_of(LANE) is None
    assert stage.became(push(1)) == (State.SENT, None)


def test_a_token_that_cannot_be_had_is_trouble() -> None:
    stage = Stage(carrier=PlainCarrier(renews=False))
    stage.takes(push(1))
    stage.line.answers(401)
    assert stage.runner.trouble_of(LANE) == "old"
    stage = Stage(carrier=PlainCarrier(renews=None))
    stage.takes(push(1))
    stage.line.answers(401)
    stage.carrier.token = None
    stage.runner.token_missing([LANE], "invalid_grant")
    assert stage.runner.trouble_of(LANE) == "invalid_grant"


def test_a_token_that_cannot_be_renewed_yet_serves_as_long_as_it_lives() -> None:
    """Whoever gives out tokens may be down for minutes; no phone shall sleep because of that."""
    stage = Stage()
    stage.runner.token_missing([LANE], "no-answer")
    stage.takes(push(1))
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)
    assert stage.runner.trouble_of(LANE) is None


def test_lanes_come_and_go_with_the_applications() -> None:
    stage = Stage()
    first = stage.line
    stage.registers("phone", lane="another")
    stage.runner.apps_changed()
    assert first.stopped is not None
    assert len(stage.lines) == 2
    stage.line.opens()
    stage.takes(evolve(push(1)))
    assert len(stage.line.asked) == 1


def test_what_waits_when_a_credential_is_changed_goes_by_the_new_one() -> None:
    """Accepted is accepted, whatever is done to credentials meanwhile."""
    stage = Stage()
    stage.line.opens(1)
    stage.takes(push(1))
    stage.takes(push(2))
    first = stage.line
    stage.registers("phone", lane="another")
    stage.runner.apps_changed()
    stage.line.opens(10)
    assert [request.path for request, _ in stage.line.asked] == [f"/{push(2).id}"]
    first.answers(NoAnswer(was_processed=False, why="closed"))
    assert [request.path for request, _ in stage.line.asked] == [
        f"/{push(2).id}",
        f"/{push(1).id}",
    ]


def test_what_was_about_to_go_when_a_credential_is_changed_too() -> None:
    stage = Stage()
    stage.line.opens(0)
    stage.takes(push(1))
    first = stage.line
    stage.registers("phone", lane="another")
    first.opens(10)
    assert first.asked == []
    stage.runner.apps_changed()
    stage.line.opens(10)
    stage.clock.advance(10.0)
    assert [request.path for request, _ in stage.line.asked] == [f"/{push(1).id}"]


def test_a_stop_waits_for_what_is_in_flight_and_for_the_connections() -> None:
    stage = Stage()
    stage.takes(push(1))
    ended: list[None] = []
    stopped = stage.runner.stop()
    assert stage.runner.stop() is stopped
    stopped.addCallback(ended.append)
    assert stage.line.stopped is None
    stage.line.answers(200)
    assert ended == []
    assert stage.line.stopped is not None
    stage.line.stopped.callback(None)
    assert ended == [None]
    assert stage.clock.getDelayedCalls() == []


def test_a_stop_does_not_wait_for_ever() -> None:
    stage = Stage()
    stage.takes(push(1))
    stage.runner.stop()
    stage.clock.advance(10)
    assert stage.line.stopped is not None


def test_pushes_of_an_application_without_credential_wait_for_it_to_come() -> None:
    """Also across a start: a file that cannot be read shall cost nobody a push."""
    stage = Stage(carrier=PlainCarrier(destination=None, token=None))
    assert stage.lines == []
    stage.takes(push(1))
    stage.clock.advance(60)
    assert stage.became(push(1)) == (State.QUEUED, None)
    stage.carrier = PlainCarrier()
    stage.registers("phone", lane="mended")
    stage.runner.apps_changed()
    stage.line.opens()
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)


def test_what_a_provider_is_told_trouble_by_is_logged_and_nothing_else() -> None:
    stage = Stage()
    stage.takes(push(1))
    with capturedLogs() as events:
        stage.line.answers(Answer(status=403, headers={"ms-cv": "a.0"}, body=b"secret"))
    texts = [each["text"] for each in events if each["log_format"] == "push provider said no"]
    assert texts == ["ms-cv=a.0"]
    assert "secret" not in str(events)


def test_another_credential_gets_connections_of_its_own() -> None:
    """Apple takes tokens of one key alone on a connection; what is in flight is waited for."""
    stage = Stage()
    stage.takes(push(1))
    old = stage.line
    stage.carrier.destination = Destination(host="push.example", credential="another")
    stage.runner.apps_changed()
    assert (len(stage.lines), old.stopped is not None) == (2, True)
    stage.takes(push(2))
    assert stage.line.asked == [], "it is not open yet"
    old.answers(200)
    stage.line.opens()
    stage.line.answers(200)
    assert [stage.became(push(each)) for each in (1, 2)] == [(State.SENT, None)] * 2
    stage.runner.apps_changed()
    assert len(stage.lines) == 2, "nothing has changed"


def test_a_lane_that_was_suspended_goes_on_with_another_credential() -> None:
    stage = Stage()
    stage.takes(push(1))
    stage.line.answers(403)
    assert stage.runner.trouble_of(LANE) == "who are you"
    stage.carrier.destination = Destination(host="push.example", credential="another")
    stage.runner.apps_changed()
    stage.line.opens()
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)
    assert stage.runner.trouble_of(LANE) is None


def test_a_certificate_that_openssl_does_not_want_is_told() -> None:
    stage = Stage()
    stage.carrier.destination = Destination(host="weak.example")
    with capturedLogs() as events:
        stage.runner.apps_changed()
    stage.takes(push(1))
    assert [each["error"] for each in events] == ["too weak"]
    assert stage.became(push(1)) == (State.QUEUED, None)
    stage.carrier.destination = Destination(host="push.example")
    stage.runner.apps_changed()
    stage.line.opens()
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)


def test_an_operator_may_have_it_connect_at_once() -> None:
    stage = Stage()
    stage.runner.hurry([LANE, "one that is no more"])
    assert (stage.line.hurried, stage.wanted) == (1, [True])
