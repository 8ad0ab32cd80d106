"""An authority of the tests' own, and certificates that are good or bad in one thing."""

import datetime
from pathlib import Path

from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@define
class Authority:
    """Signs whatever it is asked to."""

    name: str = "An authority of tests"
    key: ec.EllipticCurvePrivateKey = field(factory=_key)

    def issue(
        self,
        folder: Path,
        host: str = "localhost",
        *,
        begins: datetime.timedelta = -DAY,
        ends: datetime.timedelta = 80 * DAY,
    ) -> None:
        """Write `certificate.pem` and `key.pem`; the times are from now on."""
        now = datetime.datetime.now(datetime.UTC)
        key = _key()
        made = (
            self._builder(_name(host), key.public_key(), now + begins, now + ends)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False
            )
            .sign(self.key, hashes.SHA256())
        )
        (folder / "certificate.pem").write_bytes(_pem(made))
        write_key(folder, key)

    def write(self, file: Path) -> None:
        """Write its own certificate."""
        now = datetime.datetime.now(datetime.UTC)
        public = self.key.public_key()
        made = (
            self._builder(_name(self.name), public, now - 900 * DAY, now + 900 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_signs(), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
            .sign(self.key, hashes.SHA256())
        )
        file.write_bytes(_pem(made))

    def _builder(
        self,
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey,
        begins: datetime.datetime,
        ends: datetime.datetime,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name(self.name))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )


def write_key(folder: Path, key: ec.EllipticCurvePrivateKey | None = None) -> None:
    """Write `key.pem`; one that no certificate has, unless it is given."""
    private = (key or _key()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "key.pem"
    file.touch(mode=0o600)
    file.write_bytes(private)


def _signs() -> x509.KeyUsage:
    """Return what Python 3.13 wants an authority to say of itself."""
    return x509.KeyUsage(
        digital_signature=False, key_cert_sign=True, crl_sign=True, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
