"""The demo server's end of the link: registers, then answers for the office (Wire 5)."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from attrs import evolve

from examples.uc_demo.server.directory import DOMAIN
from examples.uc_demo.server.log_on import NEGOTIATED
from examples.uc_demo.server.office import VERSION, Office
from examples.uc_demo.server.replies import RefusedError, RejectedError
from procall_mobility.protocols import transcoding
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose import codec
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.framing import Deframer, frame
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
from procall_mobility.protocols.rose.operations import OPERATIONS

KEEP_ALIVE_EVERY = 30.0
LARGEST = 9_999_999
ICE_AGAIN_AFTER = 3600.0
"""Seconds at most, so that a change of the daemon's settings arrives within the hour."""
ICE_TRY_AGAIN_AFTER = 60.0
"""Seconds when there was no answer, or one of no use."""

MISTYPED = (AttributeError, KeyError, OverflowError, TypeError, ValueError)
"""What reading an argument of another shape than expected comes to."""

Write = Callable[[bytes], None]
News = Callable[[str, Any], None]
"""Takes `registered`, `refused`, `redirected` or `secure`, and details."""


class Uplink:
    """One connection to the daemon; knows the office, not the network."""

    def __init__(
        self,
        office: Office,
        form: Form,
        write: Write,
        news: News,
        now: Callable[[], float],
        *,
        framed: bool = True,
    ) -> None:
        self._office = office
        self._form = form
        self._write = write
        self._news = news
        self._now = now
        self._framed = framed
        self._deframer = Deframer(LARGEST)
        self._next_id = 0
        self._ask_ice_at = 0.0
        self._waiting: dict[int, tuple[str, Callable[[Message], None]]] = {}

    def start_tls(self) -> None:
        """Ask for TLS first (Wire 4.8)."""
        self.call("asnStartTLS", {}, self._may_secure)

    def register(self, ucsid: str, password: str) -> None:
        """Say who we are (Wire 5.2)."""
        argument = {
            "iVersion": 70,
            "u8sVersion": VERSION,
            "u8sServerName": f"uc.{DOMAIN}",
            "u8sServerID": ucsid,
            "u8sServerPassword": password,
            "presenceDomains": [DOMAIN],
            "u8sSystemID": "DEMO-SYSTEM",
            "iInterfaceVersion": 410,
        }
        self.call("asnRegisterServerV2", argument, self._registered)

    def ask_ice_servers(self) -> None:
        """Fetch STUN/TURN servers for our clients (Wire 6.2)."""
        self.call("asnWebGetIceServersV2", {}, self._issued)
        self._ask_ice_at = self._now() + ICE_TRY_AGAIN_AFTER

    def keep_alive(self) -> None:
        """Show that we live, and look after what grows old: sessions and TURN credentials."""
        self.tell(None, "asnTransportKeepAlive", {"dummy": 0})
        if self._now() >= self._ask_ice_at:
            self.ask_ice_servers()
        for session in self._office.sessions.silent(self._now()):
            self._office.ended(session.id)
            self.tell(None, "asnUserSessionDestroyed", {"u8sSessionID": session.id})

    def call(
        self, operation: str, argument: dict[str, Any], then: Callable[[Message], None]
    ) -> None:
        """Call the daemon."""
        self._next_id += 1
        self._waiting[self._next_id] = (operation, then)
        self._send_invoke(self._next_id, None, operation, argument)

    def tell(self, session_id: str | None, operation: str, argument: dict[str, Any]) -> None:
        """Send an event."""
        self._send_invoke(EVENT_ID, session_id, operation, argument)

    def hears(self, data: bytes) -> None:
        """Take octets of the stream, or one WebSocket message."""
        payloads = self._deframer.feed(data) if self._framed else [data]
        for payload in payloads:
            for message in codec.decode(payload, self._form):
                if isinstance(message, Invoke):
                    self._invoked(OPERATIONS.resolve(message))
                else:
                    self._answered(message)

    # Inside -------------------------------------------------------------------------------

    def _invoked(self, invoke: Invoke) -> None:
        try:
            value = transcoding.argument_to_json(invoke).argument
            argument = value.value() if isinstance(value, JsonValue) else {}
        except PeerError:
            argument = {}
        operation = invoke.operation_name
        if invoke.is_event:
            if invoke.session_id is not None:
                self._told(operation, invoke.session_id, argument)
            elif operation == "asnWebServiceCapabilitiesChanged":
                self.ask_ice_servers()
            return
        try:
            result = self._result(invoke, operation, argument)
        except RefusedError as refused:
            self._send(Error(invoke.invoke_id, JsonValue.of(refused.value)), operation)
        except RejectedError as rejected:
            self._send(reject_invoke(invoke, rejected.problem, rejected.details), operation)
        except MISTYPED:
            problem = InvokeProblem.MISTYPED_ARGUMENT
            self._send(reject_invoke(invoke, problem, "mistypedArgument"), operation)
        else:
            # As the C++ runtime does: no sessionID in results.
            kind = OPERATIONS.types_of(operation or "")[1] or f"A{(operation or '')[1:]}Result"
            value = JsonValue.of({"_type": kind, **(result or {})})
            self._send(Result(invoke.invoke_id, value), operation)

    def _told(self, operation: str | None, session_id: str, argument: Any) -> None:
        with suppress(*MISTYPED):  # Nobody answers events.
            if self._office.told(operation, session_id, argument, self._now()):
                self.tell(None, "asnUserSessionDestroyed", {"u8sSessionID": session_id})

    def _result(
        self, invoke: Invoke, operation: str | None, argument: Any
    ) -> dict[str, Any] | None:
        if invoke.session_id is not None:
            result: dict[str, Any] | None = self._office.invoked(
                operation, invoke.session_id, argument, self._now()
            )
            return result
        if operation == "asnCreateUserSession":
            session = self._office.sessions.create(self._now())
            if session is None:
                raise RejectedError(InvokeProblem.RESOURCE_LIMITATION, "serverBusy")
            return {"u8sSessionID": session.id, "negotiateresult": NEGOTIATED}
        if operation == "asnDestroyUserSession":
            self._office.ended(str(argument.get("u8sSessionID")))
            return {}
        if operation == "asnCheckConnection":
            return {
                "u8sServerVersion": VERSION,
                "u8sProductVersion": VERSION,
                "iProtocolVersion": 70,
                "iOEMID": 0,
                "u8sCookie": "",
            }
        raise RejectedError(InvokeProblem.UNRECOGNISED_OPERATION, "unrecognisedOperation")

    def _answered(self, answer: Result | Error | Reject) -> None:
        if answer.invoke_id is None:
            return
        operation, then = self._waiting.pop(answer.invoke_id, ("", _nobody))
        then(transcoding.answer_to_json(answer, operation))

    def _may_secure(self, answer: Message) -> None:
        self._news("secure" if isinstance(answer, Result) else "refused", _value(answer))

    def _registered(self, answer: Message) -> None:
        value = _value(answer)
        if not isinstance(answer, Result):
            self._news("refused", value)
        elif "redirect" in value:
            self._news("redirected", value["redirect"]["redirectAddresses"])
        else:
            self._news("registered", value)
            self.ask_ice_servers()

    def _issued(self, answer: Message) -> None:
        if isinstance(answer, Result):
            issued = _value(answer)
            self._office.ice_servers(issued)
            # Half of their life, so that clients never get credentials about to expire.
            self._ask_ice_at = self._now() + min(ICE_AGAIN_AFTER, issued["iTTL"] / 2)
        elif isinstance(answer, Error):
            # TURN is not for us (any more): nobody shall dial with what is refused.
            self._office.ice_servers({})
            self._ask_ice_at = self._now() + ICE_AGAIN_AFTER

    def _send_invoke(
        self, invoke_id: int, session_id: str | None, operation: str, argument: dict[str, Any]
    ) -> None:
        kind = OPERATIONS.types_of(operation)[0] or f"A{operation[1:]}Argument"
        value = JsonValue.of({"_type": kind, **argument})
        invoke = OPERATIONS.resolve(Invoke(invoke_id, 0, operation, value, session_id))
        invoke = transcoding.argument_to_wire(invoke, self._form)
        if self._form is Form.BER and invoke.operation_id:
            # In BER the C++ runtime writes ids only; of private operations we know none.
            invoke = evolve(invoke, operation_name=None)
        self._transmit(codec.encode(invoke, self._form))

    def _send(self, answer: Result | Error | Reject, operation: str | None) -> None:
        written = transcoding.answer_to_wire(answer, operation, self._form)
        self._transmit(codec.encode(written, self._form))

    def _transmit(self, payload: bytes) -> None:
        if self._form is not Form.BER:
            payload += b"\n"
        self._write(frame(payload, self._form) if self._framed else payload)


def _value(answer: Message) -> Any:
    match answer:
        case Result(result=JsonValue() as value) | Error(error=JsonValue() as value):
            return value.value()
    return {}


def _nobody(answer: Message) -> None:
    """Take an answer nobody waits for."""
