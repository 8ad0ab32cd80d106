"""Message encryption for Web Push (RFC 8291): nobody between sender and application reads it."""

import base64
import binascii
import re
from collections.abc import Callable

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push.aes128gcm import (
    HEADER,
    TAG,
    decode,
    encode,
    expand,
    extract,
    parse,
)

PUBLIC_KEY = 65
"""Octets of a point of P-256, uncompressed (X9.62)."""

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256; a private key is less, and not 0 (SEC 1 section 3.2.1)."""

SECRET = 16
"""Octets of the authentication secret (section 3.2)."""

LARGEST = 4096
"""Octets of a message that every push service takes (RFC 8030 section 7.2)."""

OVERHEAD = HEADER + PUBLIC_KEY + 1 + TAG
"""Octets that encryption adds: header, key, delimiter, tag."""

LARGEST_CLEAR = LARGEST - OVERHEAD

_KEY_INFO = b"WebPush: info\0"

_BASE64 = re.compile(r"([A-Za-z0-9_+/-]*)={0,2}", re.ASCII)
_STANDARD = str.maketrans("-_", "+/")


@frozen
class UserAgentKeys:
    """What an application has published to be written to.

    Raises:
        ValueError: the public key is none.
    """

    public_key: bytes
    """A point of P-256, uncompressed."""
    secret: bytes = field(repr=False)
    point: ec.EllipticCurvePublicKey = field(init=False, repr=False, eq=False)

    @point.default
    def _point(self) -> ec.EllipticCurvePublicKey:
        return public_key(self.public_key)


@frozen
class Ephemeral:
    """What is new for each message; used for two, it gives both away."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    salt: bytes = field(repr=False)
    """16 octets."""

    @classmethod
    def drawn(cls, entropy: Callable[[int], bytes]) -> "Ephemeral":
        """Make a new one, of chance."""
        # So many bits beyond the order's that no number is likelier (FIPS 186-5 A.2.1).
        number = int.from_bytes(entropy(48)) % (ORDER - 1) + 1
        return cls(ec.derive_private_key(number, ec.SECP256R1()), entropy(16))


def seal(clear: bytes, keys: UserAgentKeys, ephemeral: Ephemeral) -> bytes:
    """Encipher a message for an application, in one record (section 4).

    Raises:
        ValueError: it is longer than `LARGEST_CLEAR`.
    """
    if len(clear) > LARGEST_CLEAR:
        raise ValueError(f"a message has up to {LARGEST_CLEAR} octets")
    ours = public_octets(ephemeral.key.public_key())
    shared = ephemeral.key.exchange(ec.ECDH(), keys.point)
    key = _keying_material(keys.secret, shared, keys.public_key + ours)
    return encode(clear, key, salt=ephemeral.salt, record_size=LARGEST, key_id=ours)


def unseal(message: bytes, key: ec.EllipticCurvePrivateKey, secret: bytes) -> bytes:
    """Decipher a message, as the application does it.

    Raises:
        PeerError: it is not one for this key.
    """
    coded = parse(message)
    if len(coded.records) > coded.record_size:
        raise PeerError("bad-encryption", "a push message has one record")
    try:
        theirs = public_key(coded.key_id)
    except ValueError:
        raise PeerError("bad-encryption", "the key id is no public key") from None
    both = public_octets(key.public_key()) + coded.key_id
    return decode(coded, _keying_material(secret, key.exchange(ec.ECDH(), theirs), both))


def public_key(octets: bytes) -> ec.EllipticCurvePublicKey:
    """Read a point; one that is not on the curve would give our key away.

    Raises:
        ValueError: it is none, or not written uncompressed.
    """
    if len(octets) != PUBLIC_KEY:
        raise ValueError(f"a public key has {PUBLIC_KEY} octets")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets)


def public_octets(key: ec.EllipticCurvePublicKey) -> bytes:
    """Write a point uncompressed."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def base64_octets(text: str) -> bytes | None:
    """Read either alphabet of base64, padded or not: browsers' libraries write all four.

    None: it is none.
    """
    found = _BASE64.fullmatch(text)
    if found is None:
        return None
    letters = found[1].translate(_STANDARD)
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4))
    except binascii.Error:
        return None


def _keying_material(secret: bytes, shared: bytes, both: bytes) -> bytes:
    """Combine the exchanged secret with the authentication secret (section 3.4)."""
    return expand(extract(secret, shared), _KEY_INFO + both, 32)
