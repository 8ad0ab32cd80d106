"""Carriers: how one provider is spoken to with one credential; the rules are the provider's own.

A carrier remembers nothing but its credential, and knows no connections: whoever runs them asks
for requests, and has their answers judged.
"""

from collections.abc import Mapping
from typing import Protocol

from attrs import define, field

from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.outcomes import Later, Outcome
from procall_mobility.protocols.push.unsayable import NoCredential


@define(eq=False)
class Attempt:
    """A push that was said to a provider, and when the answer came."""

    request: ProviderRequest
    token: str = field(repr=False)
    """The device's."""
    has_moved: bool
    """Whether it was tried in the provider's other environment already."""
    now: float
    unix: float


class Carrier(Protocol):
    """Speaks to one provider."""

    @property
    def destination(self) -> Destination | None:
        """Where its requests go; None where there is nobody to connect to."""

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said, before it is accepted.

        Raises:
            Unsayable: it cannot.
        """

    def is_ready(self, now: float) -> bool:
        """Tell whether there is a token to say pushes with."""

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push; None while there is no token."""

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        """Return what the answer to an attempt means."""

    def traces(self, answer: Answer) -> Mapping[str, str]:
        """Return what the provider asks for when it is told of trouble; nothing of a push."""

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        """Do without the token of a request, which was refused.

        Returns:
            True: there is another one.  None: one is being fetched.  False: its age was no
            reason.
        """


class HeldCarrier:
    """An application whose credential cannot be used: what waits for it goes on waiting."""

    destination = None
    """There is nobody to connect to."""

    def check(self, notification: Notification) -> None:
        """Take nothing new."""
        raise NoCredential("the application's credential cannot be used; its operator is told why")

    def is_ready(self, now: float) -> bool:
        """Send nothing."""
        return False

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say nothing."""
        return None

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        """Keep the push, whoever may have answered."""
        return Later(reason="no-credential")

    def traces(self, answer: Answer) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        """Have no other token."""
        return False


def bearer_of(request: ProviderRequest) -> str:
    """Return the token a request was made with."""
    shown = dict(request.headers).get("authorization", "")
    return shown.partition(" ")[2]
