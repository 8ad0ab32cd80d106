"""Nonces that cost no memory: a time and a keyed sum over it and the client's address."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

from procall_mobility.protocols.stun.addresses import TransportAddress

COOKIE: Final = b"obMatJos2"
"""Says that four characters of security features follow (RFC 8489 section 9.2.1)."""

PASSWORD_ALGORITHMS: Final = 0x800001
USERNAME_ANONYMITY: Final = 0x400002
"""The example in RFC 8656 section 20 counts the bits from the left, the one in RFC 8489 appendix
B.1 from the right.  Both are set, as clients were written by either; the other one says nothing
to them."""

LIFETIME: Final = 600
"""Seconds; the RFC's choice for TURN would be an hour, shorter ones cost a client one round."""

SKEW: Final = 5
"""Seconds a nonce may seem to come from the future."""

_HEAD_SIZE = len(COOKIE) + 4
_TIME_MASK = 0xFFFFFFFF
"""Whatever the clock shows, there are octets for it."""
_TIME_SIZE, _PORT_SIZE, _MAC_SIZE = 4, 2, 8
_TAIL_SIZE = 19
"""Characters of those three."""


class Nonces:
    """Makes and judges nonces; whoever does not know the key can do neither."""

    def __init__(self, key: bytes) -> None:
        """Take the key of this process."""
        self._begun = hashlib.blake2b(key=key, digest_size=_MAC_SIZE)

    def make(self, client: TransportAddress, features: int, now: float) -> bytes:
        """Return a nonce for a client, which announces security features."""
        head = COOKIE + base64.b64encode(features.to_bytes(3))
        # No two clients are given the same one, not even behind one NAT (RFC 8489 9.2.4).
        seconds = (int(now) & _TIME_MASK).to_bytes(_TIME_SIZE)
        body = seconds + client[1].to_bytes(_PORT_SIZE)
        tail = binascii.b2a_base64(body + self._mac(head + body, client[0]), newline=False)
        return head + tail[:_TAIL_SIZE]

    def is_fresh(self, nonce: bytes, host: str, now: float) -> bool:
        """Tell whether a nonce was made for `host` and has not grown old.

        Its port is left open: NATs change it, and connections for data come from others.
        """
        head, tail = nonce[:_HEAD_SIZE], nonce[_HEAD_SIZE:]
        if len(tail) != _TAIL_SIZE:
            return False
        try:
            octets = binascii.a2b_base64(tail + b"=", strict_mode=True)
        except ValueError:
            return False
        body, mac = octets[:-_MAC_SIZE], octets[-_MAC_SIZE:]
        if not hmac.compare_digest(mac, self._mac(head + body, host)):
            return False
        age = (int(now) & _TIME_MASK) - int.from_bytes(body[:_TIME_SIZE])
        return -SKEW <= age <= LIFETIME

    def _mac(self, text: bytes, host: str) -> bytes:
        made = self._begun.copy()
        made.update(text + host.encode())
        return made.digest()


def has_feature(nonce: bytes, feature: int) -> bool:
    """Tell whether a nonce of whatever server announces a security feature."""
    if not nonce.startswith(COOKIE):
        return False
    try:
        features = base64.b64decode(nonce[len(COOKIE) : _HEAD_SIZE], validate=True)
    except ValueError:
        return False
    return bool(int.from_bytes(features) & feature)
