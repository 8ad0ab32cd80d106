"""Applications as they are registered, and what is made of them and their credential."""

import enum
import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from attrs import define, field, frozen

from procall_mobility.gateway.push_apps import Branch, PushApp
from procall_mobility.gateway.push_carriers import ApnsCarrier, Carrier, FcmCarrier, HeldCarrier
from procall_mobility.protocols.push.apns import ApnsTarget
from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.apple_tokens import AppleTokens
from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.fcm import SCOPE, FcmTarget
from procall_mobility.protocols.push.oauth_tokens import OAuthTokens
from procall_mobility.protocols.push.service_accounts import service_account


class Provider(enum.StrEnum):
    """Who carries pushes."""

    APNS = "apns"
    FCM = "fcm"


class Environment(enum.StrEnum):
    """Where an application of Apple's has its tokens."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    BOTH = "both"


OPTIONS: Final[Mapping[Provider, tuple[str, ...]]] = {
    Provider.APNS: ("topic", "team", "key_id", "title", "environment"),
    Provider.FCM: (),
}
"""What is to be told of an application, by provider."""


@frozen(kw_only=True)
class Registration:
    """An application as the operator has registered it."""

    name: str
    """The channel customers' servers name it by."""
    ucsid: str | None = None
    """The customer it is for; None for all."""
    provider: Provider
    credential: str
    """The file of its key or service account."""
    options: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Fetched:
    """Tokens that have to be fetched."""

    name: str
    """For the log."""
    tokens: OAuthTokens
    host: str
    """Who gives them out."""


@define(eq=False, kw_only=True)
class PushCredentials:
    """Makes applications; those with one credential share its tokens, and keep them."""

    wall_clock: Callable[[], float] = field(repr=False)
    clock: Callable[[], float] = field(repr=False)
    dice: Callable[[], float] = field(repr=False)
    hosts: Mapping[str, str] = field(factory=dict)
    """Other hosts for `apns`, `apns-sandbox`, `fcm` and tokens of theirs: proxies, tests."""
    _apple: dict[bytes, AppleTokens] = field(factory=dict, init=False, repr=False)
    _google: dict[bytes, Fetched] = field(factory=dict, init=False, repr=False)
    _used: set[bytes] = field(factory=set, init=False, repr=False)

    @property
    def fetched(self) -> Mapping[bytes, Fetched]:
        """Return all tokens that have to be fetched."""
        return self._google

    def doubts(self) -> list[float]:
        """Return how old tokens were that Apple took for expired too early: our clock is wrong."""
        return [each.age for tokens in self._apple.values() for each in tokens.take()]

    def forget_unused(self) -> None:
        """Drop the tokens of credentials that no application was made with since the last call."""
        for known in (self._apple, self._google):
            for mark in known.keys() - self._used:
                del known[mark]
        self._used = set()

    def app(self, told: Registration, credential: bytes) -> PushApp:
        """Return an application.

        Raises:
            CredentialError: the credential cannot be used; its text says why, and shows nothing.
        """
        make = self._of_apple if told.provider is Provider.APNS else self._of_google
        branches = make(told, credential)
        first = told.options.get("environment") == Environment.SANDBOX
        return PushApp(
            name=told.name,
            ucsid=told.ucsid,
            provider=told.provider.value,
            branches=branches,
            sandbox_first=first,
        )

    def _of_apple(self, told: Registration, pem: bytes) -> dict[bool, Branch]:
        team, key_id = told.options["team"], told.options["key_id"]
        key = apple_key(pem, team=team, key_id=key_id)
        mark = _digest(team.encode(), key_id.encode(), pem)
        self._used.add(mark)
        tokens = self._apple.get(mark)
        if tokens is None:
            tokens = self._apple[mark] = AppleTokens(key, wall_clock=self.wall_clock)
        where = Environment(told.options.get("environment", Environment.PRODUCTION))
        both = where is Environment.BOTH
        sandboxes = (False, True) if both else (where is Environment.SANDBOX,)
        branches = {}
        for sandbox in sandboxes:
            try:
                target = ApnsTarget(
                    topic=told.options["topic"], title=told.options["title"], sandbox=sandbox
                )
            except ValueError:
                text = "its topic is no bundle id, or its title has more than 100 characters"
                raise CredentialError(text) from None
            carrier = ApnsCarrier(target, tokens, has_other=both)
            name = "apns-sandbox" if sandbox else "apns"
            lane = f"{name}:{team}.{key_id}"
            branches[sandbox] = Branch(lane=lane, carrier=self._at(name, carrier))
        return branches

    def _of_google(self, told: Registration, octets: bytes) -> dict[bool, Branch]:
        account = service_account(octets)
        mark = _digest(octets)
        self._used.add(mark)
        found = self._google.get(mark)
        if found is None:
            tokens = OAuthTokens(
                lambda unix: account.token_request(SCOPE, unix),
                now=self.clock(),
                wall_clock=self.wall_clock,
                jitter=self.dice,
            )
            host = self.hosts.get("fcm-tokens", account.token_host)
            found = Fetched(name=f"fcm:{account.project}", tokens=tokens, host=host)
            self._google[mark] = found
        carrier = FcmCarrier(FcmTarget(project=account.project), found.tokens)
        lane = f"fcm:{account.project}"
        return {False: Branch(lane=lane, carrier=self._at("fcm", carrier))}

    def _at(self, name: str, carrier: Carrier) -> Carrier:
        carrier.host = self.hosts.get(name, carrier.host)
        return carrier


def held(told: Registration) -> PushApp:
    """Return an application without usable credential, in both branches: pushes wait for it."""
    branch = Branch(lane=f"held:{told.provider.value}", carrier=HeldCarrier())
    return PushApp(
        name=told.name,
        ucsid=told.ucsid,
        provider=told.provider.value,
        branches={False: branch, True: branch},
    )


def _digest(*parts: bytes) -> bytes:
    made = hashlib.blake2b(digest_size=32)
    for part in parts:
        made.update(len(part).to_bytes(8) + part)
    return made.digest()
