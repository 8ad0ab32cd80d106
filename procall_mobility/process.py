"""The process around the daemon: signals, systemd, the daemon before it and the one after it."""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from attrs import define, field
from twisted.internet.error import ReactorNotRunning
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from procall_mobility.hand_over.handing_over import HandingOver, HandOverError
from procall_mobility.hand_over.socket_keeping import SocketKeeping
from procall_mobility.hand_over.taking_over import TakingOver
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations import systemd
from procall_mobility.operations.starting import Starter
from procall_mobility.operations.systemd import Voice

LAST_WORDS = 30.0
"""Seconds for the rest of an end, when nothing is under way any more; it takes one or two."""


@define(eq=False, kw_only=True)
class Process:
    """What others do to the process, and what they are told of it."""

    daemon: Daemon
    reactor: Any
    keeping: SocketKeeping
    voice: Voice
    starter: Starter
    before: socket.socket | None
    """The channel to the daemon that serves still, where we take over from one."""
    reopen: Callable[[], None]
    """Has the service log go on in a fresh file."""
    watchdog: float | None
    """Seconds between signs of life; None: nobody waits for them."""
    _is_told: bool = field(default=False, init=False)
    """Whether it is to end."""
    _reloads_first: bool = field(default=False, init=False)
    """Whether it was told to reload before that."""
    _handing: HandingOver = field(init=False)
    _taking: TakingOver | None = field(default=None, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._handing = HandingOver(
            daemon=self.daemon,
            sockets=self.keeping.sockets,
            start=self.starter.start,
            voice=self.voice,
            drained=self.end,
            given=self._hand_on,
            broken=lambda: self._end_with(1),
        )
        self.daemon.hand_over = self._handing.begin
        self.daemon.reopen = self.reopen
        self.daemon.reloads += [self.keeping.look, self._note_reload]
        if self.before is not None:
            self._taking = TakingOver(
                daemon=self.daemon,
                sock=self.before,
                taken=self._serves,
                reload=self.reload,
                in_vain=lambda: self._end_at_once(1),
            )

    def begin(self) -> None:
        """Do all of it from when the reactor runs."""
        during = self.reactor.addSystemEventTrigger
        actions: dict[signal.Signals, Callable[[], None]] = {
            signal.SIGHUP: self.reload,
            # Twisted's own would have us die of the signal in the end; a clean stop has status 0.
            signal.SIGTERM: self.stop,
            signal.SIGUSR2: self.hand_over,
        }
        for number, action in actions.items():
            during("after", "startup", signal.signal, number, self._later(action))
        during("after", "startup", self._serves if self._taking is None else self._taking.ready)
        during("before", "shutdown", self.voice.say, systemd.STOPPING)
        if self.watchdog is not None:
            alive = LoopingCall(self.voice.say, systemd.ALIVE)
            during("after", "startup", alive.start, self.watchdog)

    def reload(self) -> None:
        """Read files again (SIGHUP), as soon as they are ours."""
        if not self.daemon.serves:
            self._reloads_first = True
            return
        self._note_reload()
        self.voice.say(systemd.reloading(time.monotonic()))
        outcome = self.daemon.reload()
        self.voice.say(systemd.ready(str(outcome)))

    def stop(self) -> None:
        """End as soon as nothing is under way (SIGTERM); told so again, end at once."""
        draining = self.daemon.draining
        if self._is_told:
            draining.cut()
            return
        self._is_told = True
        if draining.has_begun and self._handing.is_left:
            # The daemon that had taken over has crashed, and is not started anew before we end.
            draining.cut()
            return
        if draining.has_begun:
            # Another daemon has taken over, and systemd stops all of the service.
            draining.hurry()
            return
        self.voice.say(systemd.STOPPING)
        self.voice.say(systemd.more_time(draining.rules.on_stop + LAST_WORDS))
        self.daemon.drain().addBoth(lambda _: self.end())

    def end(self) -> None:
        """End now."""
        with contextlib.suppress(ReactorNotRunning):  # It is stopping already.
            self.reactor.stop()

    def hand_over(self) -> None:
        """Have another daemon take over (SIGUSR2)."""
        try:
            self._handing.begin().addErrback(lambda _: None)  # Which is in the log.
        except HandOverError as error:
            self._log.error("not handed over", error=str(error))

    # Inside -------------------------------------------------------------------------------

    def _serves(self) -> None:
        self.voice.speaks = True
        self.keeping.look()
        self.voice.say(systemd.READY)
        if self.watchdog is not None:
            # The next of the daemon before would have come at any moment.
            self.voice.say(systemd.ALIVE)
        if self._reloads_first:
            self.reload()

    def _hand_on(self) -> None:
        if self._taking is not None:
            self._taking.hand_on()

    def _note_reload(self) -> None:
        # A daemon that is being started may have read its settings before.
        self._handing.reloads_there = True

    def _later(self, action: Callable[[], None]) -> Callable[[int, object], None]:
        return lambda _number, _frame: self.reactor.callFromThread(action)

    def _end_with(self, status: int) -> None:
        self.reactor.addSystemEventTrigger("after", "shutdown", lambda: self._end_at_once(status))
        self.end()

    def _end_at_once(self, status: int) -> None:
        """End without a word: what we have opened is another daemon's, too."""
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
