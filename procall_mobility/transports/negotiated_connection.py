"""A connection to a provider of which TLS says whether it speaks HTTP/2 or HTTP/1.1 (ALPN)."""

from typing import Any

from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.transports.http1_connection import Http1Connection
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.client_tls import H2
from procall_mobility.transports.http2.connection import Connection
from procall_mobility.transports.http2.endings import why_lost
from procall_mobility.transports.http2.engine import Engine
from procall_mobility.transports.http2.ownership import Done, Owner, ProviderConnection
from procall_mobility.transports.http2.rules import ConnectionRules
from procall_mobility.transports.pump import Household


@implementer(IHandshakeListener)
class NegotiatedConnection(Protocol):
    """Is its owner's connection, and the owner of the one that speaks."""

    transport: Any

    def __init__(
        self,
        origin: Origin,
        household: Household,
        rules: ConnectionRules,
        owner: "Owner[NegotiatedConnection]",
        number: int,
    ) -> None:
        self._origin = origin
        self._household = household
        self._rules = rules
        self._owner = owner
        self.number = number
        """Its owner's name for it."""
        self._spoken: Connection | Http1Connection | None = None
        self._why = ""
        self._too_late: Any = None

    # What the owner does ------------------------------------------------------------------

    @property
    def capacity(self) -> int:
        """How many requests may be made now."""
        return 0 if self._spoken is None else self._spoken.capacity

    @property
    def in_flight(self) -> int:
        """Requests without a result."""
        return 0 if self._spoken is None else self._spoken.in_flight

    @property
    def streams(self) -> int:
        """How many requests it carries at once."""
        return 0 if self._spoken is None else self._spoken.streams

    @property
    def has_answered(self) -> bool:
        """Whether there was an answer, of whatever status."""
        return self._spoken is not None and self._spoken.has_answered

    @property
    def opened_at(self) -> float:
        """When it was open, by the household's clock."""
        return 0.0 if self._spoken is None else self._spoken.opened_at

    def request(self, request: ProviderRequest, done: Done, timeout: float) -> None:
        """Make a request; `done` gets its one result, never within this call.

        Raises:
            ValueError: there is no capacity, or a header field is none.
        """
        if self._spoken is None:
            raise ValueError("the connection takes no request yet")
        self._spoken.request(request, done, timeout)

    def retire(self) -> None:
        """Take no more requests, and close after the last result."""
        if self._spoken is None:
            self._abort("retired")
        else:
            self._spoken.retire()

    def close(self, why: str) -> None:
        """Give requests in flight up and end the connection, politely."""
        if self._spoken is None:
            self._abort(why)
        else:
            self._spoken.close(why)

    # What the transport tells -------------------------------------------------------------

    def connectionMade(self) -> None:
        """Wait for TLS."""
        self._too_late = self._household.reactor.callLater(
            self._rules.open_within, self._abort, "the connection was not open in time"
        )

    def handshakeCompleted(self) -> None:
        """Have HTTP/2 spoken if that was agreed to, and HTTP/1.1 otherwise (RFC 9110 15.5.22)."""
        if self.transport.disconnecting or not self._stop_waiting():
            return
        household, rules = self._household, self._rules
        spoken: Connection | Http1Connection
        if self.transport.negotiatedProtocol == H2:
            engine = Engine(self._origin.scheme, self._origin.authority)
            spoken = Connection(engine, household, rules, self, self.number)
        else:
            authority = self._origin.authority
            spoken = Http1Connection(authority, household, rules, self, self.number)
        self._spoken = spoken
        spoken.makeConnection(self.transport)
        spoken.handshakeCompleted()

    def dataReceived(self, data: bytes) -> None:
        """Pass on what the provider says."""
        if self._spoken is not None:
            self._spoken.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass on that this is the end."""
        self._stop_waiting()
        if self._spoken is not None:
            self._spoken.connectionLost(reason)
        else:
            self._owner.lost(self, self._why or why_lost(reason, "TLS was not agreed on"))

    # What the connection that speaks tells -------------------------------------------------

    def opened(self, connection: ProviderConnection) -> None:
        """Count as open."""
        self._owner.opened(self)

    def changed(self, connection: ProviderConnection) -> None:
        """Tell that there may be more capacity, or less."""
        self._owner.changed(self)

    def going(self, connection: ProviderConnection, why: str) -> None:
        """Tell that the provider ends it."""
        self._owner.going(self, why)

    def lost(self, connection: ProviderConnection, why: str) -> None:
        """Tell that it is gone."""
        self._owner.lost(self, why)

    # Inside -------------------------------------------------------------------------------

    def _stop_waiting(self) -> bool:
        if self._too_late is None or not self._too_late.active():
            return False
        self._too_late.cancel()
        return True

    def _abort(self, why: str) -> None:
        self._why = self._why or why
        self._stop_waiting()
        self.transport.abortConnection()
