"""The simulators' certificates say what they are for in the way our reader knows from Apple's."""

from pathlib import Path

from cryptography import x509

from examples.push_simulators.credentials import TOPIC, Credentials
from procall_mobility.protocols.push.apple_certificates import apple_certificate


def test_both_certificates_are_for_the_application_and_of_one_authority(tmp_path: Path) -> None:
    files = Credentials(tmp_path)
    files.make("https://127.0.0.1/token")
    authority = x509.load_pem_x509_certificate(files.apns_authority.read_bytes())
    certificates = [
        apple_certificate(file.read_bytes())
        for file in (files.apns_certificate, files.apns_next_certificate)
    ]
    for each in certificates:
        each.chain[0].verify_directly_issued_by(authority)
        assert each.topics == {TOPIC, f"{TOPIC}.voip", f"{TOPIC}.complication"}
        assert (each.is_for_production, each.is_for_sandbox) == (True, True)
    assert certificates[0].mark != certificates[1].mark


def test_certificates_stay_what_they_are(tmp_path: Path) -> None:
    files = Credentials(tmp_path)
    files.make("https://127.0.0.1/token")
    before = files.apns_certificate.read_bytes()
    files.make("https://127.0.0.1/token")
    assert files.apns_certificate.read_bytes() == before
