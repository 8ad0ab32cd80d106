"""The connections to one provider that speak HTTP/2 where it can, and HTTP/1.1 where it cannot."""

from collections.abc import Callable
from typing import Final

from procall_mobility.transports.http2 import library
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.retrying import RetryRules
from procall_mobility.transports.http2.rules import ClientRules
from procall_mobility.transports.negotiated_connection import NegotiatedConnection
from procall_mobility.transports.provider_client import ProviderClient
from procall_mobility.transports.pump import Household

RULES: Final = ClientRules(
    warm=1, most=8, grows_from=1, linger=60.0, retry=RetryRules(longest=300.0)
)
"""One is warm: there may be as many providers as strangers name.  One that has been away for long
is looked for every few minutes, so that nobody fills the log with names of nobody."""


class NegotiatingClient(ProviderClient):
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
            lambda owner, number: NegotiatedConnection(
                origin, household, rules.connection, owner, number
            ),
        )
