"""The thread that waits for the disk: in order, and unimpressed by bugs."""

import queue
import threading
from collections.abc import Callable, Iterator

import pytest
from twisted.logger import globalLogPublisher

from procall_mobility.storage.push_thread import WriterThread

PATIENCE = 10.0
"""Seconds after which a test has failed; it takes none when all is well."""


class Home:
    """Runs what another thread sends, where the test lives."""

    def __init__(self) -> None:
        self.sent: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def run(self) -> None:
        self.sent.get(timeout=PATIENCE)()


@pytest.fixture
def home() -> Home:
    return Home()


@pytest.fixture
def thread(home: Home) -> Iterator[WriterThread]:
    made = WriterThread(home.sent.put)
    yield made
    made.close()


def test_work_is_done_elsewhere_and_told_here(home: Home, thread: WriterThread) -> None:
    told: list[object] = []
    thread.run(threading.get_ident, told.append)
    assert told == []
    home.run()
    (where,) = told
    assert where not in (None, threading.get_ident())


def test_work_is_done_in_order(home: Home, thread: WriterThread) -> None:
    done: list[int] = []
    told: list[object] = []
    for number in range(100):
        thread.run(lambda number=number: done.append(number) or number, told.append)
    while len(told) < 100:
        home.run()
    assert done == told == list(range(100))


def test_a_bug_is_reported_and_does_not_end_the_thread(home: Home, thread: WriterThread) -> None:
    events: list[dict] = []
    globalLogPublisher.addObserver(events.append)
    told: list[object] = []
    try:
        thread.run(lambda: 1 // 0, told.append)
        thread.run(lambda: "after", told.append)
        while len(told) < 2:
            home.run()
    finally:
        globalLogPublisher.removeObserver(events.append)
    assert told == [None, "after"]
    assert [event["log_format"] for event in events] == ["bug in the push writer"]


def test_closing_waits_for_all_and_tells_it_once(home: Home) -> None:
    """The reactor may run no more when the daemon ends."""
    thread = WriterThread(home.sent.put)
    started, may_end = threading.Event(), threading.Event()
    told: list[object] = []

    def work() -> str:
        started.set()
        may_end.wait(PATIENCE)
        return "done"

    thread.run(work, told.append)
    thread.run(lambda: "last", told.append)
    started.wait(PATIENCE)
    may_end.set()
    thread.close()
    assert told == ["done", "last"]
    while not home.sent.empty():
        home.run()
    assert told == ["done", "last"]


def test_there_is_no_thread_before_there_is_work(home: Home) -> None:
    """twistd becomes a daemon after the service is made, and takes no threads along."""
    before = threading.active_count()
    thread = WriterThread(home.sent.put)
    assert threading.active_count() == before
    thread.close()
