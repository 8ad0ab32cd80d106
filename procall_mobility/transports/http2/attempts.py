"""Connections that are coming: from the first packet to the provider's SETTINGS."""

from collections.abc import Callable
from typing import cast

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IProtocol, IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure

from procall_mobility.gateway.allowance import Allowance
from procall_mobility.transports.http2.ownership import ProviderConnection


@frozen(kw_only=True)
class Origin:
    """Whom to connect to."""

    authority: str
    """As `api.push.example:443`; the port may be left out where it is the scheme's own."""
    endpoint: IStreamClientEndpoint
    """Connects, TLS included."""
    scheme: str = "https"
    lines: Allowance | None = None
    """What there may be in the service book about it and others together; None: about it alone."""


class Attempts:
    """Begins connections, and has them until they are open."""

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        make: Callable[[], ProviderConnection],
        failed: Callable[[str], None],
    ) -> None:
        """Prepare.

        Args:
            endpoint: connects, TLS included.
            make: makes the protocol for one connection.
            failed: told why an attempt ended before its protocol had a transport.
        """
        self._endpoint = endpoint
        self._make = make
        self._failed = failed
        self._connecting: set[Deferred[IProtocol]] = set()
        self._opening: set[ProviderConnection] = set()

    def __len__(self) -> int:
        return len(self._connecting) + len(self._opening)

    def begin(self) -> None:
        """Begin one."""
        connecting = self._endpoint.connect(_Maker(self._made))
        self._connecting.add(connecting)
        connecting.addBoth(self._ended, connecting)

    def take(self, connection: ProviderConnection) -> bool:
        """Forget a connection, which is open or lost; tell whether it was one of these."""
        was_here = connection in self._opening
        self._opening.discard(connection)
        return was_here

    def cancel(self) -> None:
        """End all of them."""
        for connecting in tuple(self._connecting):
            connecting.cancel()
        for connection in tuple(self._opening):
            connection.close("stopped")

    def _made(self) -> ProviderConnection:
        connection = self._make()
        self._opening.add(connection)
        return connection

    def _ended(self, result: IProtocol | Failure, connecting: Deferred[IProtocol]) -> None:
        self._connecting.discard(connecting)
        if isinstance(result, Failure):
            self._failed(result.getErrorMessage())


class _Maker(Factory):
    """Makes one connection's protocol."""

    noisy = False

    def __init__(self, make: Callable[[], ProviderConnection]) -> None:
        self._make = make

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Make it."""
        return cast(Protocol, self._make())
