"""Reads the certificate, and has OpenSSL look for its authority."""

import datetime
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from OpenSSL import crypto

from procall_mobility.config import Settings
from procall_mobility.diagnosis.facts.daemon import Account
from procall_mobility.diagnosis.facts.files import look_at_file
from procall_mobility.diagnosis.judgements.certificate import CertificateFacts, Distrust, Shown
from procall_mobility.diagnosis.judgements.daemon import DaemonFacts
from procall_mobility.transports.certificate_files import CertificateError, KeyOfAnother, load

LARGEST = 1 << 20
"""Octets that are read of a file; a chain has some thousand."""


def look_at_certificate(
    settings: Settings,
    account: Account,
    daemon: DaemonFacts,
    authorities: Path | None,
    now: float,
) -> CertificateFacts:
    """Read what the settings name.

    Args:
        settings: all of them.
        account: who is to read it.
        daemon: who may show it already.
        authorities: PEM file of those to trust besides the system's.
        now: calendar time in seconds.
    """
    chain, key = Path(settings.tls.certificate), Path(settings.tls.key)
    files = (
        look_at_file("tls.certificate", chain, account),
        look_at_file("tls.key", key, account),
    )
    shown = _shown(chain, authorities)
    problem: CertificateError | None = None
    if all(each.is_readable for each in files):
        try:
            load(chain, key, 0)  # Whether its time has passed is looked at apart.
        except CertificateError as error:
            problem = error
    return CertificateFacts(
        files=files,
        host=urlsplit(settings.service.origin).hostname or "",
        now=datetime.datetime.fromtimestamp(now, datetime.UTC),
        problem=None if problem is None else str(problem),
        is_key_of_another=isinstance(problem, KeyOfAnother),
        shown=shown,
        daemon_shows_until=_until(daemon),
    )


def _shown(file: Path, authorities: Path | None) -> Shown | None:
    """Return what stands in a file; None where that cannot be read, which is told elsewhere."""
    try:
        with file.open("rb") as opened:
            chain = x509.load_pem_x509_certificates(opened.read(LARGEST))
    except (OSError, ValueError):
        return None
    own = chain[0]
    names = _names(own)
    public = own.public_key()
    return Shown(
        subject=own.subject.rfc4514_string(),
        begins=own.not_valid_before_utc,
        ends=own.not_valid_after_utc,
        dns_names=tuple(names.get_values_for_type(x509.DNSName)) if names else (),
        addresses=tuple(map(str, names.get_values_for_type(x509.IPAddress))) if names else (),
        rsa_bits=public.key_size if isinstance(public, RSAPublicKey) else None,
        last_issuer=chain[-1].issuer.rfc4514_string(),
        length=len(chain),
        distrust=_distrust(chain, authorities),
    )


def _names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    """Return who it is for; clients look nowhere else (RFC 9525 section 2)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _distrust(chain: list[x509.Certificate], authorities: Path | None) -> Distrust | None:
    store = crypto.X509Store()
    paths = ssl.get_default_verify_paths()
    for cafile, capath in ((paths.cafile, paths.capath), (authorities, None)):
        if cafile or capath:
            try:
                store.load_locations(cafile, capath)
            except crypto.Error:
                continue  # An empty store trusts nobody, which is then found.
    own, *others = map(crypto.X509.from_cryptography, chain)
    try:
        crypto.X509StoreContext(store, own, others).verify_certificate()
    except crypto.X509StoreContextError as error:
        code, depth, text = error.errors
        return Distrust(code=code, depth=depth, text=text)
    return None


def _until(daemon: DaemonFacts) -> datetime.datetime | None:
    if daemon.status is None:
        return None
    first = next(iter(daemon.status["certificates"]), None)
    try:
        until = datetime.datetime.fromisoformat(first["until"].text) if first is not None else None
    except ValueError:
        return None  # It says it otherwise than we do.
    # What has no zone could not be compared with a certificate's.
    return until if until is not None and until.tzinfo is not None else None
