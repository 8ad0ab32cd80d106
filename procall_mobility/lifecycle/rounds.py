"""What the daemon does again and again while it serves."""

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen
from twisted.internet.task import LoopingCall
from twisted.logger import Logger


@frozen
class Task:
    """Something done again and again, every so many seconds."""

    every: float
    act: Callable[[], None]


@define(eq=False)
class Rounds:
    """All of it, from the beginning to the end of the service."""

    reactor: Any
    _loops: dict[Callable[[], None], LoopingCall] = field(factory=dict, init=False)
    _tasks: list[Task] = field(factory=list, init=False)
    _is_on: bool = field(default=False, init=False)
    _log = Logger()

    def add(self, *tasks: Task) -> None:
        """Do these, too."""
        self._tasks += tasks
        if self._is_on:
            for task in tasks:
                self._begin(task)

    def begin(self) -> None:
        """Do everything from now on; the first time when its time has passed."""
        self._is_on = True
        for task in self._tasks:
            self._begin(task)

    def end(self) -> None:
        """Do nothing more."""
        self._is_on = False
        for loop in self._loops.values():
            if loop.running:
                loop.stop()

    def pace(self, act: Callable[[], None], every: float) -> None:
        """Do something after so many seconds each time from now on."""
        self._tasks = [Task(every, act) if each.act == act else each for each in self._tasks]
        loop = self._loops.get(act)
        if loop is not None and loop.running and loop.interval != every:
            loop.stop()
            self._start(loop, every)

    def _begin(self, task: Task) -> None:
        self._loops[task.act] = loop = LoopingCall(task.act)
        loop.clock = self.reactor
        self._start(loop, task.every)

    def _start(self, loop: LoopingCall, every: float) -> None:
        loop.start(every, now=False).addErrback(self._failed)

    def _failed(self, failure: Any) -> None:
        self._log.failure("a regular task failed", failure)
