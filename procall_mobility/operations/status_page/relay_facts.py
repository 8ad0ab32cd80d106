"""What the status page says of the relay: how much of it each customer has, and how fast."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from attrs import define, field

from procall_mobility.operations.status_page.connection_facts import MOST_ROWS, table
from procall_mobility.protocols.turn.allocations import Allocations

COUNTED_AT_ONCE: Final = 500
"""Allocations, which takes a millisecond where the kernel carries them."""

BITS: Final = 8


@define
class Share:
    """Of one customer."""

    allocations: int = 0
    channels: int = 0
    carried: int = 0
    """Channels the kernel carries."""
    kernel: float = 0.0
    """Octets since the last count."""
    python: float = 0.0


@define(eq=False, kw_only=True)
class RelayFacts:
    """Count first, some in each turn; then tell."""

    allocations: Allocations
    datapath: Callable[[], Mapping[str, Any]]
    """Tells who carries, and why."""
    _octets: dict[str, tuple[int, int]] = field(factory=dict, init=False)
    """Of each allocation at the last count: in all, and those the kernel carried."""
    _counted: float | None = field(default=None, init=False)
    _since: float | None = field(default=None, init=False)
    """Seconds the rates are about; None where there was no count before, or too long ago."""
    _shares: dict[str, Share] = field(factory=dict, init=False)

    def count(self, now: float) -> Iterator[None]:
        """Count what was relayed since the last time."""
        before, octets = self._octets, dict[str, tuple[int, int]]()
        shares: dict[str, Share] = {}
        settle = self.allocations.flows.settle
        for number, each in enumerate(self.allocations, 1):
            if not number % COUNTED_AT_ONCE:
                yield
            settle(each)
            total, carried = each.sent_octets + each.received_octets, each.carried_octets
            old_total, old_carried = before.get(each.id, (0, 0))
            octets[each.id] = total, carried
            share = shares.setdefault(each.tenant.name, Share())
            share.allocations += 1
            share.channels += len(each.channels)
            share.carried += sum(channel.flow is not None for channel in each.channels.values())
            share.kernel += carried - old_carried
            share.python += (total - carried) - (old_total - old_carried)
        last = self._counted
        self._since = None if last is None or now - last > LONGEST or now <= last else now - last
        self._octets, self._shares, self._counted = octets, shares, now

    def told(self) -> dict[str, Any]:
        """Return it, as `count` has left it; rates are bits a second."""
        ordered = sorted(self._shares.items(), key=lambda item: -item[1].allocations)
        rows = [
            {
                "customer": customer,
                "allocations": share.allocations,
                "channels": share.channels,
                "carried_channels": share.carried,
                "kernel": self._rate(share.kernel),
                "python": self._rate(share.python),
            }
            for customer, share in ordered[:MOST_ROWS]
        ]
        relayed = self.allocations.relayed()
        facts = self.datapath()
        return {
            "allocations": len(self.allocations),
            "most": self.allocations.rules.allocations,
            "relayed": {"kernel": relayed["kernel-octets"], "python": relayed["python-octets"]},
            "datapath": {name: facts[name] for name in DATAPATH if name in facts},
            "customers": table(rows, len(ordered)),
        }

    def _rate(self, octets: float) -> int | None:
        return None if self._since is None else round(max(0.0, BITS * octets / self._since))


LONGEST: Final = 30.0
"""Seconds between two counts that a rate may be about: after that nobody has looked meanwhile."""

DATAPATH: Final = ("path", "why", "switch", "channels", "most_channels")
"""What is told of who carries."""
