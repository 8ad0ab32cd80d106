"""HTTP/2's client side without sockets and clocks: octets in, octets out, events out.

A request ends in exactly one `RequestEnded`, whatever the peer does: with an answer once that is
whole, or with what is known of it.  RFC 9113 proves that nothing was done where the peer refuses a
stream (section 8.7), where its GOAWAY names a lower last stream (section 6.8), and, plainly, where
the request has not left.  A peer that refuses what it has begun to answer proves nothing.
"""

from procall_mobility.protocols.push.exchange import (
    LONGEST_ANSWER,
    Answer,
    NoAnswer,
    ProviderRequest,
)
from procall_mobility.transports.http2 import fields
from procall_mobility.transports.http2.events import (
    CapacityChanged,
    Event,
    GoingAway,
    Ponged,
    RequestEnded,
)
from procall_mobility.transports.http2.session import Session, error_name

MOST_STREAMS = 1000
"""Requests in flight on one connection; APNs allows as many.  Each may hold `LONGEST_ANSWER`."""

MOST_REQUESTS = 1 << 29
"""On one connection, before another must take its place; stream numbers end at twice as many."""

MOST_HEADER = 8192
"""Octets of an answer's header section that are kept; providers send some hundred."""

MOST_DEBUG = 256
"""Octets of a GOAWAY's debug data that are kept."""

DATA, HEADERS, SETTINGS, PING = 0x00, 0x01, 0x04, 0x06
END_STREAM = ACK = 0x01
ENABLE_PUSH, MAX_CONCURRENT_STREAMS, MAX_HEADER_LIST_SIZE = 0x02, 0x03, 0x06
NO_ERROR, REFUSED_STREAM, CANCEL = 0x00, 0x07, 0x08

OUR_SETTINGS = ((ENABLE_PUSH, 0), (MAX_HEADER_LIST_SIZE, MOST_HEADER))


class _Exchange:
    """A request in flight, and what is known of its answer."""

    __slots__ = ("body", "fields", "header_is_whole", "heard", "room", "sent", "status", "to_send")

    def __init__(self, to_send: bytes) -> None:
        self.to_send = to_send
        self.sent = 0
        self.status = 0
        self.fields: dict[str, str] = {}
        self.room = MOST_HEADER
        self.header_is_whole = False
        self.body = bytearray()
        self.heard = False


class Engine:
    """One connection's HTTP/2.  End it by `lost`."""

    def __init__(self, scheme: str, authority: str, *, most_requests: int = MOST_REQUESTS) -> None:
        """Prepare a session; `octets` has its first words.

        Raises:
            LibraryMissing: there is no libnghttp2.
        """
        self._scheme = scheme
        self._authority = authority
        self._requests_left = most_requests
        self._exchanges: dict[int, _Exchange] = {}
        self._events: list[Event] = []
        self._limit: int | None = None
        self._is_going = False
        self.streams = 0
        """How many requests may be in flight at once; none before the peer has said a limit."""
        self._has_ended = False
        self._violation: str | None = None
        self._session = Session(self, OUR_SETTINGS)

    # What the owner does ------------------------------------------------------------------

    @property
    def in_flight(self) -> int:
        """Requests without a result."""
        return len(self._exchanges)

    @property
    def capacity(self) -> int:
        """How many requests may be begun now."""
        return max(0, self.streams - len(self._exchanges))

    @property
    def is_over(self) -> bool:
        """Whether the connection is of no more use, once `octets` is sent."""
        return self._has_ended or self._session.is_over

    @property
    def why_over(self) -> str:
        """Why the connection ends where we did not end it, for the log; ask before `lost`."""
        if self._violation is not None:
            return f"the provider broke HTTP/2: {self._violation}"
        if self.is_over and not self._is_going:
            return "the provider broke HTTP/2"  # In a way that libnghttp2 has no callback for.
        return "the provider closed the connection"

    def request(self, request: ProviderRequest) -> int:
        """Begin a request and return its stream, which its `RequestEnded` will name.

        Raises:
            ValueError: there is no capacity, or a header field is none.
        """
        if len(self._exchanges) >= self.streams:
            raise ValueError("the connection takes no request now")
        names, values = fields.names_and_values(request, self._scheme, self._authority)
        stream = self._session.submit(names, values, has_body=bool(request.body))
        self._exchanges[stream] = _Exchange(request.body)
        self._requests_left -= 1
        if self._requests_left == 0:
            self._go("no stream numbers are left", b"")
        return stream

    def cancel(self, stream: int, why: str) -> None:
        """Wait no longer for an answer; a request that has its result is left alone."""
        exchange = self._exchanges.pop(stream, None)
        if exchange is not None:
            self._fail(stream, None if self._session.was_begun(stream) else False, why)
            self._session.reset(stream, CANCEL)

    def ping(self) -> None:
        """Ask the peer for a sign of life."""
        self._session.ping()

    def say_goodbye(self) -> None:
        """End the session; requests in flight are given up by `lost`."""
        self._take_no_more()
        self._session.terminate(NO_ERROR)

    def hears(self, octets: bytes) -> None:
        """Take what the peer sent.

        Raises:
            Broken: the session cannot go on.
        """
        if not self._has_ended:
            self._session.hears(octets)

    def octets(self) -> bytes:
        """Return what is to be sent.

        Raises:
            Broken: the session cannot go on.
        """
        return b"" if self._has_ended else self._session.says()

    def take(self) -> list[Event]:
        """Return the events since the last call, in order."""
        events, self._events = self._events, []
        return events

    def lost(self, why: str) -> None:
        """End every request, and the session: the connection is gone."""
        if self._has_ended:
            return
        for stream in self._exchanges:
            self._fail(stream, None if self._session.was_begun(stream) else False, why)
        self._exchanges.clear()
        self._has_ended = True
        self._take_no_more()
        self._session.end()

    # What the session tells ---------------------------------------------------------------

    def on_header(self, stream: int, name: bytes, value: bytes) -> None:
        """Note a field; libnghttp2 has checked that `:status` comes first and is a number."""
        exchange = self._exchanges.get(stream)
        if exchange is None or exchange.header_is_whole:
            return  # Given up, or a trailer, which has no place in an answer.
        exchange.heard = True
        if name == b":status":
            exchange.status = int(value)
            return
        exchange.room -= len(name) + len(value)
        if exchange.room >= 0:
            exchange.fields.setdefault(name.decode("latin-1"), value.decode("latin-1"))

    def on_data(self, stream: int, octets: bytes) -> None:
        """Keep a piece of the body; at its bound the answer counts as whole."""
        exchange = self._exchanges.get(stream)
        if exchange is None:
            return
        exchange.body += octets
        if len(exchange.body) > LONGEST_ANSWER:
            del exchange.body[LONGEST_ANSWER:]
            self._answered(stream, exchange)
            self._session.reset(stream, CANCEL)

    def on_frame(self, kind: int, flags: int, stream: int) -> None:
        """Note the end of an answer, a limit or a sign of life."""
        if kind in (DATA, HEADERS):
            exchange = self._exchanges.get(stream)
            if exchange is None:
                return
            if flags & END_STREAM:
                self._answered(stream, exchange)
                if exchange.sent < len(exchange.to_send):
                    # The peer has answered before it had the whole request, and wants no more.
                    self._session.reset(stream, CANCEL)
            elif exchange.status >= 200:
                exchange.header_is_whole = True
            else:
                exchange.fields.clear()  # Of an interim answer (RFC 9110 section 15.2).
        elif kind == SETTINGS and not flags & ACK:
            limit = self._session.peers(MAX_CONCURRENT_STREAMS)
            if limit != self._limit:
                self._limit = limit
                self.streams = 0 if self._is_going else min(limit, MOST_STREAMS)
                self._events.append(CapacityChanged(limit))
        elif kind == PING and flags & ACK:
            self._events.append(Ponged())

    def on_goaway(self, last_stream: int, code: int, debug: bytes) -> None:
        """Take it that the peer goes; libnghttp2 closes the streams it has not looked at."""
        self._go(error_name(code), debug[:MOST_DEBUG])

    def on_closed(self, stream: int, code: int) -> None:
        """Note that a stream is over; when it had no result, it was reset."""
        exchange = self._exchanges.pop(stream, None)
        if exchange is not None:
            refused = code == REFUSED_STREAM and not exchange.heard
            why = f"the stream was closed with {error_name(code)}"
            self._fail(stream, False if refused else None, why)

    def on_violation(self, why: str) -> None:
        """Keep for the log what the peer did wrong."""
        self._violation = why

    def body(self, stream: int, most: int) -> tuple[bytes, bool]:
        """Return the next piece of a request's body."""
        exchange = self._exchanges[stream]
        begin = exchange.sent
        exchange.sent = end = min(begin + most, len(exchange.to_send))
        return exchange.to_send[begin:end], end == len(exchange.to_send)

    def _answered(self, stream: int, exchange: _Exchange) -> None:
        del self._exchanges[stream]
        answer = Answer(status=exchange.status, headers=exchange.fields, body=bytes(exchange.body))
        self._events.append(RequestEnded(stream, answer))

    def _fail(self, stream: int, was_processed: bool | None, why: str) -> None:
        result = NoAnswer(was_processed=was_processed, why=why)
        self._events.append(RequestEnded(stream, result))

    def _go(self, why: str, debug: bytes) -> None:
        self._take_no_more()
        self._events.append(GoingAway(why, debug))

    def _take_no_more(self) -> None:
        self._is_going = True
        self.streams = 0
