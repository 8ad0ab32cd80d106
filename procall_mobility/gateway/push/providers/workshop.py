"""What the makers of applications work with: clocks, dice, hosts, and tokens that are shared."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Final, TypeVar, cast

from attrs import define, field

from procall_mobility.protocols.push.apple_tokens import NoMemory, TokenMemory
from procall_mobility.protocols.push.endpoints import EndpointPolicy
from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.protocols.push.oauth_tokens import OAuthTokens

SharedT = TypeVar("SharedT")

MARK: Final = 8
"""Characters of a digest in lanes' names."""


@define(eq=False, kw_only=True)
class Fetched:
    """Tokens that have to be fetched."""

    name: str
    """The lane they are for; another one when applications were made anew."""
    tokens: OAuthTokens
    host: str
    """Who gives them out."""


@define(eq=False, kw_only=True)
class Workshop:
    """Applications with one credential share its tokens, and keep them when made anew."""

    wall_clock: Callable[[], float] = field(repr=False)
    clock: Callable[[], float] = field(repr=False)
    dice: Callable[[], float] = field(repr=False)
    entropy: Callable[[int], bytes] = field(repr=False)
    """Returns so many octets of chance."""
    endpoints: EndpointPolicy = field(factory=EndpointPolicy)
    """Whom the endpoints of Web Push and UnifiedPush may name."""
    hosts: Mapping[str, str] = field(factory=dict)
    """Other hosts than the providers' own, by their names in the settings: proxies, tests."""
    memory: TokenMemory = field(factory=NoMemory, repr=False)
    """Of the tokens that Apple was given."""
    _shared: dict[tuple[type, bytes], object] = field(factory=dict, init=False, repr=False)
    _used: set[tuple[type, bytes]] = field(factory=set, init=False, repr=False)
    _lanes: dict[str, bytes] = field(factory=dict, init=False, repr=False)
    """Names of lanes, and the credential that has each."""

    def host(self, name: str, usual: str) -> str:
        """Return where a provider is."""
        return self.hosts.get(name, usual)

    def lane(self, name: str, parts: tuple[bytes, ...]) -> str:
        """Return the name of the lane of a credential; `parts` tell which.

        The first one of an owner has the plain name.  Others have lanes of their own beside it:
        what is wrong with one credential is nothing to those that go by another.
        """
        mark = _digest(parts)
        if self._lanes.setdefault(name, mark) == mark:
            return name
        return f"{name}.{mark.hex()[:MARK]}"

    def share(
        self, kind: type[SharedT], parts: tuple[bytes, ...], make: Callable[[], SharedT]
    ) -> SharedT:
        """Return the one thing of a kind that belongs to a credential; `parts` tell which."""
        mark = (kind, _digest(parts))
        self._used.add(mark)
        if mark not in self._shared:
            self._shared[mark] = make()
        return cast("SharedT", self._shared[mark])

    def fetched(
        self,
        name: str,
        parts: tuple[bytes, ...],
        host: str,
        ask: Callable[[float], ProviderRequest],
    ) -> OAuthTokens:
        """Return the tokens that a credential has fetched for a lane."""

        def make() -> Fetched:
            tokens = OAuthTokens(
                ask, now=self.clock(), wall_clock=self.wall_clock, jitter=self.dice
            )
            return Fetched(name=name, tokens=tokens, host=host)

        made = self.share(Fetched, parts, make)
        made.name = name
        return made.tokens

    def all(self, kind: type[SharedT]) -> dict[bytes, SharedT]:
        """Return all things of a kind, each by a mark that stays the same."""
        return {
            mark: cast("SharedT", made)
            for (found, mark), made in self._shared.items()
            if found is kind
        }

    def forget_unused(self) -> None:
        """Drop what no application was made with since the last call."""
        for mark in self._shared.keys() - self._used:
            del self._shared[mark]
        self._used = set()
        self._lanes = {}


def _digest(parts: tuple[bytes, ...]) -> bytes:
    made = hashlib.blake2b(digest_size=32)
    for part in parts:
        made.update(len(part).to_bytes(8) + part)
    return made.digest()
