"""The one thread that waits for the disk."""

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from twisted.logger import Logger

Job = tuple[Callable[[], Any], Callable[[Any], None]]

CallFromThread = Callable[[Callable[[], None]], None]
"""Runs a function soon, where the caller lives: `reactor.callFromThread`."""


class Elsewhere(Protocol):
    """Where it is no harm to wait."""

    def run(self, function: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Run `function` there, then `done` here with its result; None when it raised."""

    def close(self) -> None:
        """Return when all is done and said."""


class WriterThread:
    """Runs functions elsewhere, one after the other, and says here what they returned."""

    _log = Logger()

    def __init__(self, call: CallFromThread) -> None:
        """Begin with the first that is to be run."""
        self._call = call
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: deque[tuple[Callable[[Any], None], Any]] = deque()
        self._thread: threading.Thread | None = None

    def run(self, function: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Run `function` there, then `done` here with its result; None when it raised."""
        if self._thread is None:
            # Not before: the program may become a daemon first, which threads do not survive.
            # It holds up no exit: what it has not written was not said to be.
            self._thread = threading.Thread(target=self._work, name="push writer", daemon=True)
            self._thread.start()
        self._jobs.put((function, done))

    def close(self) -> None:
        """Return when all is done and said."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._say()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, done = job
            try:
                result = function()
            except Exception:  # noqa: BLE001  # The guard: a bug must not end the thread.
                self._log.failure("bug in the push writer")
                result = None
            self._done.append((done, result))
            self._call(self._say)

    def _say(self) -> None:
        while self._done:
            done, result = self._done.popleft()
            done(result)
