"""Speaks to one of the hosts of the Windows Push Notification Services."""

from collections.abc import Mapping

from procall_mobility.gateway.push.applications.carriers import Attempt, bearer_of
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push import wns, wns_outcomes
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.oauth_tokens import OAuthTokens
from procall_mobility.protocols.push.outcomes import Outcome
from procall_mobility.protocols.push.wns import WnsTarget


class WnsCarrier:
    """An application at the host of some of its channels."""

    def __init__(self, target: WnsTarget, tokens: OAuthTokens, destination: Destination) -> None:
        """Take the access tokens of the application, which all its hosts share."""
        self.destination = destination
        self._target = target
        self._tokens = tokens

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        wns.check(notification, self._target)

    def is_ready(self, now: float) -> bool:
        """Tell whether a token was fetched."""
        return self._tokens.token(now) is not None

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push."""
        token = self._tokens.token(now)
        return None if token is None else wns.request(push.notification, self._target, token, unix)

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        """Return what an answer means."""
        return wns_outcomes.judge(answer, unix=attempt.unix)

    def traces(self, answer: Answer) -> Mapping[str, str]:
        """Return what Microsoft finds an answer by."""
        return wns_outcomes.traces(answer)

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        """Have another token fetched, if the refused one was old enough to be the reason."""
        return self._tokens.renew(bearer_of(request), now)
