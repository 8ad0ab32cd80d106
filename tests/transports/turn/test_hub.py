"""Many sockets behind one descriptor: each gets its turn, and none is in another's way."""

import select
import socket
from collections.abc import Callable, Iterator

import pytest
from attrs import define, field
from twisted.internet.testing import MemoryReactor
from twisted.logger import capturedLogs

from procall_mobility.transports.turn.hub import AT_ONCE, DatagramHub
from procall_mobility.transports.turn.udp_relay import open_udp, report_errors
from tests.ports import free_port

NOW = 1000.0


@define(eq=False)
class Ear:
    """A reader of the hub, with its socket."""

    hub: DatagramHub
    sock: socket.socket = field(factory=lambda: open_udp("127.0.0.1", 0, 1 << 16))
    heard: list[bytes] = field(factory=list)
    bounds: list[tuple[float, int]] = field(factory=list)
    errors: list[float] = field(factory=list)
    first: Callable[[], None] = lambda: None
    """What it does before it reads."""

    def __attrs_post_init__(self) -> None:
        self.hub.add(self.sock, self)

    def read(self, now: float, most: int) -> None:
        self.first()
        self.bounds.append((now, most))
        for _ in range(most):
            try:
                self.heard.append(self.sock.recv(self.hub.payload.nbytes))
            except BlockingIOError:
                return

    def failed(self, now: float) -> None:
        self.errors.append(now)
        self.sock.recvmsg(0, 512, socket.MSG_ERRQUEUE)

    def is_told(self, data: bytes) -> None:
        self.sock.sendto(data, self.sock.getsockname())

    def closes(self) -> None:
        if self.sock.fileno() != -1:
            self.hub.remove(self.sock)
            self.sock.close()


@define(eq=False)
class Stage:
    reactor: MemoryReactor = field(factory=MemoryReactor)
    hub: DatagramHub = field(init=False)
    ears: list[Ear] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.hub = DatagramHub(self.reactor, lambda: NOW)
        self.hub.start()

    def some(self, number: int) -> list[Ear]:
        self.ears += [Ear(self.hub) for _ in range(number)]
        return self.ears


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    for each in made.ears:
        each.closes()
    made.hub.stop()


def test_each_socket_gets_what_came_to_it(stage: Stage) -> None:
    ears = stage.some(3)
    for number, ear in enumerate(ears):
        ear.is_told(b"for %d" % number)
    stage.hub.doRead()
    assert [ear.heard for ear in ears] == [[b"for 0"], [b"for 1"], [b"for 2"]]
    assert len(stage.hub) == 3


def test_a_socket_that_has_nothing_is_not_asked(stage: Stage) -> None:
    one, other = stage.some(2)
    stage.hub.doRead()
    one.is_told(b"x")
    stage.hub.doRead()
    assert (one.heard, other.bounds) == ([b"x"], [])


@pytest.mark.parametrize(("ready", "most"), [(1, AT_ONCE), (2, AT_ONCE // 2), (5, AT_ONCE // 5)])
def test_those_that_are_ready_share_one_turn(stage: Stage, ready: int, most: int) -> None:
    ears = stage.some(ready)
    for ear in ears:
        ear.is_told(b"x")
    stage.hub.doRead()
    assert [ear.bounds for ear in ears] == [[(NOW, most)]] * ready


def test_with_more_than_a_turn_holds_the_rest_has_the_next(stage: Stage) -> None:
    """Nobody starves: those that were not asked come before those that are ready again."""
    ears = stage.some(AT_ONCE + 10)
    for ear in ears:
        ear.is_told(b"1")
        ear.is_told(b"2")
    stage.hub.doRead()
    assert sum(len(ear.heard) for ear in ears) == AT_ONCE
    assert {most for ear in ears for _, most in ear.bounds} == {1}
    stage.hub.doRead()
    assert all(ear.heard for ear in ears)


def test_a_socket_may_be_closed_by_what_another_has_brought(stage: Stage) -> None:
    """The last client of an allocation hangs up while a peer's datagram waits at its relay."""
    one, other = stage.some(2)
    one.first, other.first = other.closes, one.closes
    one.is_told(b"x")
    other.is_told(b"x")
    stage.hub.doRead()
    assert sorted([one.heard, other.heard]) == [[], [b"x"]]
    assert len(stage.hub) == 1


def test_a_bug_at_one_socket_does_not_stop_the_others(stage: Stage) -> None:
    """C14: no exception reaches the reactor."""
    ears = stage.some(3)

    def bug() -> None:
        raise ZeroDivisionError

    ears[0].first = bug
    for ear in ears:
        ear.is_told(b"x")
    with capturedLogs() as logged:
        stage.hub.doRead()
    assert [ear.heard for ear in ears] == [[], [b"x"], [b"x"]]
    assert [each["log_format"] for each in logged] == ["a relayed datagram was lost"]
    assert logged[0]["log_failure"].check(ZeroDivisionError)
    ears[0].first = lambda: None
    stage.hub.doRead()
    assert ears[0].heard == [b"x"], "it is told again"


def test_errors_come_before_data(stage: Stage) -> None:
    """Else the data would be read with the error of something else."""
    (ear,) = stage.some(1)
    report_errors(ear.sock)
    address = ("127.0.0.1", free_port())
    ear.sock.sendto(b"anybody?", address)
    stage.hub.doRead()
    assert (ear.errors, ear.bounds) == ([NOW], [])
    ear.sock.sendto(b"anybody?", address)
    with pytest.raises(ConnectionRefusedError):
        ear.is_told(b"x")
    ear.is_told(b"x")
    ear.first = lambda: ear.errors.append(-1.0)
    stage.hub.doRead()
    assert ear.errors == [NOW, NOW, -1.0]
    assert ear.heard == [b"x"]


def test_the_buffer_leaves_room_for_a_header(stage: Stage) -> None:
    """A ChannelData header is written before the datagram, where it lies."""
    hub = stage.hub
    hub.payload[:4] = b"data"
    hub.whole[:4] = b"head"
    assert hub.buffer[:8] == b"headdata"
    assert hub.payload.nbytes == 65_536


def test_the_reactor_sees_one_descriptor(stage: Stage) -> None:
    stage.some(3)
    assert stage.reactor.getReaders() == [stage.hub]
    assert stage.hub.logPrefix() == "turn"
    stage.hub.connectionLost()
    with select.epoll() as outer:
        outer.register(stage.hub, select.EPOLLIN)
        assert outer.poll(0) == []
        stage.ears[1].is_told(b"x")
        assert outer.poll(0) == [(stage.hub.fileno(), select.EPOLLIN)]


def test_relays_may_be_closed_after_the_stop() -> None:
    """Allocations end when the daemon does, in whichever order."""
    stage = Stage()
    (ear,) = stage.some(1)
    stage.hub.stop()
    assert stage.reactor.getReaders() == []
    ear.closes()
    assert len(stage.hub) == 0
