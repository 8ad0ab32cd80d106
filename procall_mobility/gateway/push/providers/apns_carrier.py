"""Speaks to Apple with the tokens of a team."""

from collections.abc import Mapping

from procall_mobility.gateway.push.applications.carriers import Attempt, bearer_of
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push import apns, apns_outcomes
from procall_mobility.protocols.push.apns import ApnsTarget
from procall_mobility.protocols.push.apns_outcomes import TOO_MANY_UPDATES, OtherEnvironment
from procall_mobility.protocols.push.apple_tokens import AppleTokens
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.outcomes import Later, Outcome


class ApnsCarrier:
    """An application at Apple, in one of the two environments."""

    def __init__(
        self,
        target: ApnsTarget,
        tokens: AppleTokens,
        destination: Destination,
        *,
        has_other: bool,
    ) -> None:
        """Take the tokens of the application's team, which all its lanes share.

        `has_other` tells whether the application is in the other environment as well.
        """
        self._target = target
        self._tokens = tokens
        self._untried = OtherEnvironment.UNTRIED if has_other else OtherEnvironment.NONE
        self.destination = destination

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        apns.check(notification, self._target)

    def is_ready(self, now: float) -> bool:
        """Tell that tokens are made here."""
        return True

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push."""
        return apns.request(push.notification, self._target, self._tokens.token(now), unix)

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        """Return what an answer means; Apple may want an older token, or a newer one."""
        other = OtherEnvironment.TRIED if attempt.has_moved else self._untried
        outcome = apns_outcomes.judge(answer, unix=attempt.unix, other_environment=other)
        if isinstance(outcome, Later) and outcome.reason == TOO_MANY_UPDATES:
            self._tokens.too_many(bearer_of(attempt.request), attempt.now)
        return outcome

    def traces(self, answer: Answer) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        """Sign another token, if Apple may be given one."""
        return self._tokens.refused(bearer_of(request), now)
