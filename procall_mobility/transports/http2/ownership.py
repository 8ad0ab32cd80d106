"""What is between a connection and whoever has it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from procall_mobility.protocols.push.exchange import ProviderRequest, Result

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


class ProviderConnection(Protocol):
    """A connection as its owner has it, whatever HTTP it speaks.  Twisted sees an `IProtocol`."""

    number: int
    """Its owner's name for it."""

    @property
    def has_answered(self) -> bool:
        """Whether there was an answer, of whatever status."""

    @property
    def opened_at(self) -> float:
        """When it was open, by the household's clock."""

    @property
    def capacity(self) -> int:
        """How many requests may be made now."""

    @property
    def in_flight(self) -> int:
        """Requests without a result."""

    @property
    def streams(self) -> int:
        """How many requests it carries at once."""

    def request(self, request: ProviderRequest, done: Done, timeout: float) -> None:
        """Make a request; `done` gets its one result, never within this call.

        Raises:
            ValueError: there is no capacity, or a header field is none.
        """

    def retire(self) -> None:
        """Take no more requests, and close after the last result."""

    def close(self, why: str) -> None:
        """Give requests in flight up and end the connection, politely."""


MakeConnection = Callable[[Owner[ProviderConnection], int], ProviderConnection]
"""Makes a connection for its owner, by a number."""
