"""Speaks to Google with the access tokens of a service account."""

from collections.abc import Mapping

from procall_mobility.gateway.push.applications.carriers import Attempt, bearer_of
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push import fcm, fcm_outcomes
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.fcm import FcmTarget
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.oauth_tokens import OAuthTokens
from procall_mobility.protocols.push.outcomes import Outcome


class FcmCarrier:
    """A project at Google."""

    def __init__(self, target: FcmTarget, tokens: OAuthTokens, destination: Destination) -> None:
        """Take the access tokens of the project's service account."""
        self.destination = destination
        self._target = target
        self._tokens = tokens

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

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        """Return what an answer means."""
        return fcm_outcomes.judge(answer, unix=attempt.unix)

    def traces(self, answer: Answer) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        """Have another token fetched, if the refused one was old enough to be the reason."""
        return self._tokens.renew(bearer_of(request), now)
