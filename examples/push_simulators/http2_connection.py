"""The server's side of one HTTP/2 connection, on h2, with all the mischief a script may ask for.

What h2 would forbid is written as frames beside it: after our GOAWAY h2 would say nothing more,
while a real server still answers what it has begun.
"""

from collections.abc import Callable
from typing import Any

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from examples.push_simulators.debug_data import reason_data
from examples.push_simulators.exchange import Reply, Visit
from examples.push_simulators.field_blocks import FieldDecoder
from examples.push_simulators.http2_streams import LenientSettings, Stream, StreamLimit
from examples.push_simulators.script import Deaf, Drop, GoAway, Reset, Say, Silence
from examples.push_simulators.simulator import Plan, Simulator

LONGEST_BODY = 65_536
"""Octets of a request's body: ten times what any provider takes."""
LONGEST_HEADERS = 16_384
"""Octets of a request's header fields."""
CONNECTION_WINDOW = 2**24
"""Octets on their way in all streams of a connection; the streams' own windows are the limit."""


class Http2Connection(Protocol):
    """Speaks HTTP/2 for a simulator."""

    transport: Any

    def __init__(self, simulator: Simulator, visit: Visit, clock: IReactorTime) -> None:
        self._simulator = simulator
        self._conduct = simulator.conduct
        self._visit = visit
        self._clock = clock
        self._streams: dict[int, Stream] = {}
        self._last_seen = 0
        self._last_done = 0
        """Highest stream that something was done about: no GOAWAY may deny it."""
        self._goodbye: int | None = None
        """Last stream we promised to look at."""
        self._closes = False
        self._deaf = False
        self._limit = StreamLimit(self._conduct.limit(0))
        self._window = self._conduct.window
        self._owed = 0
        h2 = H2Connection(
            H2Configuration(
                client_side=False,
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        h2.local_settings = LenientSettings(
            client=False,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: self._limit.told,
                SettingCodes.INITIAL_WINDOW_SIZE: self._window,
                SettingCodes.MAX_HEADER_LIST_SIZE: LONGEST_HEADERS,
                SettingCodes.ENABLE_PUSH: 0,
            },
        )
        h2.decoder = FieldDecoder(LONGEST_HEADERS)
        self._h2 = h2
        self._events: dict[type, Callable[..., None]] = {
            events.RequestReceived: self._begun,
            events.DataReceived: self._continued,
            events.StreamEnded: self._ended,
            events.StreamReset: self._reset_by_client,
            events.WindowUpdated: self._room,
            events.RemoteSettingsChanged: self._room,
            events.SettingsAcknowledged: self._settings_known,
            events.PriorityUpdated: self._prioritised,
            events.ConnectionTerminated: self._client_leaves,
        }

    def connectionMade(self) -> None:
        """Send our settings."""
        self._conduct.open.add(self)
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(CONNECTION_WINDOW)
        self._flush()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Note what remains unanswered for ever."""
        self._conduct.open.discard(self)
        word = "lost" if reason.check(ConnectionDone) else "cut"
        for stream in self._streams.values():
            if stream.plan is not None and not stream.plan.arrival.done:
                self._simulator.did(stream.plan.arrival, word)
        self._streams.clear()

    def dataReceived(self, data: bytes) -> None:
        """Take what the client sent."""
        if self._deaf:
            return
        try:
            for event in self._h2.receive_data(data):
                does = self._events.get(type(event))
                if does is not None:
                    does(event)
        except ProtocolError as error:
            self._conduct.fault(f"{type(error).__name__}: {error}")
            self._flush()
            self.transport.loseConnection()
            return
        self._flush()

    # What a client does.

    def _begun(self, event: events.RequestReceived) -> None:
        number = event.stream_id or 0
        if self._goodbye is not None and number > self._goodbye:
            return  # RFC 9113 section 6.8: it may not have seen the GOAWAY; nothing is done.
        self._last_seen = number
        if len(self._streams) >= self._limit.allowed:
            if self._limit.acknowledged:
                self._conduct.fault("more streams than allowed")
            self._h2.reset_stream(number, ErrorCodes.REFUSED_STREAM)
            return
        self._streams[number] = Stream(number, event.headers)

    def _continued(self, event: events.DataReceived) -> None:
        length = event.flow_controlled_length or 0
        self._owed += length
        if self._owed > CONNECTION_WINDOW // 2:
            self._h2.increment_flow_control_window(self._owed)
            self._owed = 0
        number = event.stream_id or 0
        stream = self._streams.get(number)
        if stream is None:
            return
        stream.size += length
        if stream.size > LONGEST_BODY:
            self._conduct.fault("a body of more than 64 KiB")
            del self._streams[number]
            self._h2.reset_stream(number, ErrorCodes.ENHANCE_YOUR_CALM)
            return
        stream.body.append(event.data or b"")
        if event.stream_ended is None and self._window <= LONGEST_BODY and length:
            self._h2.increment_flow_control_window(length, number)

    def _ended(self, event: events.StreamEnded) -> None:
        stream = self._streams.get(event.stream_id or 0)
        if stream is None:
            return
        plan = stream.plan = self._simulator.hears(stream.request(), self._visit, stream.id)
        if self._limit.told != self._conduct.limit(self._visit.accepted):
            self.announce()
        if plan.latency:
            self._clock.callLater(plan.latency, self._late, stream)
        else:
            self._act(stream, plan)

    def _reset_by_client(self, event: events.StreamReset) -> None:
        stream = self._streams.pop(event.stream_id or 0, None)
        if stream is not None and stream.plan is not None and not stream.plan.arrival.done:
            self._simulator.did(stream.plan.arrival, "cancelled")
        self._maybe_close()

    def _room(self, event: events.Event) -> None:
        for stream in [each for each in self._streams.values() if each.rest]:
            self._send(stream)

    def _settings_known(self, event: events.SettingsAcknowledged) -> None:
        self._limit.heard()

    def _prioritised(self, event: events.PriorityUpdated) -> None:
        self._conduct.fault("a PRIORITY frame")

    def _client_leaves(self, event: events.ConnectionTerminated) -> None:
        self.transport.loseConnection()

    # What we do.

    def _late(self, stream: Stream) -> None:
        if self._deaf or self._streams.get(stream.id) is not stream or stream.plan is None:
            return
        self._act(stream, stream.plan)
        self._flush()

    def _act(self, stream: Stream, plan: Plan) -> None:
        match plan.act:
            case Say(reply):
                self._say(stream, reply)
                self._simulator.did(plan.arrival, str(reply.status))
            case Silence():
                self._simulator.did(plan.arrival, "silence")
            case Reset(code):
                self._h2.reset_stream(stream.id, code)
                self._simulator.did(plan.arrival, "reset")
                self._forget(stream)
            case GoAway() as goodbye:
                self.say_goodbye(goodbye)
                if stream.id in self._streams:
                    self._say(stream, plan.lawful)
                    self._simulator.did(plan.arrival, str(plan.lawful.status))
            case Deaf():
                self._deaf = True
                self.transport.pauseProducing()
                self._simulator.did(plan.arrival, "deaf")
            case Drop():
                self._simulator.did(plan.arrival, "drop")
                self.transport.abortConnection()

    def _say(self, stream: Stream, reply: Reply) -> None:
        head = [(b":status", b"%d" % reply.status)]
        head += [(name.encode(), value.encode()) for name, value in reply.headers]
        self._h2.send_headers(stream.id, head, end_stream=not reply.body)
        stream.rest = reply.body
        if reply.body:
            self._send(stream)
        else:
            self._forget(stream)

    def _send(self, stream: Stream) -> None:
        room = min(self._h2.local_flow_control_window(stream.id), self._h2.max_outbound_frame_size)
        piece, stream.rest = stream.rest[:room], stream.rest[room:]
        if piece:
            self._h2.send_data(stream.id, piece, end_stream=not stream.rest)
        if not stream.rest:
            self._forget(stream)

    def _forget(self, stream: Stream) -> None:
        self._streams.pop(stream.id, None)
        self._last_done = max(self._last_done, stream.id)
        self._maybe_close()

    def _maybe_close(self) -> None:
        if self._closes and not self._streams:
            self._flush()
            self.transport.loseConnection()

    def _flush(self) -> None:
        if not self._deaf:
            data = self._h2.data_to_send()
            if data:
                self.transport.write(data)

    # What others have us do (conduct.Tellable).

    def announce(self) -> None:
        """Send what has changed of the settings."""
        if self._deaf:
            return
        changed: dict[int, int] = {}
        limit = self._conduct.limit(self._visit.accepted)
        if limit != self._limit.told:
            changed[SettingCodes.MAX_CONCURRENT_STREAMS] = limit
        if self._conduct.window != self._window:
            changed[SettingCodes.INITIAL_WINDOW_SIZE] = self._window = self._conduct.window
        if changed:
            self._limit.tells(limit)
            self._h2.update_settings(changed)
            self._flush()

    def say_goodbye(self, goodbye: GoAway) -> None:
        """Send GOAWAY; of the requests that were begun last some are not looked at any more."""
        if self._deaf:
            return
        last = self._last_seen
        begun = sorted(self._streams)
        if goodbye.below and begun:
            last = max(self._last_done, begun[-goodbye.below :][0] - 2)
        for number in begun:
            if number > last:
                self._deny(self._streams.pop(number))
        self._goodbye = last if self._goodbye is None else min(last, self._goodbye)
        frame = GoAwayFrame(
            stream_id=0,
            last_stream_id=max(0, self._goodbye),
            error_code=goodbye.code,
            additional_data=reason_data(goodbye.reason),
        )
        self._flush()
        self.transport.write(frame.serialize())
        self._closes = self._closes or goodbye.closes
        self._maybe_close()

    def _deny(self, stream: Stream) -> None:
        if stream.plan is not None and not stream.plan.arrival.done:
            self._simulator.undid(stream.plan.arrival)

    def cut(self) -> None:
        """Cut the connection."""
        self.transport.abortConnection()
