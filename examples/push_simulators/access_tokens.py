"""Access tokens as an OAuth server gives them out, and who may have them (RFC 6749)."""

import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl

from attrs import define, field, frozen

from examples.push_simulators.exchange import Request

MOST_TOKENS = 10_000
"""Living ones; the oldest go first."""


@frozen
class Grant:
    """What a token is good for."""

    client: str
    until: float
    """Unix seconds."""


@define(eq=False)
class AccessTokens:
    """The tokens of one provider."""

    life: float = 3600.0
    """Seconds."""
    prefix: str = ""
    """What the provider's tokens begin with."""
    issued: int = 0
    """How many were given out so far."""
    _grants: dict[str, Grant] = field(factory=dict)
    _dice: Callable[[], str] = lambda: secrets.token_urlsafe(48)

    def issue(self, client: str, unix: float) -> str:
        """Make a new token."""
        if len(self._grants) >= MOST_TOKENS:
            del self._grants[next(iter(self._grants))]
        token = f"{self.prefix}{self._dice()}"
        self._grants[token] = Grant(client, unix + self.life)
        self.issued += 1
        return token

    def revoke(self) -> None:
        """Make all tokens worthless, as a changed secret does."""
        self._grants.clear()

    def bearer(self, request: Request, unix: float) -> Grant | None:
        """Return what a request's `Authorization: Bearer` is good for; None for nothing."""
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        grant = self._grants.get(token) if scheme.lower() == "bearer" else None
        return grant if grant is not None and unix < grant.until else None


def form(request: Request) -> dict[str, str] | None:
    """Return the members of a form; None when it is none, or says something twice."""
    if request.media_type != "application/x-www-form-urlencoded":
        return None
    try:
        pairs = parse_qsl(request.body.decode(), strict_parsing=True, max_num_fields=20)
    except ValueError:
        return None
    members = dict(pairs)
    return members if len(members) == len(pairs) else None
