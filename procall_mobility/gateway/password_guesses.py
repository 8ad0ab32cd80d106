"""Guessed passwords of customers' programs: who has to wait, and who need not for others' sake.

One address may be a whole company, or a computing centre.  So what counts there is how many
different credentials were wrong: a script that shows an old password for ever shows the same one,
and waits alone.  And where a customer has lately shown the right password, it may go on showing
it, whatever else is tried from there: else a guesser, or a stranger behind the same address, could
keep it out.  That must not be a way to guess: of passwords that are looked at while the address
has to wait, few may be wrong.
"""

from collections import OrderedDict
from typing import Final

from attrs import define

from procall_mobility.gateway.allowance import Allowance
from procall_mobility.gateway.back_off import BackOff

TRUSTED_FOR: Final = 86_400.0
"""Seconds after the last right credential: a night and a day."""

MOST_TRUSTED: Final = 50_000
"""Customers at addresses remembered so; the one first let in is forgotten first."""

GUESSES, GUESSES_PER_SECOND = 20.0, 1 / 60
"""Wrong passwords that are looked at while an address has to wait.  A guesser who shares it has
some 1,500 a day; one who goes on finds nothing, and shuts the customer out as well."""

TOKENS: Final = ""
"""In place of a UCSID: whoever shows signed tokens.  Signatures cannot be guessed."""


@define(eq=False)
class _Trust:
    until: float
    guesses: Allowance
    shut_until: float = 0.0


class PasswordGuesses:
    """Counts by source, which is an address or what counts as one; `shown` is a keyed digest."""

    def __init__(self, back_off: BackOff) -> None:
        self._back_off = back_off
        self._trusted: OrderedDict[tuple[str, str], _Trust] = OrderedDict()

    def wait(self, source: str, shown: bytes, now: float) -> float:
        """Return how many seconds a source has to wait before it shows this; 0 for none."""
        waits = self._back_off.wait(source, now), self._back_off.wait((source, shown), now)
        return max(waits)

    def failed(self, source: str, shown: bytes, now: float) -> None:
        """Note that a credential was wrong; shown again, it is no further guess."""
        if not self._back_off.knows((source, shown), now):
            self._back_off.failed(source, now)
        self._back_off.failed((source, shown), now)

    def succeeded(self, customer: str, source: str, now: float) -> None:
        """Note that a password was compared and right."""
        self._back_off.succeeded(source)
        self.proved(customer, source, now)

    def proved(self, customer: str, source: str, now: float) -> None:
        """Trust a customer at a source from now on."""
        trust = self._trusted.get((customer, source))
        if trust is None:
            allowance = Allowance(GUESSES_PER_SECOND, GUESSES, now)
            self._trusted[customer, source] = _Trust(now + TRUSTED_FOR, allowance)
            if len(self._trusted) > MOST_TRUSTED:
                self._trusted.popitem(last=False)
        else:
            trust.until = now + TRUSTED_FOR

    def trusts(self, customer: str, source: str, now: float) -> bool:
        """Tell whether what a customer shows is looked at although its source has to wait."""
        trust = self._trusted.get((customer, source))
        return trust is not None and trust.shut_until <= now < trust.until

    def guessed(self, customer: str, source: str, shown: bytes, now: float) -> None:
        """Note that what was looked at so was wrong."""
        if self.looks_at(customer, source, shown, now):
            self._back_off.failed((source, shown), now)

    def looks_at(self, customer: str, source: str, shown: bytes, now: float) -> bool:
        """Tell whether one more guess is looked at where a customer is trusted; it is counted."""
        if not self.trusts(customer, source, now) or self._back_off.knows((source, shown), now):
            return False
        trust = self._trusted[customer, source]
        if trust.guesses.take(now):
            return True
        trust.shut_until = now + 1 / GUESSES_PER_SECOND
        return False
