"""What became of an attempt to send a push, as the rules of its provider have it."""

import enum
from typing import Final

from attrs import frozen


class Scope(enum.Enum):
    """What an outcome is about."""

    PUSH = "push"
    TOKEN = "token"  # noqa: S105  # A word, no secret.
    """All pushes to this device."""
    LANE = "lane"
    """All pushes with this credential at this provider."""


@frozen(kw_only=True)
class Delivered:
    """The provider has it."""


@frozen(kw_only=True)
class TokenDead:
    """The device or application is gone; the customer's server shall forget the token."""

    reason: str
    since: float | None = None
    """Unix seconds of when the provider knew; a token registered after it lives on."""
    is_suspicious: bool = False
    """Whether a mistake in our configuration looks the same: many of these are no dead tokens."""
    needs_living: bool = False
    """Whether not even the first is believed before another token of the lane has lived: a wrong
    id makes all of them look dead."""


@frozen(kw_only=True)
class Refused:
    """Sending this push again would not help; its token is as good as before."""

    reason: str
    is_ours: bool = False
    """Whether the provider was not even asked, and nothing was learnt about it."""


@frozen(kw_only=True)
class Later:
    """It may go through at another time."""

    reason: str
    scope: Scope = Scope.PUSH
    after: float | None = None
    """Seconds the provider asks for."""
    at_least: float = 0.0
    """Seconds its rules ask for at first; from there on delays double."""
    at_once: bool = False
    """Whether the first new attempt needs no delay: what failed was the connection."""


@frozen(kw_only=True)
class CredentialStale:
    """A fresh token of ours will do, if ours is old enough to be the reason."""

    reason: str


@frozen(kw_only=True)
class LaneRefused:
    """The provider takes nothing with this credential: keep everything and tell somebody."""

    reason: str


@frozen(kw_only=True)
class WrongEnvironment:
    """The token may belong to the provider's other environment; it is worth one try there."""

    reason: str


Outcome = (
    Delivered | TokenDead | Refused | Later | CredentialStale | LaneRefused | WrongEnvironment
)

FAULT: Final = Later(reason="internal", scope=Scope.TOKEN)
"""What a fault of ours costs: the push waits, and its device's others do; the lane goes on."""
