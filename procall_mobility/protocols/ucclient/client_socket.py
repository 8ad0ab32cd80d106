"""A client's WebSocket, message by message (Wire 3): forms, mistakes and signs of life."""

from attrs import field, frozen

from procall_mobility.protocols import transcoding
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import codec
from procall_mobility.protocols.rose.ber_form import TagVariant, variant_of
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Error,
    Invoke,
    InvokeProblem,
    Message,
    Problem,
    ProblemKind,
    Reject,
    Result,
    reject_invoke,
)
from procall_mobility.protocols.rose.operations import OPERATIONS

MOST_MISTAKES = 100
"""Undecodable messages after which a client is a broken one, not an odd one."""


@frozen(kw_only=True)
class SocketRules:
    """Limits; sizes in octets, times in seconds."""

    message_size: int = 9_999_999
    ping_every: float = 30.0
    pings_missed: int = 2
    """A-20."""


@frozen
class Said:
    """The client said this; arguments are JSON."""

    message: Message


@frozen
class Write:
    """Send this WebSocket message."""

    payload: bytes = field(repr=False)
    binary: bool = False


@frozen
class Ping:
    """Send a ping (RFC 6455 section 5.5.2)."""


@frozen
class GiveUp:
    """End the session; `reason` is a reason code."""

    reason: str


Output = Said | Write | Ping | GiveUp


class ClientSocket:
    """Machine of one WebSocket after its opening handshake."""

    def __init__(self, rules: SocketRules, now: float) -> None:
        self._rules = rules
        self._form = Form.JSON_BARE
        self._tags = TagVariant.IMPLICIT  # Wire 4.4: what TypeScript clients read.
        self._mistakes = 0
        self._outputs: list[Output] = []
        self._unanswered_pings = 0
        self._next_ping = now + rules.ping_every
        self._held = False
        self._over = False

    def hears(self, payload: bytes, *, binary: bool) -> None:
        """Take one message; a text frame is JSON, a binary one BER (A-19)."""
        self.lives()
        if self._over:
            return
        # answers and events follow the form of the client's last message.
        self._form = Form.BER if binary else Form.JSON_BARE
        try:
            messages = codec.decode(payload, self._form)
            if binary:
                self._tags = variant_of(payload) or self._tags
        except PeerError as error:
            if isinstance(error, codec.Undecodable) and error.answer is not None:
                self.says(error.answer, None)
            self._mistake()
            return
        for message in messages:
            self._hears_message(message)

    def _hears_message(self, message: Message) -> None:
        if not isinstance(message, Invoke):
            # What a BER client answers is not transcoded: no published call asks one to.
            self._outputs.append(Said(message))
            return
        invoke = OPERATIONS.resolve(message)
        try:
            self._outputs.append(Said(transcoding.argument_to_json(invoke)))
        except PeerError:
            if invoke.invoke_id != EVENT_ID:
                problem = InvokeProblem.UNRECOGNISED_OPERATION
                self.says(reject_invoke(invoke, problem, "unrecognisedOperation"), None)
            self._mistake()

    def says(self, message: Message, operation: str | None) -> None:
        """Write a message: towards JSON clients always an array of exactly one (Wire 3)."""
        try:
            written = transcoding.message_to_wire(message, operation, self._form)
        except PeerError:
            return  # An event of a shape the schema does not know cannot be said in BER.
        payload = codec.encode(written, self._form, self._tags)
        if len(payload) > self._rules.message_size:
            if not isinstance(message, Result | Error):
                return  # There is nobody to tell.
            payload = codec.encode(_too_big(message), self._form, self._tags)
        if self._form is Form.BER:
            self._outputs.append(Write(payload, binary=True))
        else:
            self._outputs.append(Write(b"[" + payload + b"]"))

    def lives(self) -> None:
        """Note a sign of life: a message, a ping or a pong."""
        self._unanswered_pings = 0

    def held(self, now: float) -> None:
        """Nothing is read from now on, pongs neither: the ping deadline stands still."""
        self._held = True

    def released(self, now: float) -> None:
        """The client is read again."""
        self._held = False
        self._unanswered_pings = 0
        self._next_ping = now + self._rules.ping_every

    def over(self) -> None:
        """The socket is closing."""
        self._over = True

    def wake_at(self) -> float | None:
        """When the next ping is due."""
        return None if self._over or self._held else self._next_ping

    def wake(self, now: float) -> None:
        """Send a ping, or give the client up after too many unanswered ones."""
        if self._over or self._held or now < self._next_ping:
            return
        if self._unanswered_pings >= self._rules.pings_missed:
            self._give_up("ping-timeout")
            return
        self._unanswered_pings += 1
        self._next_ping = now + self._rules.ping_every
        self._outputs.append(Ping())

    def take(self) -> list[Output]:
        """Return what is to be done since the last call, in order."""
        outputs, self._outputs = self._outputs, []
        return outputs

    def _mistake(self) -> None:
        self._mistakes += 1
        if self._mistakes >= MOST_MISTAKES:
            self._give_up("protocol-error")

    def _give_up(self, reason: str) -> None:
        if not self._over:
            self._over = True
            self._outputs.append(GiveUp(reason))


def _too_big(answer: Result | Error) -> Reject:
    """Return what a client is told instead of an answer it could not take (Wire 4.1)."""
    problem = Problem(ProblemKind.INVOKE, int(InvokeProblem.RESOURCE_LIMITATION))
    return Reject(answer.invoke_id, problem, "responseIsTooBig")
