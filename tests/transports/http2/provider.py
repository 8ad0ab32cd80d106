"""A provider's end of a connection, on octets in memory, by an HTTP/2 implementation of others."""

import contextlib
from collections.abc import Callable

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings
from attrs import define, field
from hyperframe.frame import GoAwayFrame

from procall_mobility.protocols.push.exchange import ProviderRequest, Result
from procall_mobility.transports.http2.engine import Engine
from procall_mobility.transports.http2.events import Event, RequestEnded

MAX_CONCURRENT = h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS
INITIAL_WINDOW = h2.settings.SettingCodes.INITIAL_WINDOW_SIZE
MAX_FRAME = h2.settings.SettingCodes.MAX_FRAME_SIZE

NO_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CANCEL = 0, 2, 7, 8


def push(number: int = 0, body: bytes = b'{"aps":{}}', **fields: str) -> ProviderRequest:
    headers = (("apns-id", f"id-{number}"), ("apns-topic", "com.example.app"), *fields.items())
    return ProviderRequest(path=f"/3/device/{number}", headers=headers, body=body)


@define
class Heard:
    stream: int
    fields: dict[str, str]
    body: bytes = b""
    is_whole: bool = False
    is_answered: bool = False


@define(eq=False)
class Provider:
    """Does what it is told; with `answers` it answers every whole request at once."""

    limit: int | None = 100
    answers: bool = True
    window: int | None = None
    heard: dict[int, Heard] = field(factory=dict)
    resets: dict[int, int] = field(factory=dict)
    pings: int = 0
    goaway_code: int | None = None
    last_stream: int | None = None
    """What its GOAWAY said: it looks at no stream above it."""
    speech: h2.connection.H2Connection = field(init=False)
    _raw: bytes = b""

    def __attrs_post_init__(self) -> None:
        config = h2.config.H2Configuration(client_side=False, header_encoding="ascii")
        self.speech = h2.connection.H2Connection(config)
        settings = {} if self.limit is None else {MAX_CONCURRENT: self.limit}
        if self.window is not None:
            settings[INITIAL_WINDOW] = self.window
        self.speech.local_settings = h2.settings.Settings(client=False, initial_values=settings)
        self.speech.initiate_connection()

    def says(self) -> bytes:
        octets = self.speech.data_to_send() + self._raw
        self._raw = b""
        return octets

    def hears(self, octets: bytes) -> None:
        for event in self.speech.receive_data(octets):
            self._note(event)

    def _note(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived():
                if self.last_stream is None or event.stream_id <= self.last_stream:
                    self.heard[event.stream_id] = Heard(event.stream_id, dict(event.headers))
            case h2.events.DataReceived():
                if event.stream_id in self.heard:
                    self.heard[event.stream_id].body += event.data
                length = event.flow_controlled_length
                with contextlib.suppress(h2.exceptions.ProtocolError):  # It was reset.
                    self.speech.acknowledge_received_data(length, event.stream_id)
            case h2.events.StreamEnded():
                if event.stream_id in self.heard:
                    self.heard[event.stream_id].is_whole = True
                    if self.answers:
                        self.answer(event.stream_id)
            case h2.events.StreamReset():
                self.resets[event.stream_id] = event.error_code
            case h2.events.PingReceived():
                self.pings += 1
            case h2.events.ConnectionTerminated():
                self.goaway_code = event.error_code

    def answer(
        self, stream: int, status: int = 200, body: bytes = b"", *fields: tuple[str, str]
    ) -> None:
        self.heard[stream].is_answered = True
        echoed = self.heard[stream].fields.get("apns-id", "")
        header = [(":status", str(status)), ("apns-id", echoed), *fields]
        self.speech.send_headers(stream, header, end_stream=not body)
        if body:
            self.speech.send_data(stream, body, end_stream=True)

    def reset(self, stream: int, code: int) -> None:
        self.speech.reset_stream(stream, code)

    def set_limit(self, limit: int) -> None:
        self.speech.update_settings({MAX_CONCURRENT: limit})

    def go_away(self, last_stream: int, code: int = NO_ERROR, debug: bytes = b"") -> None:
        """Say so and go on answering, which the library's own way of saying it does not allow."""
        self.last_stream = last_stream
        frame = GoAwayFrame(0, last_stream, code, debug)
        self._raw += self.speech.data_to_send() + frame.serialize()

    @property
    def unanswered(self) -> list[int]:
        return [
            heard.stream
            for heard in self.heard.values()
            if heard.is_whole and not heard.is_answered
        ]


@define(eq=False)
class Dialogue:
    """An engine and a provider, and what the engine told."""

    engine: Engine = field(factory=lambda: Engine("https", "push.example"))
    provider: Provider = field(factory=Provider)
    events: list[Event] = field(factory=list)

    def talk(self) -> "Dialogue":
        """Carry octets until there are none."""
        while True:
            said = self.engine.octets()
            if said:
                self.provider.hears(said)
            answered = self.provider.says()
            if answered:
                self.engine.hears(answered)
            self.events += self.engine.take()
            if not said and not answered:
                return self

    def request(self, *requests: ProviderRequest) -> list[int]:
        return [self.engine.request(request) for request in requests or [push()]]

    def results(self) -> dict[int, Result]:
        ended = [event for event in self.events if isinstance(event, RequestEnded)]
        results = {event.stream: event.result for event in ended}
        assert len(results) == len(ended), "a request has two results"
        return results

    def of(self, kind: Callable[..., Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def opened(**provider: object) -> Dialogue:
    return Dialogue(provider=Provider(**provider)).talk()
