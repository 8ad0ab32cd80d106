"""A whole answer goes out at once, and never before what was written earlier."""

import socket
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection

from procall_mobility.transports.gate import Gate
from tests.transports.conftest import Wire

LARGE = bytes(4_000_000)
"""More than the system takes at once."""


@define
class Reactor:
    """Remembers who waits to be told that there is room, and nothing else."""

    writers: set[Any] = field(factory=set)

    def addWriter(self, writer: Any) -> None:
        self.writers.add(writer)

    def removeWriter(self, writer: Any) -> None:
        self.writers.discard(writer)

    def addReader(self, reader: Any) -> None:
        pass

    removeReader = addReader

    def turns(self) -> None:
        """Let write whoever may."""
        for writer in list(self.writers):
            writer.doWrite()


@define
class Line:
    """A gate on a connection, and its other end."""

    reactor: Reactor = field(factory=Reactor)
    ends: tuple[socket.socket, socket.socket] = field(factory=socket.socketpair)
    transport: Connection = field(init=False)
    gate: Gate = field(init=False)

    def __attrs_post_init__(self) -> None:
        ours, theirs = self.ends
        theirs.setblocking(False)
        self.gate = Gate(Protocol(), lambda: None, None)
        self.transport = Connection(ours, self.gate, self.reactor)
        self.transport.connected = 1
        self.gate.makeConnection(self.transport)

    def heard(self) -> bytes:
        try:
            return self.ends[1].recv(10_000_000)
        except BlockingIOError:
            return b""


@pytest.fixture
def line() -> Any:
    made = Line()
    yield made
    for end in made.ends:
        end.close()


def test_an_answer_is_sent_at_once(line: Line) -> None:
    line.gate.send(b"answer")
    assert line.heard() == b"answer"
    assert line.reactor.writers == set()


def test_an_answer_is_not_sent_before_what_is_waiting(line: Line) -> None:
    line.transport.write(b"before, ")
    line.gate.send(b"answer")
    assert line.heard() == b""
    line.reactor.turns()
    assert line.heard() == b"before, answer"
    line.gate.send(b"next")
    assert line.heard() == b"next"


def test_what_finds_no_room_is_sent_when_there_is(line: Line) -> None:
    """And what is said after it comes after it."""
    answer = LARGE + b"end"
    line.gate.send(answer)
    line.gate.send(b"next")
    heard = line.heard()
    assert 0 < len(heard) < len(answer)
    while line.reactor.writers:
        line.reactor.turns()
        heard += line.heard()
    assert heard + line.heard() == answer + b"next"


def test_where_nobody_listens_any_more_the_reactor_finds_it_out(line: Line) -> None:
    line.ends[1].close()
    line.gate.send(b"answer")
    assert line.transport in line.reactor.writers
    assert isinstance(line.transport.doWrite(), Exception)


@pytest.mark.parametrize("state", ["connected", "disconnecting", "_writeDisconnecting"])
def test_of_a_connection_that_ends_twisted_knows_what_to_do(line: Line, state: str) -> None:
    setattr(line.transport, state, state != "connected")
    line.gate.send(b"answer")
    assert line.heard() == b""


def test_nothing_is_sent_in_plain_on_a_connection_that_has_become_tls(line: Line) -> None:
    written: list[bytes] = []
    line.transport.TLS = True
    line.transport.protocol = type("Layer", (), {"write": lambda _, data: written.append(data)})()
    line.gate.send(b"answer")
    assert (line.heard(), written) == (b"", [b"answer"])


def test_what_is_no_connection_of_the_reactors_is_just_written_to() -> None:
    wire = Wire().connect(gate := Gate(Protocol(), lambda: None, None))
    gate.send(b"answer")
    assert wire.says() == b"answer"
