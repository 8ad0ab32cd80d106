"""Certificates for the pushes of an application, and an authority that has signed them.

They say what they are for as Apple's do, in extensions: topics with their kinds, environments.
"""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.x509.oid import NameOID

LIFE = datetime.timedelta(days=365)
AUTHORITY = "Developer Relations of the simulators"

SANDBOX, PRODUCTION, TOPICS = (
    x509.ObjectIdentifier(f"1.2.840.113635.100.6.3.{number}") for number in (1, 2, 6)
)
KINDS = {"": "app", ".voip": "voip", ".complication": "complication"}
"""What belongs to an application, by how its topic ends."""

UTF8_STRING, SEQUENCE = 0x0C, 0x30
NOTHING = bytes.fromhex("0500")


class Authority:
    """Signs certificates; nobody keeps its key, so that there are no more of them later."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY)])
        builder = _builder(self._name, self._name, self._key)
        basic = x509.BasicConstraints(ca=True, path_length=0)
        self._own = builder.add_extension(basic, critical=True).sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        """Its own certificate."""
        return self._own.public_bytes(serialization.Encoding.PEM)

    def certify(self, bundle: str) -> bytes:
        """Return a certificate for an application, and its key, in one file as openssl writes."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.Name(
            [
                x509.NameAttribute(NameOID.USER_ID, bundle),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Apple Push Services: {bundle}"),
            ]
        )
        builder = _builder(names, self._name, key)
        for oid, value in (
            (SANDBOX, NOTHING), (PRODUCTION, NOTHING), (TOPICS, _topics(bundle)),
        ):  # fmt: skip
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LIFE)
    )


def _topics(bundle: str) -> bytes:
    parts = (
        _element(UTF8_STRING, f"{bundle}{ending}".encode())
        + _element(SEQUENCE, _element(UTF8_STRING, kind.encode()))
        for ending, kind in KINDS.items()
    )
    return _element(SEQUENCE, b"".join(parts))


def _element(tag: int, content: bytes) -> bytes:
    """Return an element of X.690."""
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2)
    return bytes([tag]) + length + content
