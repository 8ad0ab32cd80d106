"""Makes applications that are reached by Web Push and UnifiedPush, at any number of origins."""

import hashlib
from typing import Final

from attrs import frozen

from procall_mobility.gateway.push.applications.carriers import Carrier
from procall_mobility.gateway.push.applications.destinations import Destination, Wire
from procall_mobility.gateway.push.applications.registrations import Registration
from procall_mobility.gateway.push.applications.ways import Branch, Places
from procall_mobility.gateway.push.providers.unified_push_carrier import UnifiedPushCarrier
from procall_mobility.gateway.push.providers.web_push_carrier import WebPushCarrier
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.push import unified_push, web_push
from procall_mobility.protocols.push.endpoints import EndpointPolicy
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.vapid import Vapid, vapid_key

PLAIN: Final = "unifiedpush"
"""The family of lanes to bare endpoints: there is no credential to tell them apart by."""

MARK: Final = 12
"""Characters of a digest in lanes' names."""


@frozen
class SealedOrPlain:
    """The way of an application: tokens are browsers' subscriptions, or bare endpoints."""

    sealed: Places
    plain: Places

    def check(self, notification: Notification) -> None:
        """Find out whether a notification can be said."""
        self._way(notification.token).check(notification)

    def branch(self, token: str) -> Branch | None:
        """Return the branch of the origin a token names."""
        return self._way(token).branch(token)

    def carrier_of(self, lane: str) -> Carrier | None:
        """Return whoever speaks to the origin in a lane's name."""
        return self.sealed.carrier_of(lane) or self.plain.carrier_of(lane)

    @property
    def standing(self) -> None:
        """Return none: nobody knows the origins before."""
        return None

    def _way(self, token: str) -> Places:
        return self.plain if unified_push.is_plain(token) else self.sealed


def branches(told: Registration, octets: bytes, workshop: Workshop) -> dict[bool, SealedOrPlain]:
    """Return an application whose credential is a VAPID key.

    Raises:
        CredentialError: the key, or the subject, cannot be used.
    """
    subject, policy = told.options["subject"], workshop.endpoints
    made = Vapid(vapid_key(octets), subject)
    parts = (made.public_key.encode(), subject.encode())
    vapid = workshop.share(Vapid, parts, lambda: made)
    mark = hashlib.sha256(b"\0".join(parts)).hexdigest()[:MARK]
    sealed = Places(
        family=f"webpush:{mark}",
        judge=lambda notification: web_push.check(notification, policy),
        place_of=web_push.origin_of,
        at=lambda origin: WebPushCarrier(
            origin, vapid, policy, _destination(origin, policy), workshop.entropy
        ),
    )
    plain = Places(
        family=PLAIN,
        judge=lambda notification: unified_push.check(notification, policy),
        place_of=lambda token: unified_push.plain_endpoint(token).origin,
        at=lambda origin: UnifiedPushCarrier(policy, _destination(origin, policy)),
    )
    return {False: SealedOrPlain(sealed, plain)}


def _destination(origin: str, policy: EndpointPolicy) -> Destination:
    return Destination(host=origin.removeprefix("https://"), wire=Wire.EITHER, policy=policy)
