"""Client certificates that Apple gives out for pushes, with their key: PEM, or PKCS #12.

What they are for stands in extensions of Apple's; a certificate without them says so by its user
id alone, as old ones do.
"""

import datetime
from collections.abc import Iterator

from attrs import field, frozen
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509.oid import NameOID

from procall_mobility.protocols.push.credentials import (
    LARGEST_FILE,
    CredentialError,
    private_key,
)

SANDBOX, PRODUCTION, TOPICS = (
    x509.ObjectIdentifier(f"1.2.840.113635.100.6.3.{number}") for number in (1, 2, 6)
)
"""Extensions: what it is for."""

PEM = b"-----BEGIN "
CERTIFICATE = b"-----BEGIN CERTIFICATE-----"

UTF8_STRING, SEQUENCE = 0x0C, 0x30
"""Tags of X.690."""

CertificateKey = RSAPrivateKey | EllipticCurvePrivateKey


@frozen(kw_only=True)
class AppleCertificate:
    """A certificate for the pushes of one application."""

    chain: tuple[x509.Certificate, ...]
    """Its own first."""
    key: CertificateKey = field(repr=False, eq=False)
    topics: frozenset[str]
    """The bundle id, and what belongs to it."""
    is_for_production: bool
    is_for_sandbox: bool

    @property
    def mark(self) -> str:
        """What tells it from others; nothing secret."""
        return self.chain[0].fingerprint(SHA256()).hex()[:12]

    @property
    def expires(self) -> datetime.datetime:
        """When it ends."""
        return self.chain[0].not_valid_after_utc


def is_certificate(octets: bytes) -> bool:
    """Tell a certificate's file from that of a signing key (.p8)."""
    return CERTIFICATE in octets or (PEM not in octets and octets[:1] == bytes([SEQUENCE]))


def apple_certificate(octets: bytes) -> AppleCertificate:
    """Read a certificate and its key.

    Raises:
        CredentialError: they cannot be used.
    """
    if len(octets) > LARGEST_FILE:
        raise CredentialError(f"it is larger than {LARGEST_FILE} octets")
    chain, key = _of_pem(octets) if PEM in octets else _of_pkcs12(octets)
    if not isinstance(key, CertificateKey):
        raise CredentialError("its key is neither RSA nor on an elliptic curve")
    own = [each for each in chain if _public(each) == _public(key)]
    if not own:
        raise CredentialError("the private key is another certificate's")
    first = own[0]
    kinds = {found.oid for found in _extensions(first)}
    is_told = SANDBOX in kinds or PRODUCTION in kinds
    return AppleCertificate(
        chain=(first, *(each for each in chain if each is not first)),
        key=key,
        topics=_topics(first),
        is_for_production=not is_told or PRODUCTION in kinds,
        is_for_sandbox=not is_told or SANDBOX in kinds,
    )


def _of_pem(octets: bytes) -> tuple[tuple[x509.Certificate, ...], object]:
    key = private_key(octets)
    try:
        return tuple(x509.load_pem_x509_certificates(octets)), key
    except ValueError:
        wrong = "the certificate is damaged or cut off"
    raise CredentialError(wrong)


def _of_pkcs12(octets: bytes) -> tuple[tuple[x509.Certificate, ...], object]:
    for password in (None, b""):
        try:
            found = load_pkcs12(octets, password)
        except (ValueError, UnsupportedAlgorithm):
            continue
        if found.cert is None or found.key is None:
            raise CredentialError("certificate or key is missing in it; both are needed")
        others = (each.certificate for each in found.additional_certs)
        return (found.cert.certificate, *others), found.key
    raise CredentialError("it is no PKCS #12, or has a password; export it again without one")


def _public(owner: x509.Certificate | CertificateKey) -> bytes:
    return owner.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _extensions(certificate: x509.Certificate) -> list["x509.Extension[x509.ExtensionType]"]:
    try:
        return list(certificate.extensions)
    except (ValueError, x509.DuplicateExtension):
        return []  # None that can be read says what it is for.


def _topics(certificate: x509.Certificate) -> frozenset[str]:
    for found in _extensions(certificate):
        if found.oid == TOPICS and isinstance(found.value, x509.UnrecognizedExtension):
            return frozenset(_strings(found.value.value))
    names = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    bundles = [str(name.value) for name in names]
    return frozenset(each + suffix for each in bundles for suffix in ("", ".voip"))


def _strings(der: bytes) -> Iterator[str]:
    """Return the strings of a sequence in which each is followed by a sequence of its kinds."""
    outer = list(_elements(der))
    if len(outer) != 1 or outer[0][0] != SEQUENCE:
        return
    for tag, content in _elements(outer[0][1]):
        if tag == UTF8_STRING:
            yield content.decode("utf-8", "replace")


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Return tags and contents of the elements one after another, as far as they are whole."""
    while len(der) >= 2:
        tag, size, start = der[0], der[1], 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(der[2:start])
        if len(der) < start + size:
            return
        yield tag, der[start : start + size]
        der = der[start + size :]
