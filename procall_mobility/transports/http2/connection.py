"""One HTTP/2 connection on a Twisted transport: an engine with deadlines, pings and an owner.

All requests of one turn of the reactor leave in one write.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from twisted.internet.interfaces import (
    IDelayedCall,
    IHandshakeListener,
    INegotiated,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.protocols.push.exchange import Answer, ProviderRequest, Result
from procall_mobility.transports.http2.client_tls import H2
from procall_mobility.transports.http2.deadlines import Deadlines
from procall_mobility.transports.http2.endings import why_lost
from procall_mobility.transports.http2.engine import Engine
from procall_mobility.transports.http2.events import (
    CapacityChanged,
    Event,
    GoingAway,
    RequestEnded,
)
from procall_mobility.transports.http2.keep_alive import KeepAlive, Pulse
from procall_mobility.transports.http2.ownership import Done, Owner
from procall_mobility.transports.http2.rules import ConnectionRules
from procall_mobility.transports.http2.session import Broken
from procall_mobility.transports.pressure import Pressure
from procall_mobility.transports.pump import AlarmClock, Household

log = Logger()

P = ParamSpec("P")
R = TypeVar("R")


@implementer(IHandshakeListener)
class Connection(Protocol):
    """Takes requests once its owner was told `opened`."""

    transport: Any

    def __init__(
        self,
        engine: Engine,
        household: Household,
        rules: ConnectionRules,
        owner: "Owner[Connection]",
        number: int,
    ) -> None:
        self._engine = engine
        self._reactor = household.reactor
        self._now = household.now
        self._rules = rules
        self._owner = owner
        self.number = number
        """Its owner's name for it."""
        self._alarm = AlarmClock(self, household, self._run)
        self._deadlines = Deadlines()
        self._waiting: dict[int, Done] = {}
        self._keep_alive: KeepAlive | None = None
        self._cut_at: float | None = None
        self._soon: IDelayedCall | None = None
        self._why: str | None = None
        self._is_running = False
        self._is_paused = False
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
        """How many requests may be made now: none while the transport is full."""
        if self._is_retired or self._is_paused:
            return 0
        return max(0, self._engine.streams - len(self._waiting))

    @property
    def in_flight(self) -> int:
        """Requests without a result."""
        return len(self._waiting)

    @property
    def streams(self) -> int:
        """How many requests the provider takes at once."""
        return 0 if self._is_retired else self._engine.streams

    def request(self, request: ProviderRequest, done: Done, timeout: float) -> None:
        """Make a request; `done` gets its one result, never within this call.

        Raises:
            ValueError: there is no capacity, or a header field is none.
        """
        if self._is_retired or self._is_paused:
            raise ValueError("the connection takes no request now")
        stream = self._engine.request(request)
        self._waiting[stream] = done
        self._deadlines.add(stream, self._now() + timeout)
        if not self._is_running and self._soon is None:
            self._soon = self._reactor.callLater(0, self._run_soon)

    def retire(self) -> None:
        """Take no more requests, and close after the last result."""
        self._is_retired = True
        self._run()

    def close(self, why: str) -> None:
        """Give requests in flight up and end the connection, politely."""
        if self._is_closed:
            return
        self._is_retired = self._is_closed = True
        self._why = self._why or why
        if not self._is_open:
            self.transport.abortConnection()
            return
        self._engine.say_goodbye()
        self._write()
        self._engine.lost(self._why)
        self._perform(self._engine.take())
        self._cut_at = self._now() + self._rules.close_within
        # A registered producer would keep TLS from ending.
        self.transport.unregisterProducer()
        self.transport.loseConnection()
        self._alarm.arrange()

    # What the transport tells -------------------------------------------------------------

    def connectionMade(self) -> None:
        """Speak, or wait for TLS."""
        self.transport.setTcpNoDelay(True)
        self._cut_at = self._now() + self._rules.open_within
        self._alarm.arrange()
        if not INegotiated.providedBy(self.transport):
            self._begin()

    def handshakeCompleted(self) -> None:
        """Speak HTTP/2 when that was agreed to, and nothing to an impostor."""
        if self.transport.disconnecting:
            return
        if self.transport.negotiatedProtocol == H2:
            self._begin()
        else:
            self._abort("the provider does not speak HTTP/2")

    def dataReceived(self, data: bytes) -> None:
        """Pass on what the provider says."""
        if self._keep_alive is None:
            return  # Aborted in the middle of a read.
        self._keep_alive.heard(self._now())
        self._guard(self._engine.hears, data)
        self._run()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End every request that has no result."""
        self._is_closed = self._is_retired = True
        self._alarm.stop()
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        why = self._why or why_lost(reason, self._engine.why_over)
        self._engine.lost(why)
        self._perform(self._engine.take())
        self._owner.lost(self, why)

    # The alarm ----------------------------------------------------------------------------

    def wake_at(self) -> float | None:
        """Return when something falls due next."""
        times = [self._cut_at, self._deadlines.next()]
        if self._keep_alive is not None and not self._is_closed:
            times.append(self._keep_alive.wake_at())
        return min((at for at in times if at is not None), default=None)

    def wake(self, now: float) -> None:
        """Do what is due; `_run` follows."""
        for stream in self._deadlines.due(now):
            self._guard(self._engine.cancel, stream, "no answer came in time")
            if self._keep_alive is not None:
                self._keep_alive.doubted(now)
        if self._cut_at is not None and now >= self._cut_at:
            self._cut_at = None
            self._abort("the connection was not open in time")
        elif self._keep_alive is not None and not self._is_closed:
            match self._keep_alive.wake(now):
                case Pulse.PING:
                    self._guard(self._engine.ping)
                case Pulse.DEAD:
                    self._abort("the provider did not answer a ping")
                case Pulse.FINE:
                    pass

    # Inside -------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._keep_alive = KeepAlive(self._rules.keep_alive, self._now())
        self.transport.registerProducer(Pressure(self._paused, self._resumed), True)
        self._run()

    def _paused(self) -> None:
        self._is_paused = True
        self._owner.changed(self)

    def _resumed(self) -> None:
        self._is_paused = False
        self._owner.changed(self)
        self._run()

    def _run_soon(self) -> None:
        self._soon = None
        self._run()

    def _run(self) -> None:
        """Perform events and write until there is neither; events may bring forth requests."""
        if self._is_running or self._is_closed:
            return
        self._is_running = True
        try:
            self._perform(self._engine.take())
            while not self._is_closed and self._write():
                self._perform(self._engine.take())
        finally:
            self._is_running = False
        self._rest()

    def _rest(self) -> None:
        """Close when there is nothing more to come, or wait."""
        if self._is_closed:
            return
        if self._engine.is_over:
            self.close(self._engine.why_over)
        elif self._is_retired and not self._waiting:
            self.close("retired")
        else:
            self._alarm.arrange()

    def _write(self) -> bool:
        """Write what there is to be written; tell whether there was something."""
        if self._is_paused or self._keep_alive is None:
            return False
        octets = self._guard(self._engine.octets)
        if octets:
            self.transport.write(octets)
        return bool(octets)

    def _perform(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case RequestEnded():
                    self._end(event.stream, event.result)
                case CapacityChanged():
                    self._settle()
                case GoingAway(why):
                    self._owner.going(self, why)
        if events:
            self._owner.changed(self)

    def _settle(self) -> None:
        if not self._is_open and not self._is_closed:
            self._is_open = True
            self._cut_at = None
            self.opened_at = self._now()
            self._owner.opened(self)

    def _end(self, stream: int, result: Result) -> None:
        self._deadlines.remove(stream)
        done = self._waiting.pop(stream)
        self.has_answered = self.has_answered or isinstance(result, Answer)
        try:
            done(result)
        except Exception:  # noqa: BLE001  # The bug of one must not cost the others their results.
            log.failure("fault in the receiver of a provider's answer")

    def _guard(self, act: Callable[P, R], *args: P.args, **named: P.kwargs) -> R | None:
        """Let a peer that cannot be understood, or a fault of ours, end this connection alone."""
        try:
            return act(*args, **named)
        except Broken as broken:
            self._abort(f"HTTP/2 cannot go on: {broken}")
        except Exception:  # noqa: BLE001  # Our bug, whatever it is.
            log.failure("fault in a connection to a provider")
            self._abort("an internal error")
        return None

    def _abort(self, why: str) -> None:
        self._why = self._why or why
        self._is_closed = self._is_retired = True
        self.transport.abortConnection()
