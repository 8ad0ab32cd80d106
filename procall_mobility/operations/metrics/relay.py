"""Metrics of the relay."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import define, field, frozen
from prometheus_client.metrics_core import Metric

from procall_mobility.gateway.media import Media
from procall_mobility.operations.metrics.declaring import counter, gauge, of_each_customer

ALLOCATIONS: Final = gauge("procall_relay_allocations", "Allocations there are.")
MOST_ALLOCATIONS: Final = gauge(
    "procall_relay_allocations_limit", "Allocations there may be (`turn.limits.allocations`)."
)
PACKETS: Final = counter(
    "procall_relay_packets_total",
    "Packets relayed, in both directions together, by who did it: the kernel or Python.",
    "path",
)
BYTES: Final = counter(
    "procall_relay_bytes_total",
    "Octets of media relayed, in both directions together, by who did it.",
    "path",
)
EVENTS: Final = counter(
    "procall_relay_events_total",
    "What else happened: answers with an error (`error-401`), packets dropped, peers denied.",
    "event",
)
KERNEL: Final = gauge(
    "procall_relay_kernel_enabled", "1 where the kernel relays bound channels, else 0."
)
CHANNELS: Final = gauge("procall_relay_kernel_channels", "Channels the kernel relays.")
MOST_CHANNELS: Final = gauge(
    "procall_relay_kernel_channels_limit",
    "Channels the kernel has room for (`turn.limits.kernel_channels`); 0 where Python relays.",
)
PASSED_UP: Final = counter(
    "procall_relay_passed_up_packets_total",
    "Packets the kernel has left to Python, by reason.",
    "reason",
)
LEFT: Final = counter(
    "procall_relay_left_channels_total",
    "How often a channel was left to Python as a whole, by reason.",
    "reason",
)
CUSTOMER_ALLOCATIONS: Final = of_each_customer(
    "procall_customer_relay_allocations", "Allocations of a customer."
)

DECLARED: Final = (
    ALLOCATIONS,
    MOST_ALLOCATIONS,
    PACKETS,
    BYTES,
    EVENTS,
    KERNEL,
    CHANNELS,
    MOST_CHANNELS,
    PASSED_UP,
    LEFT,
    CUSTOMER_ALLOCATIONS,
)


SETTLED_AT_ONCE: Final = 500
"""Allocations, which takes a millisecond where the kernel carries them."""


@frozen(kw_only=True)
class KernelFacts:
    """How it goes where the kernel relays."""

    enabled: bool = False
    channels: int = 0
    most_channels: int = 0
    passed_up: Mapping[str, int] = field(factory=dict)
    left: Mapping[str, int] = field(factory=dict)


@define(kw_only=True, eq=False)
class RelayMetrics:
    """Their source."""

    media: Media
    kernel: Callable[[], KernelFacts]
    customers: bool
    """Whether each customer has metrics of its own; it may change at any time."""

    def collect(self) -> Iterator[Metric | None]:
        """Yield them."""
        allocations = self.media.server.allocations
        for number, each in enumerate(allocations, 1):
            # Later `relayed` only adds up.
            allocations.flows.settle(each)
            if not number % SETTLED_AT_ONCE:
                yield None
        yield ALLOCATIONS.of(len(allocations))
        yield MOST_ALLOCATIONS.of(allocations.rules.allocations)
        relayed = allocations.relayed()
        for declared, what in ((PACKETS, "packets"), (BYTES, "octets")):
            yield declared.by(([path], relayed[f"{path}-{what}"]) for path in ("kernel", "python"))
        yield EVENTS.by(([event], count) for event, count in sorted(allocations.counters.items()))
        facts = self.kernel()
        yield KERNEL.of(facts.enabled)
        yield CHANNELS.of(facts.channels)
        yield MOST_CHANNELS.of(facts.most_channels)
        yield PASSED_UP.by(([reason], count) for reason, count in facts.passed_up.items())
        yield LEFT.by(([reason], count) for reason, count in sorted(facts.left.items()))
        if self.customers:
            held = Counter(each.tenant.name for each in allocations)
            yield CUSTOMER_ALLOCATIONS.by(([ucsid], count) for ucsid, count in held.items())
