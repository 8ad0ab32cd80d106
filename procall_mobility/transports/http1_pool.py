"""The connections to one provider by HTTP/1.1, which carry one request at a time each."""

from collections.abc import Callable
from typing import Final

from procall_mobility.transports.http1_connection import Http1Connection
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.rules import ClientRules
from procall_mobility.transports.provider_client import ProviderClient
from procall_mobility.transports.pump import Household

RULES: Final = ClientRules(warm=1, most=16, grows_from=1, linger=60.0)
"""One is warm: there may be as many providers as strangers name.  With some 50 ms for an answer,
sixteen carry more than 300 requests a second."""


class Http1Pool(ProviderClient):
    """Makes requests to one origin; connects after `start`, ends with `stop`."""

    def __init__(
        self,
        origin: Origin,
        household: Household,
        dice: Callable[[], float],
        rules: ClientRules,
        capacity_changed: Callable[[], None],
    ) -> None:
        """Prepare, as `ProviderClient` does."""
        super().__init__(
            origin,
            household,
            dice,
            rules,
            capacity_changed,
            lambda owner, number: Http1Connection(
                origin.authority, household, rules.connection, owner, number
            ),
        )
