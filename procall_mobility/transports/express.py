"""Requests to desks that come whole, as small ones do, are read at once.

twisted.web takes several times as long, line by line, for what it need not know here.  Whatever is
not as plain as can be is left to it, and so is all that concerns the connection.
"""

# mypy: allow-untyped-calls
# Twisted is typed in part only.

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import datetimeToString

from procall_mobility.gateway.desks import Desk
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.transports.patience import PatientChannel
from procall_mobility.transports.plain_heads import PlainHead, read_head
from procall_mobility.transports.visits import Visits

LONGEST_REMEMBERED = 1024
"""Octets of a head that is kept as long as its connection: whoever sends one request on it will
probably send the next with the same."""

_BROKEN = HttpAnswer(500, (("Content-Length", "0"),), b"")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class ExpressChannel(PatientChannel):
    """A channel on which desks get plain requests without detour."""

    desks: tuple[Desk, ...] = ()
    body_size = 0
    """Largest request body in octets."""
    visits: Visits
    """Where it is one of."""
    _caller: tuple[str, bool] | None = None
    """The address of whoever asks, and whether that is by TLS; neither changes."""
    _send: Callable[[bytes], None] | None = None
    _head: PlainHead | None = None
    """That of the last request."""
    _desk: Desk | None = None
    """Wants the path in it."""

    def connectionMade(self) -> None:
        """Be one of all."""
        super().connectionMade()
        self.visits.begins(self)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being asked; one that became a WebSocket is none of ours."""
        return self.transport is not None and not self._is_engaged

    def dataReceived(self, data: bytes) -> None:
        """Serve a request that is all there is; else let twisted.web see."""
        if self._is_engaged:
            super().dataReceived(data)
            return
        head, desk = self._head, self._desk
        body = None if head is None else head.body(data)
        if body is None:
            head = read_head(data, self.totalHeadersSize)
            body = None if head is None else head.body(data)
            if head is not None:
                desk = next((each for each in self.desks if each.wants(head.path)), None)
                if desk is not None and head.size <= LONGEST_REMEMBERED:
                    self._head, self._desk = head, desk
        if head is None or body is None or desk is None or len(body) > self.body_size:
            super().dataReceived(data)
            return
        client, is_secure = self._caller or self._met()
        request = PlainRequest(self)
        # What else comes has to wait, as in twisted.web.  The time a connection may be idle runs
        # on meanwhile, and counts for nothing: to stop and start it for each request would take
        # longer than to read one.
        self.requests.append(request)
        self._handlingRequest = True
        self.line_mode = 0
        request.served(desk, head.request(body, client, secure=is_secure))

    @property
    def _is_engaged(self) -> bool:
        """Whether twisted.web has something to go on with: a request, or only the empty line
        before one; or a client that has to read first, for whom it reads on afterwards.
        """
        return bool(
            self.requests
            or self._is_coming
            or self._buffer
            or self._waitingForTransport
            or not (self.persistent and self.line_mode)
        )

    def _met(self) -> tuple[str, bool]:
        """Find out who asks."""
        self._caller = getattr(self.getPeer(), "host", ""), bool(self.isSecure())
        return self._caller

    @property
    def send(self) -> Callable[[bytes], None]:
        """What sends a whole answer, at once where the transport can."""
        if self._send is None:
            transport: Any = self.transport
            self._send = getattr(transport, "send", transport.write)
        return self._send

    def timeoutConnection(self) -> None:
        """End an idle connection, and none that has a request under way."""
        if not self._handlingRequest:
            super().timeoutConnection()

    def plain_request_done(self, request: "PlainRequest") -> None:
        """Wait for the next request."""
        self.setTimeout(self.timeOut)
        if self.visits.are_over:
            self.persistent = False
        if self._dataBuffer or self._waitingForTransport or not self.persistent:
            done: Any = request
            self.requestDone(done)  # There is more to be done than that.
        else:
            self.requests.clear()
            self._handlingRequest = False
            self.line_mode = 1


class PlainRequest:
    """What a channel knows of a request under way."""

    __slots__ = ("_channel",)

    _log = Logger()

    def __init__(self, channel: ExpressChannel) -> None:
        """Answer by a channel."""
        self._channel: ExpressChannel | None = channel

    def served(self, desk: Desk, request: HttpRequest) -> None:
        """Have it served by a desk."""
        try:
            desk.serve(request, self._reply)
        except Exception:  # noqa: BLE001  # The guard: a bug costs this request, not the client.
            self._log.failure("bug in a desk")
            self._reply(_BROKEN)

    def connectionLost(self, reason: Failure) -> None:
        """Drop the answer: nobody is there any more."""
        self._channel = None

    def _reply(self, answer: HttpAnswer) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            if channel.visits.are_over:
                answer = channel.visits.last(answer)
            channel.send(octets_of(answer, _dates.now()))
            channel.plain_request_done(self)


class Dates:
    """Says what time it is, in the form of RFC 9110 section 5.6.7; thought of once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def now(self) -> str:
        """Return what stands in the field Date."""
        second = int(time.time())
        if second != self._second:
            self._second, self._text = second, datetimeToString(second).decode("ascii")
        return self._text


_dates = Dates()


def octets_of(answer: HttpAnswer, date: str) -> bytes:
    """Return an answer as it is sent; no value can begin another line."""
    phrase = _PHRASES.get(answer.status, "Unknown")
    headers = answer.headers
    # What prints has no ends of lines in it.
    if not "".join(map("".join, headers)).isprintable():
        headers = tuple((name, " ".join(value.splitlines())) for name, value in headers)
    said = "\r\n".join((f"Date: {date}", *map(": ".join, headers)))
    head = f"HTTP/1.1 {answer.status} {phrase}\r\n{said}\r\n\r\n"
    return head.encode() + answer.body
