"""What a customer's TURN users are judged by: secrets, fixed passwords, and what was taken back.

A time-limited name says when it expires, and not when it was issued.  So what is taken back is
worth something again only where it is proven to be younger: by a secret or a password that came
later, or by the name itself, which we mark as `expiry:customer:user:@issued` where that is needed.
"""

import re
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.rest_names import UserName, credential_of, mint

EVERYBODY: Final = ""
"""Stands for all users of a customer among those whose credentials were taken back."""

LONGEST_SUBJECT: Final = 128
"""Octets of a user's name: with all that stands around it, it fits into a USERNAME."""

_MARK = re.compile(r"@(\d{1,12})")


@frozen
class Key:
    """A secret, or a fixed password."""

    value: bytes = field(repr=False)
    since: int
    """Unix seconds."""


@frozen(kw_only=True)
class TurnKeys:
    """All of it, for one customer."""

    secrets: tuple[Key, ...] = ()
    """The newest first."""
    users: Mapping[str, Key] = field(factory=dict)
    """Those with fixed passwords."""
    rules: tuple[PeerRule, ...] = ()
    """Which peers the customer's clients may reach, and may not."""
    taken_back: Mapping[str, int] = field(factory=dict)
    """Users, or `EVERYBODY`: what they had up to that second is good for nothing."""

    def passwords(self, name: UserName, username: str) -> tuple[bytes, ...]:
        """Return what proves a name, whether it has expired or not; nothing if it is refused."""
        if name.expiry is None:
            return (self.users[name.subject].value,) if self.is_good(name.subject) else ()
        until = self._taken_back_until(name.subject)
        is_younger = _issued(name) >= until
        return tuple(
            credential_of(each.value, username).encode()
            for each in self.secrets
            if is_younger or each.since > until
        )

    def is_good(self, subject: str) -> bool:
        """Tell whether a user has a fixed password that was not taken back."""
        user = self.users.get(subject)
        return user is not None and user.since > self._taken_back_until(subject)

    def mint(self, ucsid: str, subject: str, expiry: int) -> tuple[str, str]:
        """Return a new time-limited user name and its credential.

        Raises:
            ValueError: nobody can be called that, or there is no secret.
        """
        if not fits(subject):
            raise ValueError("a user's name is printable, without a colon, and of 1 to 128 octets")
        if not self.secrets:
            raise ValueError("the customer has no secret")
        secret, until = self.secrets[0], self._taken_back_until(subject)
        session = None if secret.since > until else f"@{until}"
        return mint(expiry, ucsid, subject, session, secret.value)

    def _taken_back_until(self, subject: str) -> int:
        taken_back = self.taken_back
        return max(taken_back.get(EVERYBODY, -1), taken_back.get(subject, -1))


def fits(subject: str) -> bool:
    """Tell whether we let a user be called that."""
    if not subject.isprintable() or ":" in subject:
        return False
    return 0 < len(subject.encode()) <= LONGEST_SUBJECT


def _issued(name: UserName) -> int:
    found = _MARK.fullmatch(name.session) if name.session is not None else None
    return int(found[1]) if found is not None else -1
