"""What is between a connection and whoever has it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from procall_mobility.protocols.push.exchange import Result

Done = Callable[[Result], None]
"""Gets the one result of a request."""

ConnectionT_contra = TypeVar("ConnectionT_contra", contravariant=True)


class Owner(Protocol[ConnectionT_contra]):
    """Who has a connection."""

    def opened(self, connection: ConnectionT_contra) -> None:
        """Hear that the provider takes requests."""

    def changed(self, connection: ConnectionT_contra) -> None:
        """Hear that the capacity, or what is known of the provider, may have changed."""

    def going(self, connection: ConnectionT_contra, why: str) -> None:
        """Hear that the provider takes no more requests here."""

    def lost(self, connection: ConnectionT_contra, why: str) -> None:
        """Hear that the connection is gone; all of its requests have their results."""
