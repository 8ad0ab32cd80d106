"""Carriers: how one provider is spoken to with one credential; the rules are the provider's own.

Each has one lane.  A carrier knows no connections: whoever runs them asks for requests, and has
their answers judged.
"""

from typing import Protocol

from procall_mobility.gateway.push_ports import QueuedPush
from procall_mobility.protocols.push import apns, apns_outcomes, fcm, fcm_outcomes
from procall_mobility.protocols.push.apns import ApnsTarget
from procall_mobility.protocols.push.apns_outcomes import TOO_MANY_UPDATES, OtherEnvironment
from procall_mobility.protocols.push.apple_tokens import AppleTokens
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.fcm import FcmTarget
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.oauth_tokens import OAuthTokens
from procall_mobility.protocols.push.outcomes import CredentialStale, Later, Outcome
from procall_mobility.protocols.push.unsayable import NoCredential


class Carrier(Protocol):
    """Speaks to one provider."""

    host: str
    """Where its requests go, by HTTP/2 over TLS."""

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said, before it is accepted.

        Raises:
            Unsayable: it cannot.
        """

    def is_ready(self, now: float) -> bool:
        """Tell whether there is a token to say pushes with."""

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push; None while there is no token."""

    def judge(
        self,
        request: ProviderRequest,
        answer: Answer,
        now: float,
        unix: float,
        *,
        has_moved: bool,
    ) -> Outcome:
        """Return what the answer to a request means.

        `has_moved` tells that the token was tried in the provider's other environment already.
        """

    def renew(self, now: float) -> bool | None:
        """Do without the token that was refused last.

        Returns:
            True: there is another one.  None: one is being fetched.  False: its age was no
            reason.
        """


class ApnsCarrier:
    """An application at Apple, in one of the two environments."""

    def __init__(self, target: ApnsTarget, tokens: AppleTokens, *, has_other: bool) -> None:
        """Take the tokens of the application's team, which all its lanes share.

        `has_other` tells whether the application is in the other environment as well.
        """
        self._target = target
        self._tokens = tokens
        self._untried = OtherEnvironment.UNTRIED if has_other else OtherEnvironment.NONE
        self._stale = ""
        self.host = target.host

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        apns.check(notification, self._target)

    def is_ready(self, now: float) -> bool:
        """Tell that tokens are made here."""
        return True

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push."""
        return apns.request(push.notification, self._target, self._tokens.token(now), unix)

    def judge(
        self,
        request: ProviderRequest,
        answer: Answer,
        now: float,
        unix: float,
        *,
        has_moved: bool,
    ) -> Outcome:
        """Return what an answer means; Apple may want an older token, or a newer one."""
        other = OtherEnvironment.TRIED if has_moved else self._untried
        outcome = apns_outcomes.judge(answer, unix=unix, other_environment=other)
        match outcome:
            case Later(reason=reason) if reason == TOO_MANY_UPDATES:
                self._tokens.too_many(bearer_of(request), now)
            case CredentialStale():
                self._stale = bearer_of(request)
        return outcome

    def renew(self, now: float) -> bool | None:
        """Sign another token, if Apple may be given one."""
        return self._tokens.refused(self._stale, now)


class FcmCarrier:
    """A project at Google."""

    def __init__(self, target: FcmTarget, tokens: OAuthTokens) -> None:
        """Take the access tokens of the project's service account."""
        self.host = fcm.HOST
        self._target = target
        self._tokens = tokens
        self._stale = ""

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        fcm.check(notification)

    def is_ready(self, now: float) -> bool:
        """Tell whether a token was fetched."""
        return self._tokens.token(now) is not None

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push."""
        token = self._tokens.token(now)
        return None if token is None else fcm.request(push.notification, self._target, token, unix)

    def judge(
        self,
        request: ProviderRequest,
        answer: Answer,
        now: float,
        unix: float,
        *,
        has_moved: bool,
    ) -> Outcome:
        """Return what an answer means."""
        outcome = fcm_outcomes.judge(answer, unix=unix)
        if isinstance(outcome, CredentialStale):
            self._stale = bearer_of(request)
        return outcome

    def renew(self, now: float) -> bool | None:
        """Have another token fetched, if the refused one was old enough to be the reason."""
        if not self._tokens.refused(self._stale, now):
            return False
        return True if self._tokens.token(now) is not None else None


class HeldCarrier:
    """An application whose credential cannot be used: what waits for it goes on waiting."""

    host = ""
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

    def judge(
        self,
        request: ProviderRequest,
        answer: Answer,
        now: float,
        unix: float,
        *,
        has_moved: bool,
    ) -> Outcome:
        """Keep the push, whoever may have answered."""
        return Later(reason="no-credential")

    def renew(self, now: float) -> bool | None:
        """Have no other token."""
        return False


def bearer_of(request: ProviderRequest) -> str:
    """Return the token a request was made with."""
    shown = dict(request.headers).get("authorization", "")
    return shown.partition(" ")[2]
