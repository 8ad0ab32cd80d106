"""A daemon hands everything over to another one, which it has had started beside itself.

Nothing is given away before the other one is ready, and whatever goes wrong until then changes
nothing.  docs/hand-over.md tells the whole story.
"""

import socket
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations import systemd
from procall_mobility.operations.starting import NoStarterError
from procall_mobility.operations.systemd import Voice
from procall_mobility.protocols import hand_over
from procall_mobility.protocols.hand_over import Message
from procall_mobility.transports.hand_over_channel import HandOverChannel, channel_sockets

READY_WITHIN = 60.0
"""Seconds until the other one must be ready; a start takes one or two."""

TAKEN_WITHIN = 30.0
"""Seconds until it must serve: it only has to read what pushes are left."""

SAID_WITHIN = 0.2
"""Seconds for the answer to reach whoever has asked, before there may be nothing left to do."""

Start = Callable[[Sequence[str], Sequence[int]], None]
"""Starts another daemon: names of descriptors, and the descriptors with the channel at the end."""


class HandOverError(ValueError):
    """It was not handed over; the text says why."""


class Stage(Enum):
    """How far it is."""

    IDLE = "nothing is handed over"
    STARTING = "another daemon is being started"
    LETTING_GO = "this one lets go"
    GIVEN = "the other one takes over"
    OVER = "the other one serves"


@define(eq=False, kw_only=True)
class HandingOver:
    """The side of the daemon that has served so far."""

    daemon: Daemon
    sockets: Callable[[], Sequence[tuple[str, socket.socket]]]
    start: Start
    voice: Voice
    drained: Callable[[], None]
    """Called when nothing is left to do here."""
    given: Callable[[], None]
    """Called when the other one serves."""
    broken: Callable[[], None]
    """Called when neither of the two can serve any more: the service has to be started again."""
    is_left: bool = field(default=False, init=False)
    """Whether the other one has ended, and nobody serves any more as far as is known here."""
    reloads_there: bool = field(default=False, init=False)
    """Whether files have changed since the other one was started, which may have read them."""
    stage: Stage = field(default=Stage.IDLE, init=False)
    _reactor: Any = field(init=False)
    _channel: HandOverChannel | None = field(default=None, init=False)
    _alarm: IDelayedCall | None = field(default=None, init=False)
    _asked: "Deferred[dict[str, Any]] | None" = field(default=None, init=False)
    _is_handed_on: bool = field(default=False, init=False)
    _next: Message | None = field(default=None, init=False)
    """What the other one has said of itself."""
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._reactor = self.daemon.household.reactor

    def begin(self) -> "Deferred[dict[str, Any]]":
        """Have another daemon started, and hand everything over to it.

        Returns:
            fires with its `pid` and `version` as soon as it serves, or fails with HandOverError.

        Raises:
            HandOverError: it cannot even be tried.
        """
        if self.daemon.is_stopping:
            raise HandOverError("this daemon is told to end")
        if not self.daemon.serves:
            raise HandOverError("this daemon has not taken over itself yet")
        if self.stage is not Stage.IDLE:
            raise HandOverError(f"it is under way: {self.stage.value}")
        sockets = self.sockets()
        ours, theirs = channel_sockets()
        with theirs:
            descriptors = [sock.fileno() for sock in (*(sock for _, sock in sockets), theirs)]
            try:
                self.start([name for name, _ in sockets], descriptors)
            except NoStarterError as error:
                ours.close()
                self._log.error("not handed over", error=str(error))
                raise HandOverError(str(error)) from error
        self.reloads_there = False
        self.stage = Stage.STARTING
        self._log.info("handing over", count=len(sockets))
        self._channel = HandOverChannel(self._reactor, ours, self._heard, self._lost)
        self._wait(READY_WITHIN, f"the other one was not ready within {READY_WITHIN:g} s")
        self._asked = Deferred()
        return self._asked

    # Inside -------------------------------------------------------------------------------

    def _heard(self, message: Message) -> None:
        match self.stage, message.says:
            case Stage.STARTING, hand_over.FAILED:
                self._fail(message.text("why") or "it does not say why")
            case Stage.STARTING, hand_over.READY:
                self._let_go(message)
            case Stage.GIVEN, hand_over.TAKEN:
                self._over()
            case Stage.OVER, hand_over.HANDED_ON:
                self._is_handed_on = True
            case _:
                self._log.warn("hand-over: out of turn", text=message.says)

    def _lost(self, why: str) -> None:
        if self.stage is Stage.OVER:
            self._channel = None
            self.is_left = not self._is_handed_on
            return
        self._fail(f"the other one broke off, and its words are in the log: {why}")

    def _let_go(self, ready: Message) -> None:
        if self.daemon.is_stopping:
            self._fail("this daemon is told to end")
            return
        if ready.number("pid") < 2:  # No service is init.
            self._fail("it does not say which process it is")
            return
        self._next = ready
        self.stage = Stage.LETTING_GO
        self._wait(TAKEN_WITHIN, "this one could not let go in time")
        maybeDeferred(self.daemon.let_go).addCallback(self._give).addErrback(self._could_not)

    def _could_not(self, failure: Failure) -> None:
        self._log.failure("fault in the hand-over", failure)
        if self.stage is Stage.OVER:
            return  # It was given up meanwhile.
        self._fail("a fault of this daemon; the service log has the details")

    def _give(self, _: object) -> None:
        if self.stage is not Stage.LETTING_GO:
            return  # It has failed meanwhile.
        assert self._channel is not None
        assert self._next is not None
        self.stage = Stage.GIVEN
        self._wait(TAKEN_WITHIN, f"the other one did not take over within {TAKEN_WITHIN:g} s")
        for customers in hand_over.portions(self.daemon.expected_elsewhere()):
            self._channel.say(hand_over.EXPECTED, {"customers": customers})
        # From here on systemd listens to the other one alone (NotifyAccess=main).
        self.voice.say(systemd.main_process(self._next.number("pid")))
        self.voice.speaks = False
        self._channel.say(hand_over.YOURS, {"reload": self.reloads_there})

    def _over(self) -> None:
        assert self._next is not None
        assert self._channel is not None
        self._hush()
        self.stage = Stage.OVER
        told = {"pid": self._next.number("pid"), "version": self._next.text("version")}
        self._log.info("handed over", version=told["version"])
        self.given()
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.callback(told)
        channel = self._channel
        self.daemon.tell_successor = lambda facts: channel.say(hand_over.DRAINING, facts)
        self._reactor.callLater(SAID_WITHIN, self._drain)

    def _drain(self) -> None:
        self.daemon.drain_for_successor().addBoth(lambda _: self.drained())

    def _fail(self, why: str) -> None:
        """Go on as if nothing had been; where that is too late, have the service started again."""
        self._hush()
        before, self.stage = self.stage, Stage.IDLE
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()  # Whereby the other one ends, if it is there still.
        self._log.error("not handed over", error=why)
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.errback(HandOverError(why))
        if before is not Stage.STARTING:
            self.stage = Stage.OVER
            self.broken()

    def _wait(self, seconds: float, otherwise: str) -> None:
        self._hush()
        self._alarm = self._reactor.callLater(seconds, self._late, otherwise)

    def _late(self, why: str) -> None:
        self._alarm = None
        self._fail(why)

    def _hush(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            alarm.cancel()
