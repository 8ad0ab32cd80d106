"""Makes applications of what is registered, each by its provider's maker."""

from collections.abc import Callable, Mapping
from typing import Final

from attrs import define, field

from procall_mobility.gateway.push.applications.apps import PushApp
from procall_mobility.gateway.push.applications.carriers import HeldCarrier
from procall_mobility.gateway.push.applications.expiry import Expiries, Expiring, ExpiryNear
from procall_mobility.gateway.push.applications.options import check
from procall_mobility.gateway.push.applications.registrations import (
    Environment,
    Provider,
    Registration,
)
from procall_mobility.gateway.push.applications.ways import Branch, Way
from procall_mobility.gateway.push.providers import (
    apns_apps,
    fcm_apps,
    hms_apps,
    web_push_apps,
    wns_apps,
)
from procall_mobility.gateway.push.providers.workshop import Fetched, Workshop
from procall_mobility.protocols.push.apple_tokens import AppleTokens

Maker = Callable[[Registration, bytes, Workshop], Mapping[bool, Way]]
"""Makes the branches of an application, by whether they are a sandbox, of its credential.

Raises CredentialError, whose text says why it cannot be used, and shows nothing of it."""

MAKERS: Final[Mapping[Provider, Maker]] = {
    Provider.APNS: apns_apps.branches,
    Provider.FCM: fcm_apps.branches,
    Provider.HMS: hms_apps.branches,
    Provider.WNS: wns_apps.branches,
    Provider.WEBPUSH: web_push_apps.branches,
}


@define(eq=False)
class PushCredentials:
    """Makes applications; those with one credential share its tokens, and keep them."""

    _workshop: Workshop = field(repr=False)
    _expiries: Expiries = field(factory=Expiries, init=False)

    @property
    def fetched(self) -> Mapping[bytes, Fetched]:
        """Return all tokens that have to be fetched."""
        return self._workshop.all(Fetched)

    def doubts(self) -> list[float]:
        """Return how old tokens were that Apple took for expired too early: our clock is wrong."""
        apple = self._workshop.all(AppleTokens)
        return [each.age for tokens in apple.values() for each in tokens.take()]

    def ending(self) -> list[ExpiryNear]:
        """Return which credentials end soon, each at most once a stage."""
        workshop = self._workshop
        return self._expiries.due(workshop.all(Expiring), workshop.wall_clock())

    def expiring(self) -> list[Expiring]:
        """Return the credentials that end, each by an application that has it."""
        return list(self._workshop.all(Expiring).values())

    def forget_unused(self) -> None:
        """Drop the tokens of credentials that no application was made with since the last call."""
        self._workshop.forget_unused()

    def app(self, told: Registration, credential: bytes) -> PushApp:
        """Return an application.

        Raises:
            CredentialError: the credential, or an option, cannot be used; its text says why, and
                shows nothing.
        """
        check(told.provider, told.options)
        return PushApp(
            name=told.name,
            ucsid=told.ucsid,
            provider=told.provider.value,
            branches=MAKERS[told.provider](told, credential, self._workshop),
            sandbox_first=told.options.get("environment") == Environment.SANDBOX,
        )


def held(told: Registration) -> PushApp:
    """Return an application without usable credential, in both branches: pushes wait for it."""
    branch = Branch(lane=f"held:{told.provider.value}", carrier=HeldCarrier())
    return PushApp(
        name=told.name,
        ucsid=told.ucsid,
        provider=told.provider.value,
        branches={False: branch, True: branch},
    )
