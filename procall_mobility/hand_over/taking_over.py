"""A daemon takes over from the one before it, which runs beside it still."""

import os
import socket
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from procall_mobility import __version__
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations.starter import CHANNEL
from procall_mobility.protocols import hand_over
from procall_mobility.protocols.hand_over import Message, encode
from procall_mobility.transports.hand_over_channel import HandOverChannel

YOURS_WITHIN = 90.0
"""Seconds until it must be ours; the other one gives up before."""


def channel_socket(environment: MutableMapping[str, str]) -> socket.socket | None:
    """Return our end of the channel; None: we take over from nobody."""
    text = environment.pop(CHANNEL, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        return None
    try:
        sock = socket.socket(fileno=int(text))
    except OSError:
        return None
    sock.set_inheritable(False)
    return sock


def say_failed(sock: socket.socket, lines: Sequence[str]) -> None:
    """Say that nothing will come of it, before there is a reactor."""
    why = "\n".join(lines)[:10_000]
    try:
        sock.send(
            encode(hand_over.FAILED, {"why": why}), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT
        )
    except OSError:
        return  # Then it has gone, and sees the rest.


@define(eq=False, kw_only=True)
class TakingOver:
    """The side of the daemon that has not served yet."""

    daemon: Daemon
    sock: socket.socket
    taken: Callable[[], None]
    """Called when everything is ours, before the other one is told."""
    reload: Callable[[], None]
    """Called then where files have changed since we were started."""
    in_vain: Callable[[], None]
    """Called when it will never be."""
    _channel: HandOverChannel | None = field(default=None, init=False)
    _alarm: IDelayedCall | None = field(default=None, init=False)
    _is_ours: bool = field(default=False, init=False)
    _expected: list[str] = field(factory=list, init=False)
    """Customers whose servers are about to come."""
    _log = Logger()

    def ready(self) -> None:
        """Say that all is made and opened; call it when the reactor runs."""
        reactor: Any = self.daemon.household.reactor
        self._channel = HandOverChannel(reactor, self.sock, self._heard, self._lost)
        self._alarm = reactor.callLater(YOURS_WITHIN, self._late)
        self._channel.say(hand_over.READY, {"pid": os.getpid(), "version": __version__})

    def hand_on(self) -> None:
        """Say that a third one has taken over from us."""
        if self._channel is not None:
            self._channel.say(hand_over.HANDED_ON)

    def close(self) -> None:
        """End before the other one has."""
        self._hush()
        if self._channel is not None:
            self._channel.close()

    # Inside -------------------------------------------------------------------------------

    def _heard(self, message: Message) -> None:
        assert self._channel is not None
        match message.says:
            case hand_over.EXPECTED:
                self._expected += message.names("customers")
            case hand_over.YOURS if not self._is_ours:
                self._take()
                if self._channel.is_open and message.facts.get("reload") is True:
                    self.reload()
            case hand_over.DRAINING:
                self.daemon.heard_of_predecessor(message.facts)

    def _take(self) -> None:
        assert self._channel is not None
        self._hush()
        self._is_ours = True
        try:
            self.daemon.take_over(self._expected)
            self.taken()
        except Exception:  # noqa: BLE001  # Whatever it is, half a daemon must not stay.
            self._log.failure("fault in taking over")
            self._channel.close()
            self.in_vain()
            return
        self._channel.say(hand_over.TAKEN)
        self._log.info("taken over", version=__version__)

    def _lost(self, why: str) -> None:
        if self._is_ours:
            self.daemon.heard_of_predecessor(None)
            return
        self._hush()
        self._log.error("not taken over", error=f"the daemon before this one: {why}")
        self.in_vain()

    def _late(self) -> None:
        self._alarm = None
        assert self._channel is not None
        self._channel.close()
        self._lost("it did not let go")

    def _hush(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            alarm.cancel()
