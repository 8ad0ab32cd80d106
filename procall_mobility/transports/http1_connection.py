"""One connection of HTTP/1.1 on a Twisted transport: one request at a time, one after another."""

from typing import Any

from twisted.internet.interfaces import IHandshakeListener, INegotiated
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.http1.answers import AnswerReader
from procall_mobility.protocols.http1.bodies import Malformed
from procall_mobility.protocols.http1.requests import octets_of
from procall_mobility.protocols.push.exchange import Answer, NoAnswer, ProviderRequest, Result
from procall_mobility.transports.http2.client_tls import HTTP1
from procall_mobility.transports.http2.endings import why_lost
from procall_mobility.transports.http2.ownership import Done, Owner
from procall_mobility.transports.http2.rules import ConnectionRules
from procall_mobility.transports.pump import AlarmClock, Household

log = Logger()


@implementer(IHandshakeListener)
class Http1Connection(Protocol):
    """Takes requests once its owner was told `opened`.

    What was sent and not answered may have been processed: HTTP/1.1 cannot tell.
    """

    transport: Any

    def __init__(
        self,
        authority: str,
        household: Household,
        rules: ConnectionRules,
        owner: "Owner[Http1Connection]",
        number: int,
    ) -> None:
        self._authority = authority
        self._now = household.now
        self._rules = rules
        self._owner = owner
        self.number = number
        """Its owner's name for it."""
        self._alarm = AlarmClock(self, household, lambda: None)
        self._due: float | None = None
        """When what is waited for, whatever it is, is too late."""
        self._too_late = "the connection was not open in time"
        self._done: Done | None = None
        """Of the request in flight."""
        self._reader = AnswerReader()
        self._why: str | None = None
        self._is_open = False
        self._is_retired = False
        self._is_closed = False
        self.has_answered = False
        """Whether there was an answer, of whatever status."""
        self.opened_at = 0.0
        """By the household's clock."""

    # What the owner does ------------------------------------------------------------------

    @property
    def capacity(self) -> int:
        """How many requests may be made now: one, when none is in flight."""
        return self.streams - self.in_flight if self.streams else 0

    @property
    def in_flight(self) -> int:
        """Requests without a result."""
        return 0 if self._done is None else 1

    @property
    def streams(self) -> int:
        """How many requests it carries at once."""
        return 1 if self._is_open and not self._is_retired else 0

    def request(self, request: ProviderRequest, done: Done, timeout: float) -> None:
        """Make a request; `done` gets its one result, never within this call.

        Raises:
            ValueError: there is no capacity, or a header field is none.
        """
        if not self.capacity:
            raise ValueError("the connection takes no request now")
        octets = octets_of(request, self._authority)
        self._done, self._reader = done, AnswerReader()
        self._wait(timeout, "no answer came in time")
        self.transport.write(octets)

    def retire(self) -> None:
        """Take no more requests, and close after the last result."""
        self._is_retired = True
        if self._done is None:
            self.close("retired")

    def close(self, why: str) -> None:
        """Give the request in flight up and end the connection, politely."""
        if self._is_closed:
            return
        if not self._is_open:
            self._abort(why)
            return
        self._is_retired = self._is_closed = True
        self._why = self._why or why
        self._wait(self._rules.close_within, why)
        self.transport.loseConnection()
        self._end(NoAnswer(was_processed=None, why=self._why))

    # What the transport tells -------------------------------------------------------------

    def connectionMade(self) -> None:
        """Wait for TLS, if there is any."""
        self.transport.setTcpNoDelay(True)
        # It finds out that a connection is dead which nobody has used for long.
        self.transport.setTcpKeepAlive(True)
        self._wait(self._rules.open_within, self._too_late)
        if not INegotiated.providedBy(self.transport):
            self._opened()

    def handshakeCompleted(self) -> None:
        """Count as open when HTTP/1.1 was agreed to, or nothing; say nothing to an impostor."""
        if self.transport.disconnecting or self._is_closed:
            return
        if self.transport.negotiatedProtocol in (None, b"", HTTP1):
            self._opened()
        else:
            self._abort("the provider does not speak HTTP/1.1")

    def dataReceived(self, data: bytes) -> None:
        """Read the answer."""
        if self._is_closed:
            return
        if self._done is None:
            self._abort("the provider spoke without being asked")
            return
        try:
            answer = self._reader.hears(data)
        except Malformed as malformed:
            self._abort(f"HTTP/1.1 cannot go on: {malformed.text}")
            return
        if answer is not None:
            self._answered(answer)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End the request in flight; the end of the connection may be that of its answer."""
        self._is_closed = self._is_retired = True
        self._alarm.stop()
        why = self._why or why_lost(reason, "the provider ended the connection")
        answer = self._reader.ended() if self._done is not None and self._why is None else None
        self._end(answer or NoAnswer(was_processed=None, why=why))
        self._owner.lost(self, why)

    # The alarm ----------------------------------------------------------------------------

    def wake_at(self) -> float | None:
        """Return when what is waited for is too late."""
        return self._due

    def wake(self, now: float) -> None:
        """Wait no longer."""
        if self._due is not None and now >= self._due:
            self._due = None
            self._abort(self._too_late)

    # Inside -------------------------------------------------------------------------------

    def _wait(self, seconds: float, too_late: str) -> None:
        self._due, self._too_late = self._now() + seconds, too_late
        self._alarm.arrange()

    def _opened(self) -> None:
        self._is_open = True
        self._due = None
        self.opened_at = self._now()
        self._owner.opened(self)
        self._owner.changed(self)

    def _answered(self, answer: Answer) -> None:
        self.has_answered = True
        self._due = None
        goes_on = self._reader.may_go_on
        # Whoever is told may make the next request at once.
        self._is_retired = was_last = self._is_retired or not goes_on
        self._end(answer)
        self._owner.changed(self)
        if not goes_on:
            self._owner.going(self, "it was its last answer")
        if was_last:
            self.close("retired")

    def _end(self, result: Result) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        try:
            done(result)
        except Exception:  # noqa: BLE001  # The bug of one must not cost the others anything.
            log.failure("fault in the receiver of a provider's answer")

    def _abort(self, why: str) -> None:
        self._why = self._why or why
        self._is_closed = self._is_retired = True
        self.transport.abortConnection()
