"""Speaks to Apple on connections that show a certificate: no request has a token."""

from collections.abc import Mapping

from procall_mobility.gateway.push.applications.carriers import Attempt
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push import apns, apns_outcomes
from procall_mobility.protocols.push.apns import ApnsTarget
from procall_mobility.protocols.push.apns_outcomes import OtherEnvironment
from procall_mobility.protocols.push.apple_certificates import AppleCertificate
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.outcomes import Outcome
from procall_mobility.protocols.push.unsayable import NoCredential


class ApnsCertificateCarrier:
    """An application at Apple, in one of the two environments."""

    def __init__(
        self,
        target: ApnsTarget,
        certificate: AppleCertificate,
        destination: Destination,
        *,
        has_other: bool,
    ) -> None:
        """Take the certificate for the target's topic, which connections to `destination` show.

        `has_other` tells whether the application is in the other environment as well.
        """
        self._target = target
        self._may_ring = target.voip_topic in certificate.topics
        self._untried = OtherEnvironment.UNTRIED if has_other else OtherEnvironment.NONE
        self.destination = destination

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said with this certificate."""
        apns.check(notification, self._target)
        if notification.is_voip and not self._may_ring:
            raise NoCredential("the application's certificate is for none of its calls")

    def is_ready(self, now: float) -> bool:
        """Tell that nothing has to be fetched."""
        return True

    def request(self, push: QueuedPush, now: float, unix: float) -> ProviderRequest | None:
        """Say a push."""
        return apns.request(push.notification, self._target, None, unix)

    def judge(self, attempt: Attempt, answer: Answer) -> Outcome:
        """Return what an answer means."""
        other = OtherEnvironment.TRIED if attempt.has_moved else self._untried
        return apns_outcomes.judge(answer, unix=attempt.unix, other_environment=other)

    def traces(self, answer: Answer) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def renew(self, request: ProviderRequest, now: float, unix: float) -> bool | None:
        """Have nothing to renew."""
        return False
