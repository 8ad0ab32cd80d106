"""The server link: one connection a customer's UCServer has opened to us (Wire 4.7, 4.8, 5)."""

from attrs import evolve

from procall_mobility.protocols import transcoding
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Error,
    Invoke,
    InvokeProblem,
    JsonValue,
    Message,
    Reject,
    Result,
    reject_invoke,
)
from procall_mobility.protocols.rose.operations import LearningTable
from procall_mobility.protocols.rose.undecodable import Undecodable
from procall_mobility.protocols.ucserver import admission, dispatch
from procall_mobility.protocols.ucserver.calls import Caller, CallTable, Nobody
from procall_mobility.protocols.ucserver.mistakes import Mistakes
from procall_mobility.protocols.ucserver.outputs import (
    BeginTls,
    CallAnswered,
    CloseLink,
    Output,
    Registering,
    Surprise,
    Transmit,
)
from procall_mobility.protocols.ucserver.pulse import Pulse
from procall_mobility.protocols.ucserver.registration import Capability, Refusal
from procall_mobility.protocols.ucserver.rules import LinkRules, Phase, StartTls
from procall_mobility.protocols.ucserver.speech import Speech

KEEP_ALIVE = "asnTransportKeepAlive"
START_TLS = "asnStartTLS"
CHECK_CONNECTION = "asnCheckConnection"

DEAF = (Phase.SECURING, Phase.CLOSED)


class ServerLink:
    """Machine of one link.  A peer's mistakes become outputs, never exceptions."""

    def __init__(
        self,
        rules: LinkRules,
        learning: LearningTable,
        *,
        now: float,
        starttls: StartTls,
        framed: bool = True,
        guess_first_generation: bool = False,
    ) -> None:
        self._rules = rules
        self._starttls = starttls
        self._guess_v2 = not guess_first_generation
        self._speech = Speech(rules.message_size, framed=framed)
        self._calls = CallTable()
        self._outputs: list[Output] = []
        self.mistakes = Mistakes()
        self._admission: admission.Admission | None = None
        self._pulse = Pulse(rules, now)
        self.learning = learning
        self.phase = Phase.PLAIN if starttls is StartTls.DEMANDED else Phase.UNREGISTERED

    @property
    def form(self) -> Form | None:
        """How this peer writes ROSE, once it has said something."""
        return self._speech.form

    @property
    def heard(self) -> float:
        """When the peer was last heard."""
        return self._pulse.heard

    # What is heard -----------------------------------------------------------------------

    def hears(self, data: bytes, now: float) -> None:
        """Take octets of a stream, in pieces of any size, or one WebSocket message."""
        if self.phase in DEAF:
            return  # Wire 4.8: what follows asnStartTLS in plain is dropped.
        self._pulse.heard = now
        try:
            payloads = self._speech.payloads(data)
        except PeerError as error:
            self._close(error.reason)
            return
        for payload in payloads:
            self._hears_payload(payload, now)

    def secured(self, now: float) -> None:
        """TLS is up: ROSE starts afresh, the detection of its form too (Wire 4.8)."""
        if self.phase is Phase.SECURING:
            self.phase = Phase.UNREGISTERED
            self._starttls = StartTls.OVER_TLS
            self._speech = Speech(self._rules.message_size, framed=True)
            self._pulse.heard = now

    def _hears_payload(self, payload: bytes, now: float) -> None:
        if self.phase in DEAF:
            return
        try:
            messages = self._speech.messages(payload)
        except Undecodable as error:
            if error.answer is not None:
                self._send(error.answer)
            self._mistake()
            return
        for message in messages:
            if isinstance(message, Invoke):
                self._hears_invoke(self.learning.resolve(message), now)
            else:
                self._hears_answer(message)

    def _hears_invoke(self, invoke: Invoke, now: float) -> None:
        if self.phase in DEAF:
            return
        if invoke.operation_name == START_TLS:
            self._hears_start_tls(invoke)
        elif self.phase is Phase.PLAIN:
            self._refuse_invoke(
                invoke, InvokeProblem.RESOURCE_LIMITATION, "StartTLSRequired"
            )
        elif invoke.operation_name == KEEP_ALIVE and invoke.session_id is None:
            return  # Having been heard is all it is for.
        elif self.phase is Phase.OPEN:
            self._hears_open(invoke)
        else:
            self._hears_registration(invoke)

    def _hears_start_tls(self, invoke: Invoke) -> None:
        if invoke.is_event or self.phase not in (Phase.PLAIN, Phase.UNREGISTERED):
            self._mistake()
        elif self._starttls is StartTls.OVER_TLS:
            self._refuse_invoke(invoke, InvokeProblem.RESOURCE_LIMITATION, "TLS is on already")
        else:
            result = Result(invoke.invoke_id, JsonValue.of({"_type": "AsnStartTLSResult"}))
            self._send(transcoding.answer_to_wire(result, START_TLS, self._speech.form))
            self.phase = Phase.SECURING
            self._outputs.append(BeginTls())

    def _hears_registration(self, invoke: Invoke) -> None:
        guess = self._guess_v2 if self._rules.guess_registration else None
        try:
            asked = admission.asked(invoke, guess_v2=guess)
        except PeerError as error:
            self._refuse_invoke(invoke, InvokeProblem.MISTYPED_ARGUMENT, error.text)
            return
        if asked is None or self.phase is Phase.DECIDING:
            self._refuse_invoke(
                invoke, InvokeProblem.AUTHENTICATION_INCOMPLETE, "authenticationIncomplete"
            )
            return
        self._admission = asked
        self.phase = Phase.DECIDING
        self._outputs.append(Registering(asked.registration))

    def _hears_open(self, invoke: Invoke) -> None:
        try:
            plain = transcoding.argument_to_json(invoke)
        except PeerError:
            details = "unrecognisedOperation"
            self._refuse_invoke(invoke, InvokeProblem.UNRECOGNISED_OPERATION, details)
            return
        news = dispatch.news_of(plain)
        if isinstance(news, Surprise):
            self._mistake()
        self._outputs.append(news)

    def _hears_answer(self, answer: Result | Error | Reject) -> None:
        if answer.invoke_id is None or answer.invoke_id == EVENT_ID:
            return  # Wire 4.1: answers to events are ignored.
        call = self._calls.answered(answer.invoke_id)
        if call is None:
            return
        self._outputs.append(
            CallAnswered(
                call.caller,
                call.operation,
                transcoding.answer_to_json(answer, call.operation),
            )
        )

    # What the owner decides and says ------------------------------------------------------

    def accept(self, capabilities: tuple[Capability, ...], now: float) -> bool:
        """Let the server in, in multi-user mode (Wire 5.2); False when it has gone."""
        if self._admission is None or self.phase is not Phase.DECIDING:
            return False
        self._send(self._admission.accepted(capabilities, self._speech.form))
        self._admission = None
        self._speech.trust()
        self.phase = Phase.OPEN
        self._pulse.opened(now)
        return True

    def redirect(self, addresses: tuple[str, ...]) -> None:
        """Send the server to other nodes (`enetctis://host:port`), then close."""
        if self._admission is None:
            return
        self._send(self._admission.redirected(addresses, self._speech.form))
        self._admission = None
        self._close("redirected")

    def refuse(self, refusal: Refusal, text: str, reason: str) -> None:
        """Turn the server away, then close; `text` appears on its admin page."""
        if self._admission is None:
            return
        self._send(self._admission.refused(refusal, text, self._speech.form))
        self._admission = None
        self._close(reason)

    def call(self, invoke: Invoke, caller: Caller, now: float) -> bool:
        """Call the server with an id of ours; False when it cannot be said on this link.

        `invoke.invoke_id` is not looked at; `CallAnswered` brings `caller` back.
        """
        if self.phase is not Phase.OPEN:
            return False
        try:
            written = transcoding.argument_to_wire(invoke, self._speech.form)
        except PeerError:
            return False
        invoke_id = self._calls.add(caller, invoke.operation_name, now)
        if invoke_id is None:
            return False
        self._send(evolve(written, invoke_id=invoke_id))
        return True

    def tell(self, invoke: Invoke) -> bool:
        """Send the server an event; False when it cannot be said on this link."""
        if self.phase is not Phase.OPEN:
            return False
        try:
            self._send(
                evolve(transcoding.argument_to_wire(invoke, self._speech.form), invoke_id=EVENT_ID)
            )
        except PeerError:
            return False
        return True

    def answer(self, answer: Result | Error | Reject, operation: str | None) -> None:
        """Answer a call of the server; `answer` carries the server's own id."""
        if self.phase is Phase.OPEN:
            self._send(transcoding.answer_to_wire(answer, operation, self._speech.form))

    def probe(self, now: float) -> None:
        """Ask for a sign of life; `heard` moves when it comes (A-27)."""
        self.call(Invoke(0, 0, CHECK_CONNECTION, JsonValue.of({})), Nobody(), now)

    def close(self, reason: str) -> None:
        """Close from our side."""
        self._close(reason)

    def wake_at(self) -> float | None:
        """When `wake` wants to be called next."""
        return None if self.phase is Phase.CLOSED else self._pulse.wake_at()

    def wake(self, now: float) -> None:
        """Keep the link alive, or give it up."""
        if self.phase is Phase.CLOSED:
            return
        verdict = self._pulse.wake(now)
        if isinstance(verdict, str):
            self._close(verdict)
        elif verdict:
            self.tell(Invoke(EVENT_ID, 0, KEEP_ALIVE, JsonValue.of({"dummy": 0})))

    def take(self) -> list[Output]:
        """Return what is to be done since the last call, in order."""
        outputs, self._outputs = self._outputs, []
        return outputs

    def _send(self, message: Message) -> None:
        octets = self._speech.written(message)
        if octets is None:
            self._outputs.append(Surprise("a message for the server exceeds the limit"))
        else:
            self._outputs.append(Transmit(octets, binary=self._speech.form is Form.BER))

    def _refuse_invoke(self, invoke: Invoke, problem: InvokeProblem, details: str) -> None:
        if not invoke.is_event:
            self._send(reject_invoke(invoke, problem, details))
        self._mistake()

    def _mistake(self) -> None:
        if self.mistakes.another(self.phase):
            self._close("protocol-error")

    def _close(self, reason: str) -> None:
        if self.phase is not Phase.CLOSED:
            self.phase = Phase.CLOSED
            self._outputs.append(CloseLink(reason))
