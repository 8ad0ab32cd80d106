"""How a simulator behaves towards whole connections, changeable while it runs."""

import enum
from collections.abc import Iterator
from typing import Protocol

from attrs import define, field

from examples.push_simulators.script import GoAway

DEFAULT_WINDOW = 65_535
"""RFC 9113 section 6.9.2."""


class Reception(enum.Enum):
    """What becomes of new connections."""

    WELCOME = "welcome"
    REFUSE = "refuse"
    """The kernel refuses them."""
    HANG = "hang"
    """They are accepted, and nothing is ever said."""
    DROP = "drop"
    """They are accepted and cut."""
    ALERT = "alert"
    """The TLS handshake fails with an alert."""
    LATE_ALERT = "late alert"
    """The alert comes after the client has finished its part, as TLS 1.3 has it when a client's
    certificate is missing: the first requests are on their way already."""


class Tellable(Protocol):
    """An open connection, to those who change the conduct."""

    def announce(self) -> None:
        """Tell the client of changed settings."""

    def say_goodbye(self, goodbye: GoAway) -> None:
        """Send GOAWAY."""

    def cut(self) -> None:
        """Cut the connection."""


@define(eq=False)
class Conduct:
    """Numbers that hold for all connections of one simulator."""

    stream_limit: int = 1000
    """Streams a client may have open at a time on each connection."""
    first_limit: int | None = None
    """Of streams until the first request was right, where a provider is careful."""
    window: int = DEFAULT_WINDOW
    """Octets a client may send on a stream before it is told to go on."""
    latency: float = 0.0
    """Seconds before each answer."""
    reception: Reception = Reception.WELCOME
    faults: list[str] = field(factory=list)
    """What clients did against HTTP/2's rules; the last 100."""
    open: set[Tellable] = field(factory=set)

    def limit(self, accepted: int) -> int:
        """Return how many streams a client may have after so many right requests."""
        if accepted or self.first_limit is None:
            return self.stream_limit
        return min(self.first_limit, self.stream_limit)

    def fault(self, what: str) -> None:
        """Note that a client broke a rule."""
        self.faults.append(what)
        del self.faults[:-100]

    def announce(self) -> None:
        """Tell all clients of changed settings."""
        for each in self._all():
            each.announce()

    def say_goodbye(self, goodbye: GoAway) -> None:
        """Send GOAWAY on all connections."""
        for each in self._all():
            each.say_goodbye(goodbye)

    def cut(self) -> None:
        """Cut all connections."""
        for each in self._all():
            each.cut()

    def _all(self) -> Iterator[Tellable]:
        return iter(tuple(self.open))
