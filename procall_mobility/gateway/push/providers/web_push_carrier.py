"""Speaks to Web Push services: what is said is enciphered for one application, and signed."""

from collections.abc import Callable, Mapping

from procall_mobility.gateway.push.applications.carriers import Attempt
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push import web_push, web_push_outcomes
from procall_mobility.protocols.push.endpoints import EndpointPolicy
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.outcomes import Outcome
from procall_mobility.protocols.push.vapid import Vapid
from procall_mobility.protocols.push.web_push_encryption import Ephemeral


class WebPushCarrier:
    """An application server at one origin."""

    def __init__(
        self,
        origin: str,
        vapid: Vapid,
        policy: EndpointPolicy,
        destination: Destination,
        entropy: Callable[[int], bytes],
    ) -> None:
        """Take the identity of the application server, which all origins see.

        Args:
            origin: of the push service.
            vapid: signs for it.
            policy: whom endpoints may name.
            destination: where the push service is.
            entropy: returns so many octets of chance.
        """
        self.destination = destination
        self._origin = origin
        self._vapid = vapid
        self._policy = policy
        self._entropy = entropy

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        web_push.check(notification, self._policy)

    def is_ready(self, now: float) -> bool:
        """Tell that tokens are made here."""
        return True

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push, enciphered anew: a key that is used twice gives both messages away."""
        told = push.notification
        target = web_push.subscription(told.token)
        self._policy.check(target.endpoint)  # It may be another one since the push was accepted.
        ephemeral = Ephemeral.drawn(self._entropy)
        return web_push.request(told, target, self._vapid, unix, ephemeral=ephemeral)

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        """Return what an answer means."""
        return web_push_outcomes.judge(answer, unix=attempt.unix)

    def traces(self, answer: Answer) -> Mapping[str, str]:
        """Return nothing: anybody can be a push service, and say anything."""
        return {}

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        """Sign another token, if it can have been the refused one's age."""
        shown = dict(request.headers).get("authorization", "")
        return self._vapid.refused(self._origin, shown, unix)
