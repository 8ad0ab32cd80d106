"""What carries, as the flow table sees it: the kernel's maps, or anything that behaves alike."""

from typing import NamedTuple, Protocol

from attrs import field, frozen


class FlowMap(Protocol):
    """Flows by key, so many and no more."""

    def update(self, key: bytes, value: bytes) -> bool:
        """Add or replace an entry at once; False when there is no room for another."""

    def delete(self, key: bytes) -> None:
        """Delete an entry; one that is not there is no error."""


@frozen(kw_only=True, eq=False)
class Maps:
    """The maps of the program."""

    flows4: FlowMap
    flows6: FlowMap
    ledger: memoryview = field(repr=False)
    """Words of the accounts (`layout`), shared with the program: each is read and written whole,
    by one instruction of the machine."""
    control: memoryview = field(repr=False)
    """Words of the switch and the reasons."""


class Route(NamedTuple):
    """The way to a host."""

    ifindex: int
    mtu: int
    source: bytes
    """The address packets to it are sent from, in network byte order."""
    hop: bytes = b""
    """The next host on the way, or this one itself; nothing where the kernel has to tell."""


class Routing(Protocol):
    """Knows the ways out of this machine."""

    def find(self, to: bytes, source: bytes | None, now: float) -> Route | None:
        """Return the way to a host by Ethernet, for packets from an address of ours if given."""

    def has_changed(self) -> bool:
        """Tell whether routes, addresses or interfaces have changed since the last call."""
