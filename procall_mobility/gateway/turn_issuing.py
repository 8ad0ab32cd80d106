"""Credentials for the relay by HTTP: question and answer (draft-uberti-behave-turn-rest)."""

import re
from typing import Any, Final

from attrs import frozen

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.turn_keys import LONGEST_SUBJECT, fits
from procall_mobility.gateway.turn_users import TurnUsers
from procall_mobility.protocols.turn.tenants import SHARED_SUBJECT

SHORTEST_TTL: Final = 60
"""Seconds; what is good for less is gone before the call it was fetched for."""

_NUMBER = re.compile(r"[0-9]{1,9}")

_STATUS: Final = {
    Reason.NO_RELAY: 403,
    Reason.BAD_REQUEST: 400,
}


class IssuingRefused(Exception):
    """There are no credentials for whoever asks; `text` says what helps."""

    def __init__(self, reason: Reason, text: str = "") -> None:
        super().__init__(text or reason.text)
        self.reason = reason
        self.text = text or reason.text
        self.status = _STATUS[reason]
        """The HTTP status that says so."""


@frozen(kw_only=True)
class TurnIssuing:
    """Answers customers that have shown their password."""

    users: TurnUsers
    urls: tuple[str, ...]
    ttl: int
    """Seconds, of credentials nobody asked to live otherwise."""

    def answer(
        self, customer: Customer, *, user: object = None, ttl: object = None
    ) -> dict[str, Any]:
        """Return the answer's members.

        Args:
            customer: who asks, and has shown its password.
            user: for whom, as it was sent; None is for whomever the customer hands it to.
            ttl: for how many seconds, as it was sent: a number or its digits.  More than there
                may be is cut to that; the answer tells.

        Raises:
            IssuingRefused: what is asked for is not to be had.
        """
        if not customer.switches.turn:
            raise IssuingRefused(Reason.NO_RELAY)
        seconds = _seconds(ttl, self.ttl)
        try:
            credential = self.users.issue(customer, _subject(user), seconds)
        except ValueError as error:
            raise IssuingRefused(Reason.NO_RELAY, str(error)) from error
        return {
            "username": credential.username,
            "password": credential.password,
            "ttl": credential.ttl,
            "uris": list(self.urls),
        }


def _subject(user: object) -> str:
    if user is None:
        return SHARED_SUBJECT
    if not isinstance(user, str) or not fits(user):
        text = f"username: expected printable text without a colon, {LONGEST_SUBJECT} octets"
        raise IssuingRefused(Reason.BAD_REQUEST, text)
    return user


def _seconds(ttl: object, usual: int) -> int:
    if ttl is None:
        return usual
    if isinstance(ttl, str) and _NUMBER.fullmatch(ttl):
        ttl = int(ttl)
    if isinstance(ttl, bool) or not isinstance(ttl, int) or ttl < SHORTEST_TTL:
        text = f"ttl: expected seconds, {SHORTEST_TTL} or more"
        raise IssuingRefused(Reason.BAD_REQUEST, text)
    return ttl
