"""Finds out whether a connection on which nothing is heard still has somebody at its other end."""

import enum

from attrs import frozen


@frozen(kw_only=True)
class KeepAliveRules:
    """How many seconds of silence mean what."""

    ping_after: float = 60.0
    """Firewalls forget connections after minutes.  Some providers end connections that ping more
    often than once a minute."""
    pong_within: float = 10.0
    doubted_after: float = 3.0
    """Once an answer has not come in time.  It is less than the time a call's answer has, and one
    who answers others is not asked."""


class Pulse(enum.Enum):
    """What is to be done about a silent peer."""

    FINE = enum.auto()
    PING = enum.auto()
    DEAD = enum.auto()


class KeepAlive:
    """Watches one connection; anything heard is a sign of life."""

    def __init__(self, rules: KeepAliveRules, now: float) -> None:
        self._rules = rules
        self._heard = now
        self._ask_at = now + rules.ping_after
        self._asked: float | None = None

    def heard(self, now: float) -> None:
        """Note a sign of life."""
        self._heard = now
        self._ask_at = now + self._rules.ping_after
        self._asked = None

    def doubted(self, now: float) -> None:
        """Note that an answer did not come in time: every other request goes there as well."""
        if now - self._heard >= self._rules.doubted_after:
            self._ask_at = min(self._ask_at, now)

    def wake_at(self) -> float:
        """Return when `wake` has something to say."""
        if self._asked is not None:
            return self._asked + self._rules.pong_within
        return self._ask_at

    def wake(self, now: float) -> Pulse:
        """Say what is due; of a ping it is expected that it is sent."""
        if now < self.wake_at():
            return Pulse.FINE
        if self._asked is not None:
            return Pulse.DEAD
        self._asked = now
        return Pulse.PING
