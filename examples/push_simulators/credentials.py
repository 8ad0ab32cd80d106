"""Keys and secrets of a developer who has an account with every provider, made on the spot.

They stand in a folder in the very forms the providers hand them out in, and stay there.
"""

import json
import secrets
from pathlib import Path

from attrs import frozen
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey as EcKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey as RsaKey

from examples.push_simulators.client_certificates import Authority

TEAM, KEY_ID, TOPIC = "DEMOTEAM01", "DEMOKEY001", "example.demo"
PROJECT = "demo-project"
EMAIL = f"push@{PROJECT}.iam.gserviceaccount.com"
HMS_APP, HMS_PROJECT, HMS_ACCOUNT = "100000001", "200000002", "300000003"
WNS_SID = "ms-app://s-1-15-2-1-2-3-4-5-6-7"


@frozen
class Credentials:
    """Where everything is."""

    folder: Path

    @property
    def apns_key(self) -> Path:
        """The team's signing key (.p8)."""
        return self.folder / f"AuthKey_{KEY_ID}.p8"

    @property
    def apns_certificate(self) -> Path:
        """A client certificate for the application, with its key in the same file."""
        return self.folder / "apns-certificate.pem"

    @property
    def apns_next_certificate(self) -> Path:
        """The one that takes over from it."""
        return self.folder / "apns-next-certificate.pem"

    @property
    def apns_authority(self) -> Path:
        """Who has signed both."""
        return self.folder / "apns-authority.pem"

    @property
    def fcm_account(self) -> Path:
        """The service account of the project."""
        return self.folder / "fcm-service-account.json"

    @property
    def hms_account(self) -> Path:
        """The service account for HarmonyOS."""
        return self.folder / "hms-service-account.json"

    @property
    def hms_secret(self) -> Path:
        """The application's client secret."""
        return self.folder / "hms-secret"

    @property
    def wns_secret(self) -> Path:
        """The application's client secret."""
        return self.folder / "wns-secret"

    def make(self, token_uri: str) -> None:
        """Make what is not there; Google's file names the token endpoint, and is written anew."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.apns_key.exists():
            _write(self.apns_key, _pem(ec.generate_private_key(ec.SECP256R1())))
        certificates = (self.apns_certificate, self.apns_next_certificate)
        if not all(each.exists() for each in (self.apns_authority, *certificates)):
            authority = Authority()
            _write(self.apns_authority, authority.pem)
            for each in certificates:
                _write(each, authority.certify(TOPIC))
        for secret in (self.hms_secret, self.wns_secret):
            if not secret.exists():
                _write(secret, secrets.token_hex(32).encode())
        if not self.hms_account.exists():
            account = {
                "project_id": HMS_PROJECT,
                "key_id": secrets.token_hex(16),
                "private_key": _pem(_rsa()).decode(),
                "sub_account": HMS_ACCOUNT,
                "auth_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize",
                "token_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
            }
            _write(self.hms_account, json.dumps(account, indent=2).encode())
        known = json.loads(self.fcm_account.read_bytes()) if self.fcm_account.exists() else None
        account = known or {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": secrets.token_hex(20),
            "private_key": _pem(_rsa()).decode(),
            "client_email": EMAIL,
            "client_id": "100000000000000000001",
        }
        account["token_uri"] = token_uri
        _write(self.fcm_account, json.dumps(account, indent=2).encode())


def ec_key(octets: bytes) -> EcKey:
    """Read a key of P-256."""
    key = serialization.load_pem_private_key(octets, None)
    if not isinstance(key, EcKey):
        raise TypeError("a key of P-256 was expected")
    return key


def rsa_key(text: str) -> RsaKey:
    """Read an RSA key."""
    # It was made here, and checking it would take longer than all else at the start.
    key = serialization.load_pem_private_key(
        text.encode(), None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(key, RsaKey):
        raise TypeError("an RSA key was expected")
    return key


def _rsa() -> RsaKey:
    return rsa.generate_private_key(65_537, 2048)


def _pem(key: EcKey | RsaKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)
