"""Certificate and key files: read, checked against each other, and described."""

import datetime
from pathlib import Path

from attrs import field, frozen
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

LARGEST_FILE = 1 << 20
"""Octets; chains have some thousand, and a wrong file should not fill the memory."""


ServerKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey
"""Kinds of keys TLS servers have."""


class CertificateError(Exception):
    """A certificate or its key cannot be used; the text names the file and the cure."""


class KeyOfAnother(CertificateError):
    """A key does not belong to the certificate."""


@frozen
class CertificateFacts:
    """What people want to know about a certificate."""

    file: str
    names: tuple[str, ...]
    """DNS names and IP addresses it is good for."""
    until: datetime.datetime
    """The end of its validity."""


@frozen
class KeyPair:
    """A certificate chain, the server's own first, and its private key."""

    chain: tuple[x509.Certificate, ...]
    key: ServerKey = field(repr=False)
    facts: CertificateFacts


Fingerprint = tuple[tuple[int, int, int] | None, ...]
"""Changes when a file is written or replaced; None where there is no file."""


def fingerprint(*files: Path) -> Fingerprint:
    """Look at files without reading them."""
    found: list[tuple[int, int, int] | None] = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(found)


def load(chain_file: Path, key_file: Path, now: float) -> KeyPair:
    """Read and check both files; `now` is calendar time in seconds.

    Raises:
        CertificateError: they cannot be used.
    """
    chain = _chain(chain_file)
    key = _key(key_file)
    _check_dates(chain_file, chain[0], now)
    if _public(chain[0]) != _public(key):
        raise KeyOfAnother(
            f"{key_file}: the key of another certificate than {chain_file}; install the pair that "
            "was issued together, with the server's own certificate first in the chain"
        )
    facts = CertificateFacts(str(chain_file), _names(chain[0]), chain[0].not_valid_after_utc)
    return KeyPair(chain, key, facts)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise CertificateError(f"{file}: missing; correct the path or install the file") from error
    except OSError as error:
        raise CertificateError(
            f"{file}: {error.strerror}; let the account of this service read it"
        ) from error
    if len(content) > LARGEST_FILE:
        raise CertificateError(f"{file}: larger than a chain or key can be; correct the path")
    return content


def _chain(file: Path) -> tuple[x509.Certificate, ...]:
    content = _read(file)
    try:
        return tuple(x509.load_pem_x509_certificates(content))
    except ValueError as error:
        raise CertificateError(
            f"{file}: no certificate in PEM form, which begins with BEGIN CERTIFICATE; "
            "convert it with `openssl x509 -inform DER`"
        ) from error


def _key(file: Path) -> ServerKey:
    content = _read(file)
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError as error:  # This is how a missing password is told.
        raise CertificateError(
            f"{file}: the key has a password; remove it with `openssl pkey`"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(
            f"{file}: no private key in PEM form, which begins with BEGIN PRIVATE KEY; "
            "convert it with `openssl pkey -inform DER`"
        ) from error
    if not isinstance(key, ServerKey):
        raise CertificateError(f"{file}: TLS servers have RSA, ECDSA or Ed25519 keys; make one")
    return key


def _check_dates(file: Path, certificate: x509.Certificate, now: float) -> None:
    until = certificate.not_valid_after_utc
    if until.timestamp() <= now:
        raise CertificateError(f"{file}: expired on {until:%Y-%m-%d}; install a renewed one")


def _public(owner: x509.Certificate | ServerKey) -> bytes:
    return owner.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(str(name.value) for name in common)
    return tuple(str(name.value) for name in names)
