"""Cookies by which a DTLS client shows that it is where it says, at no cost of memory to us."""

import hmac
from collections.abc import Callable
from typing import Final

from procall_mobility.protocols.stun.addresses import TransportAddress

COOKIE_SIZE: Final = 16
"""Octets.  The shortest ClientHello that is answered has 61, the answer 28 and the cookie: an
answer is never longer than what it answers."""

PERIOD: Final = 30.0
"""Seconds a cookie is good for, at least; at most it is twice that.  It comes back at once."""


class Cookies:
    """Makes and judges cookies: keyed sums over the client's address and the time."""

    def __init__(self, key: bytes, now: Callable[[], float]) -> None:
        """Take a key nobody else has, and the clock."""
        self._key = key
        self._now = now

    def make(self, client: TransportAddress) -> bytes:
        """Return the cookie for a client."""
        return self._of(client, self._period())

    def is_good(self, client: TransportAddress, cookie: bytes) -> bool:
        """Tell whether a cookie was made for a client, a short time ago."""
        period = self._period()
        return any(
            hmac.compare_digest(cookie, self._of(client, each)) for each in (period, period - 1)
        )

    def _period(self) -> int:
        return int(self._now() // PERIOD)

    def _of(self, client: TransportAddress, period: int) -> bytes:
        text = f"{period} {client[0]} {client[1]}"
        return hmac.digest(self._key, text.encode(), "sha256")[:COOKIE_SIZE]
