"""Speaks to Huawei: with access tokens for Android, with an account's own for HarmonyOS."""

from collections.abc import Mapping
from typing import Protocol

from procall_mobility.gateway.push.applications.carriers import Attempt, bearer_of
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push import hms, hms_outcomes
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.hms import HmsTarget
from procall_mobility.protocols.push.hms_accounts import HmsTokens
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.oauth_tokens import OAuthTokens
from procall_mobility.protocols.push.outcomes import Outcome


class Tokens(Protocol):
    """Where the tokens of a credential are from."""

    def is_ready(self, now: float) -> bool:
        """Tell whether there is one, or can be at once."""

    def token(self, now: float, unix: float) -> str | None:
        """Return the token for a request made now; None until there is one."""

    def refused(self, token: str, now: float, unix: float) -> bool:
        """Take that a token was not accepted; says whether another one may help."""


class FetchedTokens:
    """Access tokens, for Android."""

    def __init__(self, tokens: OAuthTokens) -> None:
        self._tokens = tokens

    def is_ready(self, now: float) -> bool:
        """Tell whether one was fetched."""
        return self._tokens.token(now) is not None

    def token(self, now: float, unix: float) -> str | None:
        """Return the token that was fetched."""
        return self._tokens.token(now)

    def refused(self, token: str, now: float, unix: float) -> bool:
        """Have another one fetched."""
        return self._tokens.refused(token, now)


class SignedTokens:
    """An account's own, for HarmonyOS."""

    def __init__(self, tokens: HmsTokens) -> None:
        self._tokens = tokens

    def is_ready(self, now: float) -> bool:
        """Tell that they are made here."""
        return True

    def token(self, now: float, unix: float) -> str | None:
        """Return the token that was signed."""
        return self._tokens.token(unix)

    def refused(self, token: str, now: float, unix: float) -> bool:
        """Sign another one."""
        return self._tokens.refused(token, unix)


class HmsCarrier:
    """An application for Android, or a project for HarmonyOS."""

    def __init__(self, target: HmsTarget, tokens: Tokens, destination: Destination) -> None:
        """Take the tokens of the application's credential."""
        self.destination = destination
        self._target = target
        self._tokens = tokens

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        hms.check(notification, self._target)

    def is_ready(self, now: float) -> bool:
        """Tell whether there is a token, or one can be signed."""
        return self._tokens.is_ready(now)

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push."""
        token = self._tokens.token(now, unix)
        if token is None:
            return None
        return hms.request(push.notification, self._target, token, unix)

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        """Return what an answer means for the device's token."""
        return hms_outcomes.judge(answer, token=attempt.token, unix=attempt.unix)

    def traces(self, answer: Answer) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        """Have another token, if the refused one was old enough to be the reason."""
        if not self._tokens.refused(bearer_of(request), now, unix):
            return False
        return True if self._tokens.is_ready(now) else None
