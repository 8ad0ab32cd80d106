"""The figures that are plotted: of the daemon, of connections, of the relay, of pushes."""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Final

from attrs import Factory, define, field

from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.operations.lateness import Lateness
from procall_mobility.operations.status_page.history import NOTHING, Series
from procall_mobility.operations.status_page.sampling import Rate
from procall_mobility.protocols.turn.allocations import Allocations

COUNTED_A_SECOND: Final = 1000
"""Allocations, whose octets are added up in half a millisecond: where there are more, that is done
every few seconds, and the figure stays meanwhile."""

BITS: Final = 8


@define(eq=False, kw_only=True)
class DaemonFigures:
    """How busy the process is."""

    cpu: Callable[[], float]
    """Seconds of a processor it has used."""
    lateness: Lateness
    _busy: Rate = field(init=False, default=Factory(lambda it: Rate(it.cpu), takes_self=True))

    series = (
        Series("cpu", "processors", "Processor time used"),
        Series("lateness", "seconds", "Lateness of the reactor", keeps_peaks=True),
    )

    def sample(self, now: float) -> Iterator[float]:
        """Yield them."""
        yield self._busy.look(now)
        yield self.lateness.last


@define(eq=False, kw_only=True)
class ConnectionFigures:
    """Links, sessions, connections, and what goes over links."""

    gateway: Gateway
    connections: Callable[[], int]
    _messages: Rate = field(
        init=False, default=Factory(lambda it: Rate(it.messages), takes_self=True)
    )

    series = (
        Series("links", "links", "Links of customers' servers"),
        Series("sessions", "sessions", "Sessions of clients"),
        Series("connections", "connections", "Open connections"),
        Series("messages", "messages per second", "Messages over links", keeps_peaks=True),
    )

    def messages(self) -> int:
        """Return how many messages went over links, in both directions."""
        table = self.gateway.links
        live = sum(link.sent + link.received for link in table.all())
        return table.sent + table.received + live

    def sample(self, now: float) -> Iterator[float]:
        """Yield them."""
        yield len(self.gateway.links.all())
        yield len(self.gateway.sessions)
        yield self.connections()
        yield self._messages.look(now)


@define(eq=False, kw_only=True)
class RelayFigures:
    """Allocations, and the media they relay."""

    allocations: Allocations
    _kernel: Rate = field(
        init=False, default=Factory(lambda it: Rate(it.carried), takes_self=True)
    )
    _python: Rate = field(init=False, default=Factory(lambda it: Rate(it.passed), takes_self=True))
    _relayed: dict[str, int] = field(init=False, factory=dict)
    _due: float = field(init=False, default=0.0)
    _last: tuple[float, float] = field(init=False, default=(NOTHING, NOTHING))

    series = (
        Series("allocations", "allocations", "Allocations of the relay"),
        Series("kernel", "bits per second", "Media relayed by the kernel", keeps_peaks=True),
        Series("python", "bits per second", "Media relayed by Python", keeps_peaks=True),
    )

    def carried(self) -> float:
        """Return how many bits the kernel has relayed."""
        return BITS * self._relayed["kernel-octets"]

    def passed(self) -> float:
        """Return how many Python has."""
        return BITS * self._relayed["python-octets"]

    def sample(self, now: float) -> Iterator[float]:
        """Yield them."""
        held = len(self.allocations)
        if now >= self._due:
            self._due = now + held // COUNTED_A_SECOND
            self._relayed = self.allocations.relayed()
            self._last = self._kernel.look(now), self._python.look(now)
        yield held
        yield from self._last


@define(eq=False, kw_only=True)
class PushFigures:
    """Pushes that come, that go, and that wait."""

    pipeline: PushPipeline
    _accepted: Rate = field(
        init=False, default=Factory(lambda it: Rate(it.accepted), takes_self=True)
    )
    _sent: Rate = field(init=False, default=Factory(lambda it: Rate(it.sent), takes_self=True))

    series = (
        Series("accepted", "pushes per second", "Pushes taken on", keeps_peaks=True),
        Series("delivered", "pushes per second", "Pushes handed over", keeps_peaks=True),
        Series("open", "pushes", "Pushes that have not ended"),
    )

    def accepted(self) -> int:
        """Return how many pushes were taken on."""
        return self._sum("accepted")

    def sent(self) -> int:
        """Return how many were handed over."""
        return self._sum("sent")

    def sample(self, now: float) -> Iterator[float]:
        """Yield them."""
        yield self._accepted.look(now)
        yield self._sent.look(now)
        yield self.pipeline.open

    def _sum(self, name: str) -> int:
        counts = [self.pipeline.past, *(lane.counts for lane in self.pipeline.lanes.values())]
        return sum(map(attrgetter(name), counts))
