"""Tokens that customers' servers sign themselves, in place of their password (RFC 7519)."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

from attrs import define, field, frozen

from procall_mobility.gateway.customers import normalized
from procall_mobility.protocols.token_checks import (
    SignedToken,
    Verifier,
    numeric_date,
    signed_token,
)

LONGEST: Final = 4096
"""Characters of a token."""

LONGEST_LIFE: Final = 3600.0
"""Seconds from now that a token may be good for: whoever finds one in a log is too late."""

SKEW: Final = 60.0
"""Seconds by which clocks may differ."""

MOST_KNOWN: Final = 10_000
"""Tokens known again without another look at their signature; the oldest is forgotten first."""


@frozen
class _Proof:
    ucsid: str
    until: float
    """Unix seconds."""


@define(eq=False, kw_only=True)
class CustomerTokens:
    """Judges tokens."""

    keys: Callable[[str], Sequence[Verifier]] = field(repr=False)
    """The public keys of a customer, by UCSID; none of a stranger."""
    audience: str
    """How we are called in `aud`: our origin; empty where nobody can mean us."""
    secret: bytes = field(repr=False)
    """Of this process, from chance: what is remembered is worth nothing anywhere else."""
    wall_clock: Callable[[], float] = field(repr=False)
    """Unix seconds."""
    _known: OrderedDict[bytes, _Proof] = field(factory=OrderedDict, init=False, repr=False)

    def rename(self, audience: str) -> None:
        """Take tokens for another name of ours alone."""
        if audience != self.audience:
            self.audience = audience
            self._known.clear()

    def prove(self, text: str) -> str | None:
        """Return the UCSID of the customer who has signed a token for us, and for now.

        The claims needed are `iss`, the UCSID; `aud`, our origin; and `exp`.
        """
        octets = text.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(octets, key=self.secret, digest_size=32).digest()
        unix = self.wall_clock()
        proof = self._known.pop(digest, None)
        if proof is None or unix >= proof.until:
            proof = self._proof(text, unix)
        if proof is None:
            return None
        self._known[digest] = proof
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return proof.ucsid

    def forget(self, ucsid: str) -> None:
        """Judge a customer's tokens anew: its keys may be others."""
        for digest in [each for each, proof in self._known.items() if proof.ucsid == ucsid]:
            del self._known[digest]

    def _proof(self, text: str, unix: float) -> _Proof | None:
        token = signed_token(text, LONGEST)
        if token is None:
            return None
        issuer, until = token.claims.get("iss"), numeric_date(token.claims.get("exp"))
        if not isinstance(issuer, str) or until is None:
            return None
        ucsid = normalized(issuer)
        is_timely = -SKEW < until - unix <= LONGEST_LIFE + SKEW and _has_begun(token, unix)
        if not (is_timely and self._is_for_us(token.claims.get("aud"))):
            return None
        if not any(key.proves(token) for key in self.keys(ucsid)):
            return None
        return _Proof(ucsid, until + SKEW)

    def _is_for_us(self, audience: Any) -> bool:
        named = audience if isinstance(audience, list) else [audience]
        return bool(self.audience) and self.audience in named


def _has_begun(token: SignedToken, unix: float) -> bool:
    if "nbf" not in token.claims:
        return True
    since = numeric_date(token.claims["nbf"])
    return since is not None and since <= unix + SKEW
