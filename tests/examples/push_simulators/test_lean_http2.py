"""The target of load tests: it counts what came, and is a server for others all the same."""

from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ResponseReceived, SettingsAcknowledged, StreamEnded
from hpack import Decoder, Encoder
from hyperframe.frame import DataFrame, HeadersFrame
from twisted.internet.testing import StringTransport

from examples.push_simulators.lean_http2 import LeanConnection, Tally, push_id
from tests.examples.push_simulators.http2_client import HEAD, frames


class Visit:
    """A client that has connected."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.samples: list[tuple[Any, bytes]] = []
        self.server = LeanConnection(self.tally, 100, self.sample)
        self.wire = StringTransport()
        self.server.makeConnection(self.wire)
        self.client = H2Connection(H2Configuration(header_encoding="utf-8"))
        self.client.initiate_connection()

    def sample(self, fields: Any, body: bytes) -> bool:
        self.samples.append((fields, body))
        return body != b"wrong"

    def asks(self, push: str, body: bytes = b"hello") -> int:
        stream = self.client.get_next_available_stream_id()
        self.client.send_headers(stream, [*HEAD, ("apns-id", push)])
        self.client.send_data(stream, body, end_stream=True)
        return stream

    def exchange(self, size: int = 10**6) -> list[Any]:
        """Let both speak, our octets in pieces; returns what the client has heard."""
        heard: list[Any] = []
        while data := self.client.data_to_send():
            for start in range(0, len(data), size):
                self.server.dataReceived(data[start : start + size])
            heard += self.client.receive_data(self.wire.value())
            self.wire.clear()
        return heard


def test_every_request_is_answered_with_its_id() -> None:
    visit = Visit()
    visit.exchange()
    streams = [visit.asks(f"push-{number}") for number in range(50)]
    heard = visit.exchange()
    answers = {each.stream_id: dict(each.headers) for each in heard
               if isinstance(each, ResponseReceived)}  # fmt: skip
    assert list(answers) == streams
    assert [each["apns-id"] for each in answers.values()] == [f"push-{n}" for n in range(50)]
    assert len([each for each in heard if isinstance(each, StreamEnded)]) == 50
    assert (visit.tally.requests, visit.tally.octets, len(visit.tally.ids)) == (50, 250, 50)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_octets_may_come_in_any_pieces(size: int) -> None:
    visit = Visit()
    for number in range(5):
        visit.asks(f"push-{number}")
    visit.exchange(size)
    assert visit.tally.requests == 5


def test_requests_before_we_agreed_on_anything_are_read_whole() -> None:
    """A client may use its table of fields until it has our settings."""
    visit = Visit()
    pushes = ["a" * 36, "b" * 36]
    for push in (*pushes, pushes[1]):
        visit.asks(push)
    heard = visit.exchange()
    assert any(isinstance(each, SettingsAcknowledged) for each in heard)
    assert (visit.tally.requests, visit.tally.duplicates) == (3, 1)
    visit.asks(pushes[1])
    visit.exchange()
    assert (visit.tally.duplicates, len(visit.tally.ids)) == (2, 2)


def test_duplicates_are_told_from_others() -> None:
    visit = Visit()
    visit.exchange()
    for push in ("a" * 36, "b" * 36, "a" * 36):
        visit.asks(push)
    visit.exchange()
    assert (visit.tally.requests, visit.tally.duplicates) == (3, 1)


def test_one_of_a_thousand_is_judged() -> None:
    visit = Visit()
    visit.exchange()
    for number in range(2001):
        visit.asks(f"push-{number}", b"wrong" if number == 2000 else b"hello")
        visit.exchange()
    assert [body for _, body in visit.samples] == [b"hello", b"hello", b"wrong"]
    assert (b"apns-id", b"push-1000") in visit.samples[1][0]
    assert visit.tally.faults == 1


def test_when_pushes_came_is_told_once() -> None:
    """In whatever code their ids were written."""
    visit = Visit()
    visit.tally.times = {}
    ids = ["0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b", "~{}~"]
    visit.asks(ids[0])
    visit.exchange()
    visit.asks(ids[1])
    visit.exchange()
    times = visit.tally.arrived()
    assert list(times) == ids
    assert times[ids[0]] <= times[ids[1]]
    assert visit.tally.arrived() == {}


def test_when_pushes_came_is_not_noted_unasked() -> None:
    visit = Visit()
    visit.asks("a" * 36)
    visit.exchange()
    assert (visit.tally.requests, visit.tally.arrived()) == (1, {})


def test_what_is_not_finished_is_counted() -> None:
    visit = Visit()
    visit.exchange()
    first = visit.client.get_next_available_stream_id()
    visit.client.send_headers(first, HEAD)
    second = visit.client.get_next_available_stream_id()
    visit.client.send_headers(second, HEAD)
    visit.client.reset_stream(first)
    visit.client.ping(b"12345678")
    visit.exchange()
    visit.server.connectionLost()
    assert visit.tally.facts()["lost"] == 2


def test_padding_priorities_and_continuations_are_understood() -> None:
    visit = Visit()
    visit.exchange()
    encoder = Encoder()
    encoder.header_table_size = 0
    block = encoder.encode([*HEAD, ("apns-id", "x" * 36)])
    start = HeadersFrame(1, block[:10], flags=["PADDED", "PRIORITY"], pad_length=5)
    rest = b"\0%b\x09\4\0\0\0\1" % (len(block) - 10).to_bytes(2)
    end = DataFrame(1, b"hello", flags=["END_STREAM"])
    visit.server.dataReceived(start.serialize() + rest + block[10:] + end.serialize())
    (answer,) = frames(visit.wire.value())
    fields = dict(Decoder().decode(answer.data))
    assert fields == {":status": "200", "apns-id": "x" * 36}


def test_the_window_is_opened_again() -> None:
    visit = Visit()
    visit.exchange()
    visit.server._owed = 2**29
    visit.asks("a")
    visit.exchange()
    assert visit.server._owed == 0


def test_a_block_without_an_id_has_none() -> None:
    assert push_id(b"\x82\x87") == b"\0"


def test_a_frame_without_end_ends_the_connection() -> None:
    visit = Visit()
    visit.exchange()
    visit.server.dataReceived(b"\xff\xff\xff\0\0\0\0\0\1")
    assert visit.wire.disconnected


def test_a_request_without_a_body_is_one_too() -> None:
    visit = Visit()
    visit.exchange()
    visit.client.send_headers(1, [*HEAD, ("apns-id", "a")], end_stream=True)
    visit.exchange()
    assert (visit.tally.requests, visit.tally.octets) == (1, 0)
