"""Drives one client's WebSocket machine; the port `ClientWire` towards the gateway."""

from typing import Protocol

from twisted.logger import Logger

from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.sessions import Session
from procall_mobility.protocols.rose.messages import Message
from procall_mobility.protocols.ucclient.client_socket import (
    ClientSocket,
    GiveUp,
    Output,
    Ping,
    Said,
    SocketRules,
    Write,
)
from procall_mobility.transports.pump import Household, Pump


class SocketCarrier(Protocol):
    """The WebSocket below a client."""

    def write(self, payload: bytes, *, binary: bool) -> None:
        """Send one message."""

    def ping(self) -> None:
        """Send a ping."""

    def close_socket(self, code: int, reason: str) -> None:
        """Send a close frame, then close."""

    def hold_reading(self) -> None:
        """Read nothing more for now."""

    def release_reading(self) -> None:
        """Read again."""


class ClientDriver:
    """One client's WebSocket, attached to its session.

    What is sent to a client is mostly said by its customer's server.  A fault of ours on that way
    ends this client's session, not the link that all the others share.
    """

    _log = Logger()

    def __init__(
        self,
        gateway: Gateway,
        household: Household,
        rules: SocketRules,
        carrier: SocketCarrier,
    ) -> None:
        self._gateway = gateway
        self._now = household.now
        self._carrier = carrier
        self._session: Session | None = None
        self._closed = self._held = False
        self._machine = ClientSocket(rules, household.now())
        self._pump: Pump[Output] = Pump(self._machine, self._perform, household)

    def attach(self, session_id: str, client: str) -> bool:
        """Take the session's WebSocket over; False when there is no such session any more."""
        self._session = self._gateway.attach(session_id, self, client, self._now())
        self._pump.run()
        return self._session is not None

    # What the carrier reports -------------------------------------------------------------

    def hears(self, payload: bytes, *, binary: bool) -> None:
        """Take one message."""
        try:
            self._machine.hears(payload, binary=binary)
            self._pump.run()
        except Exception:  # noqa: BLE001  # Our bug, whatever it is.
            self._fault()

    def lives(self) -> None:
        """Take a pong or a ping."""
        self._machine.lives()

    def paused(self) -> None:
        """The connection takes nothing more for now."""
        if self._session is not None:
            self._gateway.client_paused(self._session, self)

    def resumed(self) -> None:
        """The connection takes more."""
        if self._session is not None:
            self._gateway.client_resumed(self._session, self)

    def lost(self) -> None:
        """The connection has gone."""
        self._closed = True
        self._machine.over()
        self._pump.stop()
        session, self._session = self._session, None
        if session is not None:
            self._gateway.client_gone(session, self, self._now())

    # The port ClientWire ------------------------------------------------------------------

    def send(self, message: Message, operation: str | None) -> None:
        """Send the client a message."""
        if self._closed:
            return
        try:
            self._machine.says(message, operation)
            self._pump.run()
        except Exception:  # noqa: BLE001  # Our bug, whatever it is.
            self._fault()

    def close(self, code: int, reason: str) -> None:
        """Close the WebSocket."""
        if not self._closed:
            self._closed = True
            self._machine.over()
            self._pump.run()
            self._carrier.close_socket(code, reason)
            if self._held:
                self.release()  # Its close frame is to be read, or its end.

    def hold(self) -> None:
        """Read nothing more for now."""
        self._held = True
        self._machine.held(self._now())
        self._carrier.hold_reading()

    def release(self) -> None:
        """Read again."""
        self._held = False
        self._carrier.release_reading()
        self._machine.released(self._now())
        self._pump.run()

    # What the machine wants ---------------------------------------------------------------

    def _fault(self) -> None:
        self._log.failure("fault in a client's session")
        if self._session is not None:
            self._gateway.client_refused(self._session, Reason.INTERNAL, self._now())

    def _perform(self, output: Output) -> None:
        match output:
            case Said(message):
                if self._session is not None and not self._closed:
                    self._gateway.client_says(self._session, message, self._now())
            case Write(payload, binary):
                self._carrier.write(payload, binary=binary)
            case Ping():
                self._carrier.ping()
            case GiveUp(reason):
                if self._session is not None:
                    self._gateway.client_refused(self._session, Reason.of(reason), self._now())
