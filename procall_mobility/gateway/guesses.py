"""Guessed passwords of users: who has to wait before another one is tried."""

from collections import OrderedDict

from attrs import frozen

from procall_mobility.gateway.back_off import BackOff
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.protocols.stun.addresses import vicinity
from procall_mobility.protocols.ucclient.challenges import integer
from procall_mobility.protocols.ucclient.client_errors import LogonCode
from procall_mobility.protocols.ucclient.outcomes import Refused

KNOWN_FOR = 86_400.0
"""Seconds an address is known after a user of the customer has logged on from there: a night
and a day at the office."""

MOST_KNOWN = 50_000
"""Addresses remembered so; the least recent is forgotten first."""

NO_GUESS = frozenset(
    {
        LogonCode.NO_LICENCE,
        LogonCode.VERSION_MISMATCH,
        LogonCode.METHOD_NOT_SUPPORTED,
        LogonCode.RIGHT_MISSING,
        LogonCode.APPLICATION_NOT_ALLOWED,
        LogonCode.ALREADY_LOGGED_IN,
        LogonCode.TLS_REQUIRED,
    }
)
"""Errors that have nothing to do with the password shown (Wire 2.7)."""


def is_guess(refused: Refused) -> bool:
    """Whether the password may have been a guess."""
    detail = integer(refused.error.get("iErrorDetail"))
    return refused.reason == "logon-refused" and detail not in NO_GUESS


@frozen
class Guesser:
    """Who shows a password: from which address, for which customer, and for which user of it."""

    address: str
    ucsid: str
    user: str

    @property
    def source(self) -> str:
        """Return what counts as one address."""
        return vicinity(self.address)


class Guesses:
    """Wrong passwords, counted by user and by where they come from.

    By user, because guessers may have agreed on one.  By address, because one guesser mostly has
    one.  And by customer, because a few common passwords, tried on all its users from ever new
    addresses, would escape both.

    An address from which somebody has logged on at the customer lately is no stranger, but
    probably an office or a home.  Many may share it, and one old phone that shows an old password
    for ever must not keep them out: it is bounded like a customer, and what strangers do at the
    customer is not laid at its door.
    """

    def __init__(self, rules: GatewayRules) -> None:
        self._users = BackOff(rules.user_back_off)
        self._strangers = BackOff(rules.client_back_off)
        self._customers = BackOff(rules.customer_back_off)
        self._offices = BackOff(rules.customer_back_off)
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    def change(self, rules: GatewayRules) -> None:
        """Count by other rules from now on."""
        self._users.rules = rules.user_back_off
        self._strangers.rules = rules.client_back_off
        self._customers.rules = self._offices.rules = rules.customer_back_off

    def wait(self, who: Guesser, now: float) -> float:
        """Return how many seconds `who` has to wait; 0 for none."""
        waits = [self._users.wait((who.ucsid, who.user), now)] if who.user else []
        if self._is_known(who, now):
            waits.append(self._offices.wait((who.ucsid, who.source), now))
        else:
            waits.append(self._strangers.wait(who.source, now))
            waits.append(self._customers.wait(who.ucsid, now))
        return max(waits)

    def failed(self, who: Guesser, now: float) -> None:
        """Note a password that was wrong."""
        self._users.failed((who.ucsid, who.user), now)
        if self._is_known(who, now):
            self._offices.failed((who.ucsid, who.source), now)
        else:
            self._strangers.failed(who.source, now)
            self._customers.failed(who.ucsid, now)

    def succeeded(self, who: Guesser, now: float) -> None:
        """Note one that was right."""
        key = (who.ucsid, who.source)
        self._users.succeeded((who.ucsid, who.user))
        self._strangers.succeeded(who.source)
        self._known.pop(key, None)
        self._known[key] = now
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def _is_known(self, who: Guesser, now: float) -> bool:
        since = self._known.get((who.ucsid, who.source))
        return since is not None and now - since <= KNOWN_FOR
