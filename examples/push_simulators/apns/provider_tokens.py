"""How APNs looks at `authorization`: whose key, how old, and how often it changes."""

from collections.abc import Iterable

from attrs import define, field, frozen
from cryptography.hazmat.primitives.asymmetric import ec

from examples.push_simulators.exchange import Visit
from examples.push_simulators.json_web_tokens import NotAToken, WebToken, is_signed, parse

OLDEST = 3600.0
"""Seconds of age after which a token is expired."""
NEWEST = 60.0
"""Seconds a token may come from the future: clocks differ."""
UPDATE_EVERY = 1200.0
"""Seconds between two tokens of a key."""
MOST_TOKENS = 1000
"""Verified tokens that are remembered; a key has three an hour."""


@frozen(kw_only=True)
class SigningKey:
    """A key a team was given."""

    id: str
    team: str
    public: ec.EllipticCurvePublicKey
    environments: tuple[str, ...] = ("production", "sandbox")
    topics: tuple[str, ...] | None = None
    """Of a key that is for some topics only."""


@define(eq=False)
class ProviderTokens:
    """The keys of all teams, and the tokens seen."""

    keys: dict[str, SigningKey] = field(factory=dict)
    most_updates: int = 1
    """New tokens of a key within 20 minutes; Apple's rule is one."""
    _verified: dict[str, tuple[SigningKey, float]] = field(factory=dict)
    _updates: dict[str, list[float]] = field(factory=dict)

    def add(self, keys: Iterable[SigningKey]) -> None:
        """Know keys by their ids."""
        self.keys.update((key.id, key) for key in keys)

    def revoke(self, key_id: str) -> None:
        """Forget a key and all tokens it has signed."""
        self.keys.pop(key_id, None)
        self._verified = {
            text: found for text, found in self._verified.items() if found[0].id != key_id
        }

    def check(
        self, authorization: str | None, visit: Visit, environment: str, unix: float
    ) -> SigningKey | str:
        """Return the key, or the reason to refuse it."""
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            return "MissingProviderToken"
        found = self._verified.get(text)
        if found is None:
            found_or_reason = self._verify(text, unix)
            if isinstance(found_or_reason, str):
                return found_or_reason
            found = found_or_reason
        key, issued = found
        if unix - issued > OLDEST:
            return "ExpiredProviderToken"
        if environment not in key.environments:
            return "BadEnvironmentKeyIdInToken"
        return _on_this_visit(key, visit) or key

    def _verify(self, text: str, unix: float) -> tuple[SigningKey, float] | str:
        try:
            token = parse(text)
        except NotAToken:
            return "InvalidProviderToken"
        key, issued = self._key_of(token), token.number("iat")
        if key is None or issued is None or issued - unix > NEWEST:
            return "InvalidProviderToken"
        if unix - issued > OLDEST:
            return "ExpiredProviderToken"
        updates = [at for at in self._updates.get(key.id, []) if unix - at < UPDATE_EVERY]
        if len(updates) >= self.most_updates:
            return "TooManyProviderTokenUpdates"
        self._updates[key.id] = [*updates, unix]
        if len(self._verified) >= MOST_TOKENS:
            del self._verified[next(iter(self._verified))]
        self._verified[text] = (key, issued)
        return key, issued

    def _key_of(self, token: WebToken) -> SigningKey | None:
        key_id = token.header.get("kid")
        key = self.keys.get(key_id) if isinstance(key_id, str) else None
        if key is None or token.text("iss") != key.team:
            return None
        return key if is_signed(token, key.public) else None


def _on_this_visit(key: SigningKey, visit: Visit) -> str | None:
    """Return why a key must not be used on a connection: it is its first key's."""
    memory = visit.memory
    if "key" not in memory:
        memory["key"], memory["team"] = key.id, key.team
        memory["narrow"] = "yes" if key.topics is not None else ""
        return None
    if memory["team"] != key.team:
        return "InvalidProviderToken"
    if memory["key"] != key.id and (key.topics is not None or memory["narrow"]):
        return "UnrelatedKeyIdInToken"
    return None
