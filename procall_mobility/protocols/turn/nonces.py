"""Nonces that cost no memory: a time and a keyed sum over it and the client's host."""

import base64
import hmac
from typing import Final

COOKIE: Final = b"obMatJos2"
"""Says that four characters of security features follow (RFC 8489 section 9.2)."""

PASSWORD_ALGORITHMS: Final = 1 << 0
USERNAME_ANONYMITY: Final = 1 << 1

LIFETIME: Final = 600
"""Seconds; the RFC's choice for TURN would be an hour, shorter ones cost a client one round."""

SKEW: Final = 5
"""Seconds a nonce may seem to come from the future."""

_HEAD_SIZE = len(COOKIE) + 4
_MAC_SIZE = 8
_TIMES = 1 << 24


class Nonces:
    """Makes and judges nonces; whoever does not know the key can do neither."""

    def __init__(self, key: bytes, features: int) -> None:
        """Take the key of this process, and the security features to announce."""
        self._key = key
        # The bits are counted from the least significant one (RFC 8489 appendix B.1 shows it).
        self._head = COOKIE + base64.b64encode(features.to_bytes(3))

    def make(self, host: str, now: float) -> bytes:
        """Return a nonce for the client at `host`."""
        time = (int(now) % _TIMES).to_bytes(3)
        return self._head + base64.b64encode(time + self._mac(time, host)).rstrip(b"=")

    def is_fresh(self, nonce: bytes, host: str, now: float) -> bool:
        """Tell whether a nonce was made for `host` and has not grown old."""
        tail = nonce[_HEAD_SIZE:]
        if len(tail) != 15:
            return False
        try:
            octets = base64.b64decode(tail + b"=", validate=True)
        except ValueError:
            return False
        time, mac = octets[:3], octets[3:]
        if not nonce.startswith(self._head) or not hmac.compare_digest(mac, self._mac(time, host)):
            return False
        age = (int(now) - int.from_bytes(time)) % _TIMES
        return age <= LIFETIME or age >= _TIMES - SKEW

    def _mac(self, time: bytes, host: str) -> bytes:
        return hmac.digest(self._key, time + host.encode(), "sha256")[:_MAC_SIZE]


def has_feature(nonce: bytes, feature: int) -> bool:
    """Tell whether a nonce of whatever server announces a security feature."""
    if not nonce.startswith(COOKIE):
        return False
    try:
        features = base64.b64decode(nonce[len(COOKIE) : _HEAD_SIZE], validate=True)
    except ValueError:
        return False
    return bool(int.from_bytes(features) & feature)
