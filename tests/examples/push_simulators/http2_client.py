"""h2's client side over a wire in memory, for a server of ours: what it hears, in words."""

from typing import Any

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from hyperframe.frame import Frame
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from examples.push_simulators.arrivals import Arrivals
from examples.push_simulators.conduct import Conduct
from examples.push_simulators.devices import Devices
from examples.push_simulators.exchange import Reply, Request, Verdict, Visit
from examples.push_simulators.http2_connection import Http2Connection
from examples.push_simulators.simulator import Simulator

HEAD = [
    (":method", "POST"),
    (":path", "/"),
    (":scheme", "https"),
    (":authority", "push.example.com"),
]


class Lenient:
    """A judge that takes every request: its token is `token`, its id `id`."""

    name = "lenient"
    rows = ("200", "410 Gone")

    def __init__(self) -> None:
        self.devices = Devices()
        self.reply = Reply(200, (("x", "y"),))

    def judge(self, request: Request, visit: Visit, unix: float) -> Verdict:
        token = request.header("token")
        return Verdict(
            reply=self.reply,
            refusal=request.header("refusal") or "",
            tokens=(token,) if token else (),
            id=request.header("id") or "",
        )

    def answer(self, row: str, verdict: Verdict, since: float) -> Reply:
        return Reply(int(row[:3]), (), b"gone")


class Wire(StringTransport):
    """A transport that knows how it ended."""

    aborted = False

    def abortConnection(self) -> None:
        self.aborted = True

    def said(self) -> bytes:
        value = self.value()
        self.clear()
        return value


class Meeting:
    """A simulator, and a client that is connected to it."""

    def __init__(self, conduct: Conduct | None = None) -> None:
        self.clock = Clock()
        self.conduct = conduct or Conduct()
        self.judge = Lenient()
        self.heard: list[Any] = []
        self.simulator = Simulator(
            self.judge, Arrivals(), self.clock.seconds, conduct=self.conduct
        )
        self.connects()

    def connects(self) -> None:
        self.server = Http2Connection(self.simulator, self.simulator.welcome(), self.clock)
        self.wire = Wire()
        self.server.makeConnection(self.wire)
        self.client = H2Connection(H2Configuration(header_encoding="utf-8"))
        self.client.initiate_connection()

    @property
    def arrivals(self) -> Arrivals:
        return self.simulator.arrivals

    def asks(self, *, body: bytes = b"x", ends: bool = True, **headers: str) -> int:
        stream = self.client.get_next_available_stream_id()
        self.client.send_headers(stream, [*HEAD, *headers.items()])
        self.client.send_data(stream, body, end_stream=ends)
        return stream

    def exchange(self) -> list[Any]:
        """Let both sides speak until neither has anything to say; returns what is news."""
        before = len(self.heard)
        while True:
            for_server = self.client.data_to_send()
            if for_server:
                self.server.dataReceived(for_server)
            for_client = self.wire.said()
            if for_client:
                self._hears(for_client)
            if not for_server and not for_client:
                return self.heard[before:]

    def _hears(self, data: bytes) -> None:
        for event in self.client.receive_data(data):
            match event:
                case events.ResponseReceived(stream_id=stream, headers=headers):
                    self.heard.append((stream, int(dict(headers)[":status"])))
                case events.DataReceived(stream_id=stream, data=octets) if octets:
                    self.heard.append((stream, octets))
                case events.StreamReset(stream_id=stream, error_code=code):
                    self.heard.append((stream, f"reset {int(code)}"))
                case events.ConnectionTerminated(last_stream_id=last, additional_data=data):
                    self.heard.append(("goaway", last, data))
                case events.RemoteSettingsChanged(changed_settings=changed):
                    new = {int(key): value.new_value for key, value in changed.items()}
                    self.heard.append(("settings", new))

    def loses(self, *, cleanly: bool = True) -> None:
        self.server.connectionLost(Failure(ConnectionDone() if cleanly else ConnectionLost()))


def frames(data: bytes) -> list[Any]:
    """Take octets apart without a state machine, which would refuse what it does not like."""
    found = []
    while data:
        frame, length = Frame.parse_frame_header(memoryview(data[:9]))
        frame.parse_body(memoryview(data[9 : 9 + length]))
        found.append(frame)
        data = data[9 + length :]
    return found
