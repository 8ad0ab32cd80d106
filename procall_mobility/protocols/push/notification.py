"""A push, as we hold it: what a customer's server wants one device to be told."""

import enum
from collections.abc import Mapping

from attrs import define, field


class Urgency(enum.IntEnum):
    """The classes of pushes; the lower goes first."""

    CALL = 0
    """A phone shall ring: worthless after a minute."""
    ALERT = 1
    """Somebody shall be told."""
    BACKGROUND = 2
    """An application shall look after something; nobody waits."""


@define(kw_only=True)
class Notification:
    """One push to one device.  Nothing in it says whose device it is.

    Nobody changes one.  It is not frozen all the same: there is one for every push, and to make
    what is takes attrs three times as long.
    """

    id: str
    """A UUID in lower case; it stays the same however often the push is sent."""
    kind: str
    """What has happened, in the customer server's words: `avnewcall`, `chat` ..."""
    token: str = field(repr=False)
    """The provider's name of the device and application."""
    is_voip: bool = False
    """Whether the token is the one for calls, where a provider has two."""
    urgency: Urgency
    expires: float
    """Unix seconds; nobody wants it later."""
    collapse: str | None = None
    """A newer push of the same key takes the place of one that was not sent yet."""
    content: Mapping[str, str] = field(repr=False)
    """What the application gets, beside the kind; mostly sealed for it alone."""

    def ttl(self, unix: float) -> int:
        """Return the whole seconds it has left; 0 when there are none."""
        return max(0, int(self.expires - unix))
