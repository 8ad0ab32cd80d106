"""The demo's certificates: made on the spot, for this machine only."""

import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from examples.uc_demo import authority
from examples.uc_demo.authority import make_certificates


def loaded(folder: Path) -> tuple[x509.Certificate, x509.Certificate]:
    issued, root = x509.load_pem_x509_certificates((folder / "certificate.pem").read_bytes())
    (alone,) = x509.load_pem_x509_certificates((folder / "ca.pem").read_bytes())
    assert alone == root
    return issued, root


def test_the_authority_signs_a_certificate_for_this_machine(tmp_path: Path) -> None:
    assert make_certificates(tmp_path)
    issued, root = loaded(tmp_path)
    issued.verify_directly_issued_by(root)
    names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == [
        "127.0.0.1",
        "::1",
    ]
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not issued.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_key_fits_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    file = tmp_path / "key.pem"
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key() == loaded(tmp_path)[0].public_key()
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_authoritys_own_key_is_kept_nowhere(tmp_path: Path) -> None:
    """Whoever trusts ca.pem cannot be led astray with a key left lying about."""
    make_certificates(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "ca.pem",
        "certificate.pem",
        "key.pem",
    ]


def test_good_certificates_are_kept(tmp_path: Path) -> None:
    """A browser that trusts the authority goes on doing so."""
    make_certificates(tmp_path)
    before = loaded(tmp_path)
    assert not make_certificates(tmp_path)
    assert loaded(tmp_path) == before


def test_certificates_near_their_end_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authority, "LIFE", authority.RENEW - datetime.timedelta(minutes=1))
    make_certificates(tmp_path)
    before = loaded(tmp_path)
    assert make_certificates(tmp_path)
    assert loaded(tmp_path) != before
