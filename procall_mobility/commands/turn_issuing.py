"""Issues credentials for the relay from the store; no daemon has to run."""

import time
from typing import Any

from procall_mobility.commands.changes import read, tell
from procall_mobility.commands.settings import Place
from procall_mobility.composition.terms import turn_urls
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.turn_secrets import TurnSecretStore


def issued(place: Place, ucsid: str, subject: str, ttl: int) -> dict[str, Any]:
    """Return a new credential of a customer's, and what clients are told to find the relay by.

    Ends the program when the customer gets none.
    """
    settings = place.settings()
    expiry = int(time.time()) + ttl

    def issue(store: CustomerStore) -> tuple[str, str]:
        customer = store.find(store.needed(ucsid))
        if customer is None or not customer.enabled or not customer.switches.turn:
            raise StoreError(f"{ucsid} gets no relay; `customer show` tells which switch is off")
        try:
            return TurnSecretStore(store).keys(ucsid).mint(ucsid, subject, expiry)
        except ValueError as error:
            raise StoreError(str(error)) from error

    username, credential = read(place, issue)
    # So that it can also be shown as a hash.
    tell(place, "turn-remember", "a client has to show its name openly", username=username)
    return {
        "urls": list(turn_urls(settings, settings.turn.relay)),
        "username": username,
        "credential": credential,
        "ttl": ttl,
    }
