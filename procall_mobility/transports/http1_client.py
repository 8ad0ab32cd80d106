"""Requests by HTTP/1.1, one connection each: for tokens, which are fetched once an hour."""

# mypy: allow-untyped-calls
# Twisted's client is typed in part only.

from collections.abc import Callable
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import Agent, ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory, IBodyProducer, IResponse
from zope.interface import implementer

from procall_mobility.protocols.push.exchange import (
    LONGEST_ANSWER,
    Answer,
    NoAnswer,
    ProviderRequest,
    Result,
)

Done = Callable[[Result], None]


@implementer(IAgentEndpointFactory)
@frozen
class _OneEndpoint:
    endpoint: IStreamClientEndpoint

    def endpointForURI(self, uri: Any) -> IStreamClientEndpoint:
        """Return the one there is: nobody is sent elsewhere."""
        return self.endpoint


class Http1Client:
    """Makes requests to one origin."""

    def __init__(self, authority: str, endpoint: IStreamClientEndpoint, reactor: Any) -> None:
        """Prepare.

        Args:
            authority: host, and the port where it is not 443.
            endpoint: connects, TLS included.
            reactor: its clock.
        """
        self._authority = authority
        self._reactor = reactor
        self._agent = Agent.usingEndpointFactory(reactor, _OneEndpoint(endpoint))

    def request(self, request: ProviderRequest, done: Done, timeout: float) -> None:
        """Make a request; `done` gets its one result."""
        headers = Headers()
        for name, value in request.headers:
            headers.addRawHeader(name.encode(), value.encode())
        asked = self._agent.request(
            request.method.encode(),
            f"https://{self._authority}{request.path}".encode(),
            headers,
            _Body(request.body),
        )
        asked.addCallback(_read)
        # Nobody knows whether it was processed, but for a connection that never came to be, and
        # asking for a token twice does no harm.
        asked.addTimeout(timeout, self._reactor)
        asked.addErrback(lambda failure: NoAnswer(was_processed=None, why=failure.type.__name__))
        asked.addCallback(done)


@implementer(IBodyProducer)
class _Body:
    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.length = len(octets)

    def startProducing(self, consumer: Any) -> Deferred[None]:
        """Write all of it: it is short."""
        done: Deferred[None] = Deferred()
        consumer.write(self._octets)
        done.callback(None)
        return done

    def pauseProducing(self) -> None:
        """Do nothing: all is written."""

    def resumeProducing(self) -> None:
        """Do nothing: all is written."""

    def stopProducing(self) -> None:
        """Do nothing: all is written."""


def _read(response: IResponse) -> Deferred[Answer]:
    found: dict[str, str] = {}
    for name, values in response.headers.getAllRawHeaders():
        found.setdefault(name.decode("latin-1").lower(), values[0].decode("latin-1"))
    whole: Deferred[bytes] = Deferred(lambda _: reader.stop())
    reader = _Reader(whole)
    response.deliverBody(reader)
    return whole.addCallback(lambda body: Answer(status=response.code, headers=found, body=body))


class _Reader(Protocol):
    """Collects a body, and hangs up on one that has no end."""

    def __init__(self, whole: "Deferred[bytes]") -> None:
        self._whole = whole
        self._body = bytearray()

    def stop(self) -> None:
        """Hang up."""
        if self.transport is not None:
            self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        """Keep so much of it."""
        self._body += data
        if len(self._body) > LONGEST_ANSWER:
            self.stop()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The body has ended, well or not."""
        if self._whole.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss) or len(self._body) > LONGEST_ANSWER:
            self._whole.callback(bytes(self._body[:LONGEST_ANSWER]))
        else:
            self._whole.errback(reason)
