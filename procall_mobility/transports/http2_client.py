"""The connections to one provider by HTTP/2, which carry many requests each."""

from collections.abc import Callable

from procall_mobility.transports.http2 import library
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.connection import Connection
from procall_mobility.transports.http2.engine import Engine
from procall_mobility.transports.http2.rules import ClientRules as ClientRules
from procall_mobility.transports.provider_client import ProviderClient
from procall_mobility.transports.pump import Household


class Http2Client(ProviderClient):
    """Makes requests to one origin; connects after `start`, ends with `stop`."""

    def __init__(
        self,
        origin: Origin,
        household: Household,
        dice: Callable[[], float],
        rules: ClientRules,
        capacity_changed: Callable[[], None],
    ) -> None:
        """Prepare, as `ProviderClient` does.

        Raises:
            LibraryMissing: there is no libnghttp2.
        """
        library.load()
        super().__init__(
            origin,
            household,
            dice,
            rules,
            capacity_changed,
            lambda owner, number: Connection(
                Engine(origin.scheme, origin.authority),
                household,
                rules.connection,
                owner,
                number,
            ),
        )
