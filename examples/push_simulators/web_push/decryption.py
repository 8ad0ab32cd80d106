"""Reading what was encrypted for a subscription: aes128gcm (RFC 8188), keyed by RFC 8291."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from examples.push_simulators.web_push.subscriptions import Subscription

HEADER = 16 + 4 + 1 + 65
"""Octets of salt, record size, length of the key's name, and the sender's key."""
TAG = 16
DELIMITER = b"\x02"
"""Of the last record; RFC 8291 section 4 allows no other."""


class Unreadable(ValueError):
    """It was not encrypted for this subscription, or not as it should be."""


def decrypt(body: bytes, subscription: Subscription) -> bytes:
    """Return the clear text.

    Raises:
        Unreadable: the text says why.
    """
    if len(body) < HEADER + TAG + 1 or body[20] != 65:
        raise Unreadable("no header of aes128gcm with a P-256 key")
    salt, point, sealed = body[:16], body[21:HEADER], body[HEADER:]
    record_size = int.from_bytes(body[16:20])
    if record_size < 18 or len(sealed) > record_size:
        raise Unreadable("more than one record")
    try:
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise Unreadable("the sender's key is no point of P-256") from error
    shared = subscription.private.exchange(ec.ECDH(), sender)
    about = b"WebPush: info\0" + subscription.public + point
    keying = _derive(shared, subscription.secret, about, 32)
    key = _derive(keying, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(keying, salt, b"Content-Encoding: nonce\0", 12)
    try:
        padded = AESGCM(key).decrypt(nonce, sealed, None)
    except InvalidTag as error:
        raise Unreadable("encrypted for another subscription, or changed on its way") from error
    clear = padded.rstrip(b"\0")
    if not clear.endswith(DELIMITER):
        raise Unreadable("the record is not the last one")
    return clear[:-1]


def _derive(material: bytes, salt: bytes, about: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, about).derive(material)
