"""Plays of a server link: what the server says, and what the machine wants done."""

from typing import Any

from procall_mobility.protocols.rose import codec
from procall_mobility.protocols.rose.ber_form import TagVariant
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.framing import Deframer, frame
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Invoke,
    InvokeProblem,
    JsonValue,
    Message,
    Problem,
    ProblemKind,
)
from procall_mobility.protocols.rose.operations import LearningTable
from procall_mobility.protocols.ucserver.link import ServerLink
from procall_mobility.protocols.ucserver.outputs import Output, Registering, Transmit
from procall_mobility.protocols.ucserver.rules import LinkRules, StartTls

ARGUMENT = {
    "iVersion": 70,
    "u8sVersion": "8.4.0.100",
    "u8sServerName": "uc.example.test",
    "u8sServerID": "riroabc",
    "u8sServerPassword": "secret",
    "presenceDomains": ["example.test"],
    "u8sSystemID": "SYS1",
    "iInterfaceVersion": 410,
}


def register(operation: str | None = "asnRegisterServerV2", **members: Any) -> Invoke:
    value = {k: v for k, v in {**ARGUMENT, **members}.items() if v is not None}
    return Invoke(2, 0 if operation else 4711, operation, JsonValue.of(value))


STARTTLS = Invoke(1, 1103, "asnStartTLS", JsonValue.of({}))
KEEP_ALIVE = Invoke(EVENT_ID, 1706, "asnTransportKeepAlive", JsonValue.of({"dummy": 0}))


def problem(code: InvokeProblem) -> Problem:
    return Problem(ProblemKind.INVOKE, code)


class Play:
    """One link; `says` feeds a message, `heard` collects what was transmitted."""

    def __init__(
        self,
        form: Form = Form.JSON_HEADER,
        starttls: StartTls = StartTls.OVER_TLS,
        *,
        framed: bool = True,
        guess_first_generation: bool = False,
        tags: TagVariant = TagVariant.EXPLICIT,
        **rules: Any,
    ) -> None:
        self.now = 0.0
        self.form = form
        self.framed = framed
        self.tags = tags
        self.link = ServerLink(
            LinkRules(**rules),
            LearningTable(),
            now=self.now,
            starttls=starttls,
            framed=framed,
            guess_first_generation=guess_first_generation,
        )
        self._deframer = Deframer(10_000_000)

    def raw(self, data: bytes) -> list[Output]:
        self.link.hears(data, self.now)
        return self.link.take()

    def says(self, *messages: Message) -> list[Output]:
        """Say it, and return what is wanted, transmissions decoded into messages."""
        for message in messages:
            payload = codec.encode(message, self.form, self.tags)
            self.link.hears(frame(payload, self.form) if self.framed else payload, self.now)
        return self.wants()

    def wants(self) -> list[Any]:
        found: list[Any] = []
        for output in self.link.take():
            if isinstance(output, Transmit):
                payloads = self._deframer.feed(output.octets) if self.framed else [output.octets]
                for payload in payloads:
                    found += codec.decode(payload, self.form)
            else:
                found.append(output)
        return found

    def registered(self) -> "Play":
        (registering,) = self.says(register())
        assert isinstance(registering, Registering)
        assert self.link.accept((), self.now)
        self.wants()
        return self

    def later(self, seconds: float) -> list[Any]:
        self.now += seconds
        self.link.wake(self.now)
        return self.wants()
