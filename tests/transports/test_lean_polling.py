"""Events are dealt with as Twisted does it; only nobody notes which connection they were of."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.task import Clock
from twisted.internet.testing import EventLoggingObserver
from twisted.logger import globalLogPublisher

from procall_mobility.transports.lean_polling import NEEDED, lean_polling, poll_leanly


class Reader:
    """Reads one end of a pair of sockets."""

    def __init__(self, reactor: Any) -> None:
        self._here, self.there = socket.socketpair()
        self._reactor = reactor
        self.heard: list[bytes] = []
        self.lost: list[Any] = []
        self.others: list[Reader] = []
        """Taken away when something is heard."""
        reactor.addReader(self)

    def fileno(self) -> int:
        return self._here.fileno()

    def logPrefix(self) -> str:
        return "reader"

    def doRead(self) -> Any:
        self.heard.append(self._here.recv(100))
        for other in self.others:
            self._reactor.removeReader(other)
        if self.heard[-1] == b"fault":
            raise ZeroDivisionError
        return None

    def connectionLost(self, reason: Any) -> None:
        self.lost.append(reason.type)

    def close(self) -> None:
        self._reactor.removeReader(self)
        self._here.close()
        self.there.close()


@pytest.fixture
def reactor() -> Iterator[Any]:
    """A reactor that does not run."""
    made = EPollReactor()
    yield made
    made.removeAll()
    made._poller.close()


@pytest.fixture
def readers(reactor: Any) -> Iterator[list[Reader]]:
    made = [Reader(reactor), Reader(reactor)]
    yield made
    for each in made:
        each.close()


@pytest.fixture
def log() -> Iterator[EventLoggingObserver]:
    """What is logged meanwhile."""
    observer = EventLoggingObserver()
    globalLogPublisher.addObserver(observer)
    yield observer
    globalLogPublisher.removeObserver(observer)


def test_what_is_there_is_read(reactor: Any, readers: list[Reader]) -> None:
    poll_leanly(reactor)
    readers[1].there.send(b"hello")
    reactor.doIteration(0)
    assert [each.heard for each in readers] == [[], [b"hello"]]
    reactor.doIteration(0)
    assert [each.heard for each in readers] == [[], [b"hello"]]


def test_one_that_was_taken_away_a_moment_ago_is_left_alone(
    reactor: Any, readers: list[Reader]
) -> None:
    poll_leanly(reactor)
    first, second = readers
    first.others, second.others = [second], [first]
    for each in readers:
        each.there.send(b"hello")
    reactor.doIteration(None)
    assert sorted(len(each.heard) for each in readers) == [0, 1]


def test_a_fault_of_one_is_told_and_costs_no_other(
    reactor: Any, readers: list[Reader], log: EventLoggingObserver
) -> None:
    poll_leanly(reactor)
    for each in readers:
        each.there.send(b"fault")
    reactor.doIteration(0)
    assert [each.lost for each in readers] == [[ZeroDivisionError]] * 2
    assert len(log) == 2


def test_a_fault_of_the_reactor_is_told_and_costs_no_other(
    reactor: Any, readers: list[Reader], log: EventLoggingObserver
) -> None:
    """As Twisted does it: its own guard lets through what a lost connection raises."""
    for each in readers:
        each.connectionLost = each.close  # type: ignore[assignment]  # Takes no reason.
        each.there.send(b"fault")
    poll_leanly(reactor)
    reactor.doIteration(0)
    assert [each.heard for each in readers] == [[b"fault"]] * 2
    assert [each["log_format"] for each in log].count("fault in the reactor") == 2


def test_another_reactor_is_left_alone() -> None:
    clock = Clock()
    poll_leanly(clock)
    assert lean_polling(clock) is None
    assert not any(hasattr(clock, name) for name in NEEDED)
