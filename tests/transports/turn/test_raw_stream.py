"""A client's connection that carries a peer's octets and no messages any more (RFC 6062)."""

import pytest

from procall_mobility.transports.turn.stream import TurnStream
from tests.transports.turn.stream_stage import BINDING, MALFORMED, StreamStage


@pytest.fixture
def stage() -> StreamStage:
    return StreamStage()


class Pipe:
    """The other end of a connection that has become raw."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.lost = 0

    def hears(self, data: bytes) -> None:
        self.heard.append(data)

    def client_lost(self) -> None:
        self.lost += 1


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch, stage: StreamStage) -> Pipe:
    """A pipe every client is joined to with its next message."""
    pipe = Pipe()

    def joins(_: bytes, path: TurnStream, now: float) -> bool:
        path.become_raw(pipe)
        return True

    monkeypatch.setattr(stage.play.server, "hears", joins)
    return pipe


def test_octets_behind_the_message_that_made_it_raw_are_passed_on(
    stage: StreamStage, pipe: Pipe
) -> None:
    """RFC 6062 section 5.4: whatever they look like, and not as messages of ours."""
    line = stage.line()
    line.says(BINDING + MALFORMED + b"GET")
    line.says(b" / HTTP/1.1")
    assert pipe.heard == [MALFORMED + b"GET", b" / HTTP/1.1"]
    assert stage.counters["malformed"] == 0


def test_a_raw_connection_has_no_deadline_and_gives_its_back_pressure_away(
    stage: StreamStage, pipe: Pipe
) -> None:
    line = stage.line()
    line.says(BINDING)
    assert stage.alarms() == []
    assert line.wire.producer is None
    assert pipe.heard == []


def test_the_other_end_is_told_once_that_a_raw_connection_is_lost(
    stage: StreamStage, pipe: Pipe
) -> None:
    line = stage.line()
    line.says(BINDING)
    line.wire.goes()
    line.stream.connectionLost()
    assert pipe.lost == 1
