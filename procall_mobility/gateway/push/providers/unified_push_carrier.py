"""Speaks to UnifiedPush servers for applications that give them nothing but an endpoint."""

from collections.abc import Mapping

from procall_mobility.gateway.push.applications.carriers import Attempt
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push import unified_push
from procall_mobility.protocols.push.endpoints import EndpointPolicy
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.outcomes import Outcome


class UnifiedPushCarrier:
    """One push server, which asks nobody who they are."""

    def __init__(self, policy: EndpointPolicy, destination: Destination) -> None:
        """Take whom endpoints may name, and where the push server is."""
        self.destination = destination
        self._policy = policy

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        unified_push.check(notification, self._policy)

    def is_ready(self, now: float) -> bool:
        """Tell that nothing is needed."""
        return True

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push."""
        told = push.notification
        target = unified_push.plain_endpoint(told.token)
        self._policy.check(target)  # It may be another one since the push was accepted.
        return unified_push.request(told, target, unix)

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        """Return what an answer means."""
        return unified_push.judge(answer, unix=attempt.unix)

    def traces(self, answer: Answer) -> Mapping[str, str]:
        """Return nothing: anybody can be a push server, and say anything."""
        return {}

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        """Have no other token."""
        return False
