"""Subscriptions of browsers, with the keys that read what is sent to them (RFC 8291)."""

import secrets
from collections.abc import Callable

from attrs import define, field
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from examples.push_simulators.json_web_tokens import text_of

MOST = 100_000
"""Subscriptions; more than a show has."""


@define(eq=False, kw_only=True)
class Subscription:
    """One browser's, or application's."""

    name: str
    """The last part of its URL; hard to guess."""
    private: ec.EllipticCurvePrivateKey = field(repr=False)
    secret: bytes = field(repr=False)
    """`auth`: 16 octets."""
    sender: str | None = None
    """The only VAPID key that may send (RFC 8292 section 4), in base64url."""
    is_plain: bool = False
    """Whether it takes what is sent as it is, from anybody, as UnifiedPush had it at first."""
    gone: float | None = None
    """Unix seconds of when it ended."""

    @property
    def public(self) -> bytes:
        """Its key, as a point that is not compressed: 65 octets."""
        return self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )

    def keys(self) -> dict[str, str]:
        """Return the keys, as a browser's `PushSubscription` writes them."""
        return {"p256dh": text_of(self.public), "auth": text_of(self.secret)}


@define(eq=False)
class Subscriptions:
    """All of a push service."""

    by_name: dict[str, Subscription] = field(factory=dict)
    _dice: Callable[[], str] = lambda: secrets.token_urlsafe(32)

    def add(self, sender: str | None = None, *, is_plain: bool = False) -> Subscription:
        """Subscribe.

        Raises:
            ValueError: there are too many.
        """
        if len(self.by_name) >= MOST:
            raise ValueError(f"there are {MOST} subscriptions already")
        made = Subscription(
            name=self._dice(),
            private=ec.generate_private_key(ec.SECP256R1()),
            secret=secrets.token_bytes(16),
            sender=sender,
            is_plain=is_plain,
        )
        self.by_name[made.name] = made
        return made
