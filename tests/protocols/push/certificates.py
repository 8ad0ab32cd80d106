"""Certificates as Apple gives them out, from no authority of its."""

import datetime
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from procall_mobility.protocols.push.apple_certificates import PRODUCTION, SANDBOX, TOPICS

BUNDLE = "org.example.app"
START = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)


def element(tag: int, content: bytes) -> bytes:
    """An element of X.690."""
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2)
    return bytes([tag]) + length + content


def topics_extension(*topics: str) -> bytes:
    """Topics, each with its kinds."""
    parts = b"".join(
        element(0x0C, topic.encode()) + element(0x30, element(0x0C, b"kind")) for topic in topics
    )
    return element(0x30, parts)


def certificate(
    *,
    topics: bytes | None = topics_extension(BUNDLE, f"{BUNDLE}.voip"),
    environments: Iterable[x509.ObjectIdentifier] = (SANDBOX, PRODUCTION),
    user_id: str | None = BUNDLE,
    days: int = 365,
    key: object = None,
    start: datetime.datetime = START,
) -> tuple[x509.Certificate, object]:
    """A certificate and its key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.COMMON_NAME, f"Apple Push Services: {BUNDLE}")]
    if user_id is not None:
        names.append(x509.NameAttribute(NameOID.USER_ID, user_id))
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=days))
    )
    for oid in environments:
        value = x509.UnrecognizedExtension(oid, b"\x05\x00")
        builder = builder.add_extension(value, critical=False)
    if topics is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(TOPICS, topics), critical=False)
    return builder.sign(key, hashes.SHA256()), key


def pem(found: x509.Certificate, key: object) -> bytes:
    """Both in PEM."""
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return found.public_bytes(Encoding.PEM) + secret


def pkcs12(found: x509.Certificate | None, key: object, password: bytes | None = None) -> bytes:
    """Both in PKCS #12."""
    how = NoEncryption() if password is None else BestAvailableEncryption(password)
    return serialize_key_and_certificates(b"push", key, found, None, how)
