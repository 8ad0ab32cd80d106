"""The server's side of HTTP/1.1, on twisted.web, for providers that speak it."""

from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPFactory, Request

from examples.push_simulators.exchange import Reply, Visit
from examples.push_simulators.exchange import Request as Asked
from examples.push_simulators.http2_connection import LONGEST_BODY
from examples.push_simulators.script import Deaf, Drop, GoAway, Reset, Say, Silence
from examples.push_simulators.simulator import Plan, Simulator


class Http1Factory(HTTPFactory):
    """Makes connections that speak HTTP/1.1 for a simulator."""

    def __init__(self, simulator: Simulator, clock: IReactorTime) -> None:
        super().__init__(timeout=600, reactor=clock)
        self.simulator = simulator
        self.clock = clock

    def connection(self, visit: Visit) -> Protocol:
        """Begin a connection."""
        channel: Any = self.buildProtocol(None)
        channel.requestFactory = lambda *args: JudgedRequest(self, visit, *args)
        return Http1Connection(channel, self.simulator)

    def log(self, request: Request) -> None:
        """Keep no book beside ours."""


class Http1Connection(Protocol):
    """One connection, whose channel is twisted.web's, and which may be told to end."""

    transport: Any

    def __init__(self, channel: Any, simulator: Simulator) -> None:
        self._channel = channel
        self._conduct = simulator.conduct

    def connectionMade(self) -> None:
        """Let the channel begin."""
        self._conduct.open.add(self)
        self._channel.makeConnection(self.transport)

    def dataReceived(self, data: bytes) -> None:
        """Pass on."""
        self._channel.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass on."""
        self._conduct.open.discard(self)
        self._channel.connectionLost(reason)

    def announce(self) -> None:
        """HTTP/1.1 has no settings."""

    def say_goodbye(self, goodbye: GoAway) -> None:
        """Close, as a server does with a connection nobody uses (RFC 9112 section 9.5)."""
        self.transport.loseConnection()

    def cut(self) -> None:
        """Cut the connection."""
        self.transport.abortConnection()


class JudgedRequest(Request):
    """One request, until it is answered."""

    channel: Any

    def __init__(self, factory: Http1Factory, visit: Visit, *args: Any) -> None:
        super().__init__(*args)
        self._factory = factory
        self._visit = visit
        self._plan: Plan | None = None
        self._is_lost = False

    def handleContentChunk(self, data: bytes) -> None:
        """Keep no more than any provider takes; what is cut off is too large anyway."""
        stored: Any = self.content
        super().handleContentChunk(data[: LONGEST_BODY - stored.tell()])

    def process(self) -> None:
        """Judge it, now that it is whole."""
        stored: Any = self.content
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, values in self.requestHeaders.getAllRawHeaders()
            for value in values
        )
        asked = Asked(
            method=self.method.decode("latin-1"),
            path=self.uri.decode("latin-1"),
            headers=headers,
            body=stored.read(),
            authority=self.getHeader("host") or "",
        )
        self._plan = plan = self._factory.simulator.hears(asked, self._visit, 0)
        if plan.latency:
            self._factory.clock.callLater(plan.latency, self._act, plan)
        else:
            self._act(plan)

    def connectionLost(self, reason: Failure) -> None:
        """Note that nobody waits for the answer any more."""
        self._is_lost = True
        if self._plan is not None and not self._plan.arrival.done:
            self._factory.simulator.did(self._plan.arrival, "cut")
        super().connectionLost(reason)

    def _act(self, plan: Plan) -> None:
        if self._is_lost:
            return
        did = self._factory.simulator.did
        match plan.act:
            case Say(reply):
                self._say(reply)
                did(plan.arrival, str(reply.status))
            case Silence():
                did(plan.arrival, "silence")
            case GoAway():
                # What comes nearest to it: RFC 9112 section 9.6.
                self.setHeader("connection", "close")
                self.channel.persistent = False
                self._say(plan.lawful)
                did(plan.arrival, str(plan.lawful.status))
            case Deaf():
                did(plan.arrival, "deaf")
                self.channel.transport.pauseProducing()
            case Reset() | Drop():
                did(plan.arrival, "drop")
                self.channel.transport.abortConnection()

    def _say(self, reply: Reply) -> None:
        self.setResponseCode(reply.status)
        for name, value in reply.headers:
            self.responseHeaders.addRawHeader(name, value)
        self.setHeader("content-length", str(len(reply.body)))
        if reply.body and self.method != b"HEAD":
            self.write(reply.body)
        self.finish()
