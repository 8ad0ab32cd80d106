"""Drives one server link's machine, whatever carries its octets."""

from typing import Protocol

from attrs import frozen
from twisted.logger import Logger

from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.messages import Error, Invoke, Reject, Result
from procall_mobility.protocols.rose.operations import LearningTable
from procall_mobility.protocols.ucserver.calls import Caller
from procall_mobility.protocols.ucserver.link import ServerLink
from procall_mobility.protocols.ucserver.outputs import (
    BeginTls,
    CallAnswered,
    CapabilitiesChanged,
    CloseLink,
    LinkInvoked,
    Output,
    Registering,
    SessionEnded,
    SessionInvoked,
    Surprise,
    Transmit,
)
from procall_mobility.protocols.ucserver.registration import Capability, Refusal
from procall_mobility.protocols.ucserver.rules import LinkRules, Phase, StartTls
from procall_mobility.transports.pump import Household, Pump


class Carrier(Protocol):
    """The connection below a link."""

    def transmit(self, octets: bytes, *, binary: bool) -> None:
        """Send octets of a stream, or one message."""

    def begin_tls(self) -> None:
        """Flush, then start TLS as the server; `LinkDriver.secured` follows."""

    def trust(self) -> None:
        """Take long messages from here on: the server is let in."""

    def close(self) -> None:
        """Flush, then close."""

    def abort(self) -> None:
        """Cut at once."""


@frozen(kw_only=True)
class LinkServices:
    """What every link needs from the house."""

    gateway: Gateway
    rules: LinkRules
    household: Household


class LinkDriver:
    """One link: the port `LinkWire` towards the gateway, a carrier below."""

    _log = Logger()

    def __init__(
        self,
        services: LinkServices,
        carrier: Carrier,
        peer: str,
        *,
        starttls: StartTls,
        framed: bool,
    ) -> None:
        self._gateway = services.gateway
        self._now = services.household.now
        self._carrier = carrier
        self._peer = peer
        self._lost = False
        self._has_asked = False
        self._closing: str | None = None
        self._machine = ServerLink(
            services.rules,
            LearningTable(),
            now=self._now(),
            starttls=starttls,
            framed=framed,
            guess_first_generation=services.gateway.guesses_first_generation(peer),
        )
        self._pump: Pump[Output] = Pump(self._machine, self._perform, services.household)
        self._pump.run()

    # What the carrier reports -------------------------------------------------------------

    def hears(self, data: bytes) -> None:
        """Take octets of a stream, or one WebSocket message."""
        self._machine.hears(data, self._now())
        self._pump.run()

    def secured(self) -> None:
        """TLS is up."""
        self._machine.secured(self._now())
        self._pump.run()

    def paused(self) -> None:
        """The carrier takes nothing more for now."""
        self._gateway.link_paused(self, self._now())

    def resumed(self) -> None:
        """The carrier takes more."""
        self._gateway.link_resumed(self, self._now())

    def lost(self) -> None:
        """The carrier has gone."""
        if self._lost:
            return
        self._lost = True
        reason = Reason.of(self._closing) if self._closing else Reason.PEER_CLOSED
        if not self._has_asked:
            self._never_asked()
        self._machine.close(reason)
        self._machine.take()
        self._pump.stop()
        self._gateway.link_lost(self, reason, self._now())

    # The port LinkWire --------------------------------------------------------------------

    @property
    def speaks_ber(self) -> bool:
        """Whether only operations of the published schema can be said."""
        return self._machine.form is Form.BER

    @property
    def heard(self) -> float:
        """When the server was last heard."""
        return self._machine.heard

    def accept(self, capabilities: tuple[Capability, ...]) -> bool:
        """Let the server in."""
        accepted = self._machine.accept(capabilities, self._now())
        if accepted:
            self._carrier.trust()
        self._pump.run()
        return accepted

    def redirect(self, addresses: tuple[str, ...]) -> None:
        """Send the server elsewhere."""
        self._machine.redirect(addresses)
        self._pump.run()

    def refuse(self, refusal: Refusal, text: str, reason: str) -> None:
        """Turn the server away."""
        self._machine.refuse(refusal, text, reason)
        self._pump.run()

    def call(self, invoke: Invoke, caller: Caller) -> bool:
        """Call the server."""
        said = self._machine.call(invoke, caller, self._now())
        self._pump.run()
        return said

    def tell(self, invoke: Invoke) -> bool:
        """Send the server an event."""
        said = self._machine.tell(invoke)
        self._pump.run()
        return said

    def answer(self, answer: Result | Error | Reject, operation: str | None) -> None:
        """Answer a call of the server."""
        self._machine.answer(answer, operation)
        self._pump.run()

    def probe(self) -> None:
        """Ask for a sign of life."""
        self._machine.probe(self._now())
        self._pump.run()

    def close(self, reason: Reason) -> None:
        """Flush and close."""
        self._machine.close(reason)
        self._pump.run()

    def abort(self) -> None:
        """Cut at once."""
        self._carrier.abort()

    # What the machine wants ---------------------------------------------------------------

    def _perform(self, output: Output) -> None:
        match output:
            case Transmit(octets, binary):
                self._carrier.transmit(octets, binary=binary)
            case CallAnswered() | SessionInvoked() | LinkInvoked():
                self._pass_on(output)
            case SessionEnded(session_id):
                self._gateway.session_ended(self, session_id, self._now())
            case CapabilitiesChanged(capabilities):
                self._gateway.capabilities_changed(self, capabilities)
            case Registering(registration):
                self._has_asked = True
                self._gateway.link_registering(self, registration, self._peer, self._now)
            case BeginTls():
                self._carrier.begin_tls()
            case CloseLink(reason):
                self._closing = reason
                self._carrier.close()
            case Surprise(text):
                self._log.info("server link surprise", text=text)

    def _pass_on(self, output: CallAnswered | SessionInvoked | LinkInvoked) -> None:
        """Pass on one message: a fault of ours with it is not the other ones' affair."""
        try:
            match output:
                case CallAnswered(caller, operation, answer):
                    caller.answered(operation, answer, self._now())
                case SessionInvoked(session_id, invoke):
                    self._gateway.session_invoked(self, session_id, invoke, self._now())
                case LinkInvoked(invoke):
                    self._gateway.link_invoked(self, invoke, self._now())
        except Exception:  # noqa: BLE001  # Our bug, whatever it is.
            self._log.failure("fault with a server's message")

    def _never_asked(self) -> None:
        """Leave a line about a server that came and went without registering, if it tried."""
        reason = self._machine.mistakes.objection or self._closing
        if self._machine.phase is Phase.SECURING:
            reason = Reason.TLS_FAILED
        if reason is not None:
            self._gateway.connection_refused(self._peer, Reason.of(reason))
