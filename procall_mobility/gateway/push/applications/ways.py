"""Ways from an application to its devices: by one lane, or by one for each place tokens name.

Where a token names whom to call, as in Web Push, each place has a lane of its own, on demand; its
name is `family@place`, and the family stands for the credential.
"""

from collections.abc import Callable
from typing import Final, Protocol

from attrs import frozen

from procall_mobility.gateway.push.applications.carriers import Carrier
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.unsayable import Unsayable

AT: Final = "@"
"""Between family and place."""


class Way(Protocol):
    """How an application's tokens are reached, in one environment of its provider."""

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said, before it is accepted.

        Raises:
            Unsayable: it cannot.
        """

    def branch(self, token: str) -> "Branch | None":
        """Return by which lane a token is reached; None of what is no token."""

    def carrier_of(self, lane: str) -> Carrier | None:
        """Return whoever speaks in a lane; None of a lane that is not on this way."""

    @property
    def standing(self) -> "Branch | None":
        """Return the branch that is there all the time; None where all are on demand."""


@frozen(kw_only=True)
class Branch:
    """A lane, and whoever speaks in it; alone it is the way to all tokens of an application."""

    lane: str
    """Applications with one credential share it; it tells nothing secret."""
    carrier: Carrier

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        self.carrier.check(notification)

    def branch(self, token: str) -> "Branch":
        """Return itself: it is there for every token."""
        return self

    def carrier_of(self, lane: str) -> Carrier | None:
        """Return whoever speaks in its lane."""
        return self.carrier if lane == self.lane else None

    @property
    def standing(self) -> "Branch":
        """Return itself: connections are there before anybody needs them."""
        return self


@frozen(kw_only=True)
class Places:
    """The way to tokens that name whom to call: a lane for each place."""

    family: str
    """Of the lanes' names."""
    judge: Callable[[Notification], None]
    """Finds out whether a notification can be said.  Raises `Unsayable`."""
    place_of: Callable[[str], str]
    """Reads from a token what is called: a host or an origin, and no secret.  Raises
    `Unsayable`."""
    at: Callable[[str], Carrier]
    """Makes whoever speaks to a place.  It is made anew each time, and remembers nothing."""

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        self.judge(notification)

    def branch(self, token: str) -> Branch | None:
        """Return the branch of the place a token names."""
        try:
            place = self.place_of(token)
        except Unsayable:
            return None
        return Branch(lane=f"{self.family}{AT}{place}", carrier=self.at(place))

    def carrier_of(self, lane: str) -> Carrier | None:
        """Return whoever speaks to the place in a lane's name."""
        family, _, place = lane.partition(AT)
        return self.at(place) if place and family == self.family else None

    @property
    def standing(self) -> None:
        """Return none: nobody knows the places before."""
        return None
