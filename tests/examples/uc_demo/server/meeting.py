"""The demo server's end of a link and the daemon's, back to back without a network."""

from collections import deque
from typing import Any

from attrs import define, field

from examples.uc_demo.server.uplink import Uplink
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Error,
    Invoke,
    JsonValue,
    Reject,
    Result,
)
from procall_mobility.protocols.rose.operations import LearningTable
from procall_mobility.protocols.ucserver.calls import Nobody
from procall_mobility.protocols.ucserver.link import ServerLink
from procall_mobility.protocols.ucserver.outputs import (
    CallAnswered,
    LinkInvoked,
    Output,
    Registering,
    Transmit,
)
from procall_mobility.protocols.ucserver.registration import Capability
from procall_mobility.protocols.ucserver.rules import LinkRules, StartTls
from tests.examples.uc_demo.server.company import Company

ICE = {
    "iceServers": [{"urls": ["stun:turn.example:3478"]}],
    "stValidTo": "2026-11-24T12:00:00Z",
    "iTTL": 600,
}


@define
class Meeting:
    """Octets go to and fro until nobody has more to say; the owner's decisions are taken here."""

    company: Company = field(factory=Company)
    form: Form = Form.JSON_HEADER
    framed: bool = True
    starttls: StartTls = StartTls.ALLOWED
    news: list[tuple[str, Any]] = field(factory=list)
    heard: list[Output] = field(factory=list)
    written: list[bytes] = field(factory=list)
    asked_for_ice: int = 0
    ice: dict[str, Any] | None = field(factory=lambda: ICE)
    """What the daemon issues; None: TURN is switched off."""
    answers: bool = True
    """Whether it answers at all."""
    uplink: Uplink = field(init=False)
    link: ServerLink = field(init=False)
    _queue: deque[bytes] = field(factory=deque)

    def __attrs_post_init__(self) -> None:
        self.link = ServerLink(
            LinkRules(),
            LearningTable(),
            now=self.company.now,
            starttls=self.starttls,
            framed=self.framed,
        )
        self.uplink = Uplink(
            self.company.office,
            self.form,
            self._queue.append,
            lambda what, details: self.news.append((what, details)),
            lambda: self.company.now,
            framed=self.framed,
        )
        self.company.send = self.uplink.tell

    def register(self) -> "Meeting":
        """Let the demo server in."""
        self.uplink.register("demo", "secret")
        self.settle()
        return self

    def settle(self) -> None:
        """Pass on everything that is under way."""
        while True:
            while self._queue:
                octets = self._queue.popleft()
                self.written.append(octets)
                self.link.hears(octets, self.company.now)
            outputs = self.link.take()
            if not outputs and not self._queue:
                return
            for output in outputs:
                self._perform(output)

    def _perform(self, output: Output) -> None:
        match output:
            case Transmit():
                self.uplink.hears(output.octets)
            case Registering():
                self.heard.append(output)
                self.link.accept((Capability(kind="turn", value=1),), self.company.now)
            case LinkInvoked(Invoke(operation_name="asnWebGetIceServersV2") as invoke):
                self.asked_for_ice += 1
                if self.answers:
                    self.link.answer(self._issued(invoke), invoke.operation_name)
            case _:
                self.heard.append(output)

    def _issued(self, invoke: Invoke) -> Result | Error:
        if self.ice is None:
            refusal = {"iErrorDetail": 0, "u8sErrorString": "TURN not available"}
            return Error(invoke.invoke_id, JsonValue.of(refusal))
        return Result(invoke.invoke_id, JsonValue.of(self.ice))

    def asks(
        self, operation: str, argument: Any, session: str | None = None
    ) -> Result | Error | Reject:
        """Call the demo server; return its answer."""
        value = JsonValue.of(argument)
        assert self.link.call(Invoke(0, 0, operation, value, session), Nobody(), self.company.now)
        self.settle()
        answered = self.heard.pop()
        assert isinstance(answered, CallAnswered)
        return answered.answer

    def says(self, operation: str, argument: Any, session: str | None = None) -> None:
        """Send the demo server an event."""
        assert self.link.tell(Invoke(EVENT_ID, 0, operation, JsonValue.of(argument), session))
        self.settle()


def value(answer: Result | Error | Reject) -> Any:
    """Return what a result or an error contains."""
    match answer:
        case Result(result=JsonValue() as found) | Error(error=JsonValue() as found):
            return found.value()
    raise AssertionError(answer)
