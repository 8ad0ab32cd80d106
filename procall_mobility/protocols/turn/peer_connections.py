"""TCP connections between an allocation and its peers (RFC 6062)."""

from typing import Any

from procall_mobility.protocols.stun.addresses import TransportAddress


class PeerConnection:
    """A connection to a peer: being opened, waiting for its client, or joined to it."""

    __slots__ = ("allocation", "id", "is_joined", "peer", "stream", "until")

    def __init__(self, allocation: Any, number: int, peer: TransportAddress, until: float) -> None:
        self.allocation = allocation
        self.id = number
        """The CONNECTION-ID."""
        self.peer = peer
        self.until = until
        """When it is given up, unless it is joined."""
        self.stream: Any = None
        """A `PeerStream`; None while the connection is being opened."""
        self.is_joined = False


class PeerConnections:
    """Those of one allocation."""

    __slots__ = ("_by_peer",)

    def __init__(self) -> None:
        self._by_peer: dict[TransportAddress, PeerConnection] = {}

    def __len__(self) -> int:
        return len(self._by_peer)

    def to(self, peer: TransportAddress) -> PeerConnection | None:
        """Return the connection to a peer."""
        return self._by_peer.get(peer)

    def add(self, connection: PeerConnection) -> None:
        """Remember a connection."""
        self._by_peer[connection.peer] = connection

    def remove(self, connection: PeerConnection) -> None:
        """Forget a connection."""
        del self._by_peer[connection.peer]

    def due(self) -> float:
        """When the first of those that are not joined is given up."""
        waiting = (each.until for each in self._by_peer.values() if not each.is_joined)
        return min(waiting, default=float("inf"))

    def late(self, now: float) -> list[PeerConnection]:
        """Return those nobody joined in time."""
        return [
            each for each in self._by_peer.values() if not each.is_joined and each.until <= now
        ]

    def all(self) -> list[PeerConnection]:
        """Return all of them."""
        return list(self._by_peer.values())
